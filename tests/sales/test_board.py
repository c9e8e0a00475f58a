"""The board of deals: columns, sums, pages, moves and who may make them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Currency
from clientela.domain.sales.models import LostReason, Opportunity, Pipeline, Stage, StageKind
from clientela.records import registry, write
from clientela.records.changes import Operation, Source
from tests.cast import Cast

BOARD = "/opportunities/board/"
TEST = Source("test")


def stage(name: str) -> Stage:
    return Stage.objects.get(name=name, pipeline__name="Ventas")


def deal(owner: Any, name: str = "Deal", **values: Any) -> Opportunity:
    made = write.create(
        registry.get("opportunity"),
        {"name": name, "owner": owner.pk, "stage": stage("Nuevo contacto").pk, **values},
        operation=Operation(actor_of(owner), TEST),
    )
    assert isinstance(made, Opportunity)
    return made


def other_pipeline() -> Stage:
    pipeline = Pipeline.objects.create(name="Rental", position=9)
    return Stage.objects.create(pipeline=pipeline, name="Asked", probability=20)


def move(client: Any, record: Opportunity, to: Any, **more: Any) -> Any:
    return client.post(
        f"/opportunities/{record.pk}/board/", {"to": to, **more}, headers={"HX-Request": "true"}
    )


def undo(client: Any, response: Any) -> None:
    found = re.search(r'"undo_url": "([^"]+)"', response.headers["HX-Trigger"])
    assert found is not None
    assert client.post(found[1]).status_code == 204


def card_ids(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-card="(\d+)"', html)]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def column(html: str, lane: Stage) -> str:
    start = html.index(f'data-lane="{lane.pk}"')
    return html[start : html.index("</section>", start)]


def test_a_column_holds_its_deals_with_count_sum_and_weighted_sum(cast: Cast, signed_in):
    first, second = stage("Nuevo contacto"), stage("Presupuesto")
    deal(cast.owner, "Cheap", amount="1000", currency="EUR", stage=first.pk)
    deal(cast.owner, "Dear", amount="3000", currency="EUR", stage=first.pk, probability="50")
    quoted = deal(cast.owner, "Quoted", amount="500", currency="EUR", stage=second.pk)

    html = signed_in(cast.owner).get(BOARD).text

    head = text_of(column(html, first)).split("See")[0]
    assert "€4,000" in head
    assert "weight. €1,600 · 10%" in head
    assert f'<span class="count" id="lane-count-{first.pk}">2</span>' in html
    assert card_ids(column(html, second)) == [quoted.pk]
    assert card_ids(column(html, stage("Negociación"))) == []


def test_deals_in_several_currencies_add_up_in_the_company_s(cast: Cast, signed_in):
    # given
    Currency.objects.update_or_create(code="USD", defaults={"rate": Decimal("0.925")})
    Currency.objects.update_or_create(code="COP", defaults={"rate": Decimal("0.00023")})
    first = stage("Nuevo contacto")
    deal(cast.owner, "Here", amount="1000.40", currency="EUR")
    deal(cast.owner, "North", amount="1234.56", currency="USD")  # 1141.968, so 1141.97
    deal(cast.owner, "South", amount="10000000", currency="COP", probability="50")  # 2300
    deal(cast.owner, "Unknown")
    # when
    html = signed_in(cast.owner).get(BOARD).text
    # then
    assert dict(Opportunity.objects.values_list("name", "amount_base")) == {
        "Here": Decimal("1000.40"),
        "North": Decimal("1141.97"),
        "South": Decimal("2300.00"),
        "Unknown": None,
    }
    head = text_of(column(html, first)).split("See")[0]
    assert "€4,442" in head  # 4442.37
    assert "weight. €1,364 · 10%" in head  # 100.04 + 114.197 + 1150 = 1364.237
    assert f'<span class="count" id="lane-count-{first.pk}">4</span>' in html
    # when a deal in dollars moves on, both heads follow
    north, second = Opportunity.objects.get(name="North"), stage("Presupuesto")
    answer = move(signed_in(cast.owner), north, second.pk, **{"from": first.pk})
    # then
    told = text_of(answer.text)
    assert "€3,300" in told  # 3300.40
    assert "€1,142" in told


def test_closed_stages_are_no_columns_and_their_deals_no_cards(cast: Cast, signed_in):
    won = deal(cast.owner, stage=stage("Ganada").pk)

    html = signed_in(cast.owner).get(f"{BOARD}?view=all").text

    assert won.pk not in card_ids(html)
    assert f'data-lane="{stage("Ganada").pk}"' not in html


def test_a_sheet_shows_one_pipeline_only(cast: Cast, signed_in):
    here, asked = deal(cast.owner, "Here"), other_pipeline()
    there = deal(cast.owner, "There", stage=asked.pk)
    client = signed_in(cast.owner)

    assert card_ids(client.get(BOARD).text) == [here.pk]
    assert card_ids(client.get(f"{BOARD}?sheet={asked.pipeline_id}").text) == [there.pk]
    assert client.get(f"{BOARD}?lane={asked.pk}&after=0&left=1").status_code == 404


def test_the_board_follows_the_list_it_is_of(cast: Cast, signed_in):
    deal(cast.owner, "Crane")
    wanted = deal(cast.owner, "Forklift")

    html = signed_in(cast.owner).get(f"{BOARD}?q=Forklift").text

    assert card_ids(html) == [wanted.pk]


def test_a_filter_that_cannot_be_followed_shows_no_card_and_says_so(cast: Cast, signed_in):
    deal(cast.owner)

    response = signed_in(cast.owner).get(BOARD, {"filter": '{"field": "nothing", "op": "is"}'})

    assert response.status_code == 200
    assert card_ids(response.text) == []
    assert "This filter cannot be followed" in response.text


def test_a_column_comes_by_pages_without_gaps_or_repeats(cast: Cast, signed_in):
    today = dt.date(2026, 3, 1)
    dates = [None, *(today + dt.timedelta(days=place // 3) for place in range(59))]
    made = [
        deal(cast.owner, f"Deal {place}", close_date=date and date.isoformat(), amount=str(place % 4 or ""))
        if place % 4
        else deal(cast.owner, f"Deal {place}", close_date=date and date.isoformat())
        for place, date in enumerate(dates)
    ]
    client = signed_in(cast.owner)

    html = column(client.get(BOARD).text, stage("Nuevo contacto"))
    seen = card_ids(html)
    assert len(seen) == 25
    assert "See 35 more" in html
    while (more := re.search(r'hx-get="([^"]+lane=[^"]+)"', html)) is not None:
        html = client.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
        seen += card_ids(html)

    expected = sorted(
        made,
        key=lambda each: (
            each.close_date is None,
            each.close_date or today,
            each.amount_base is None,
            -(each.amount_base or 0),
            each.pk,
        ),
    )
    assert seen == [each.pk for each in expected]


def test_paging_goes_on_where_the_last_card_was_moved_or_deleted(cast: Cast, signed_in):
    deal(cast.owner)
    client = signed_in(cast.owner)

    gone = client.get(f"{BOARD}?lane={stage('Nuevo contacto').pk}&after=999999&left=1")

    assert gone.status_code == 200
    assert client.get(f"{BOARD}?lane={stage('Nuevo contacto').pk}&after=x&left=1").status_code == 404


def test_a_deal_too_long_in_its_stage_is_marked(cast: Cast, signed_in):
    lane = stage("Nuevo contacto")
    fresh, old = deal(cast.owner, "Fresh"), deal(cast.owner, "Old")
    Opportunity.objects.filter(pk=fresh.pk).update(stage_since=timezone.now() - dt.timedelta(days=14))
    Opportunity.objects.filter(pk=old.pk).update(stage_since=timezone.now() - dt.timedelta(days=15, hours=1))

    cards = {
        int(card.split('"', 1)[0]): card
        for card in column(signed_in(cast.owner).get(BOARD).text, lane).split('data-card="')[1:]
    }

    assert "data-rotting" in cards[old.pk]
    assert "15 days in this column" in cards[old.pk]
    assert "data-rotting" not in cards[fresh.pk]


def test_a_past_close_date_is_told_in_red(cast: Cast, signed_in):
    deal(cast.owner, close_date="2020-01-31")

    html = signed_in(cast.owner).get(BOARD).text

    assert '<span data-tone="danger" title="Past"><time datetime="2020-01-31">' in html


def test_moving_a_card_answers_the_new_heads_the_card_and_a_way_back(cast: Cast, signed_in):
    moved, target = deal(cast.owner, amount="1000", currency="EUR"), stage("Presupuesto")
    client = signed_in(cast.owner)

    response = move(client, moved, target.pk, **{"from": moved.stage_id})

    assert response.status_code == 200
    moved.refresh_from_db()
    assert moved.stage_id == target.pk
    assert f'id="lane-count-{target.pk}" hx-swap-oob="true">1<' in response.text
    assert f'id="lane-count-{stage("Nuevo contacto").pk}" hx-swap-oob="true">0<' in response.text
    assert card_ids(response.text) == [moved.pk]
    toast = response.headers["HX-Trigger"]
    assert "Moved to Presupuesto" in toast

    undo(client, response)
    moved.refresh_from_db()
    assert moved.stage.name == "Nuevo contacto"
    assert moved.stage_spans.count() == 1


def test_a_card_that_leaves_the_list_is_taken_away(cast: Cast, signed_in):
    moved, here = deal(cast.owner), stage("Nuevo contacto")
    filtered = f'{{"field": "stage", "op": "in", "value": [{here.pk}]}}'

    response = signed_in(cast.owner).post(
        f"/opportunities/{moved.pk}/board/?filter={filtered}", {"to": stage("Presupuesto").pk}
    )

    assert response.status_code == 200
    assert f'<li id="card-{moved.pk}" hx-swap-oob="delete">' in response.text


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("manager", 200), ("admin", 200), ("teammate", 403), ("reader", 403), ("outsider", 404)],
)
def test_who_may_move_a_card(cast: Cast, signed_in, who: str, status: int):
    moved = deal(cast.owner)
    before = moved.stage_id

    response = move(signed_in(getattr(cast, who)), moved, stage("Presupuesto").pk)

    assert response.status_code == status
    moved.refresh_from_db()
    assert moved.stage_id == (stage("Presupuesto").pk if status == 200 else before)
    assert moved.stage_spans.count() == (2 if status == 200 else 1)


def test_only_cards_one_may_move_can_be_dragged(cast: Cast, signed_in):
    deal(cast.owner)

    assert "data-fixed" not in signed_in(cast.owner).get(BOARD).text
    assert "data-fixed" in signed_in(cast.teammate).get(BOARD).text
    assert "data-fixed" in signed_in(cast.reader).get(BOARD).text
    assert card_ids(signed_in(cast.outsider).get(BOARD).text) == []


def test_a_card_that_somebody_moved_before_stays_where_it_is(cast: Cast, signed_in):
    moved = deal(cast.owner, stage=stage("Negociación").pk)

    response = move(signed_in(cast.owner), moved, stage("Presupuesto").pk, **{"from": "1"})

    assert (response.status_code, response.text) == (409, "Somebody moved it before you.")
    assert "clientela:refresh" in response.headers["HX-Trigger"]
    moved.refresh_from_db()
    assert moved.stage.name == "Negociación"


@pytest.mark.parametrize("to", ["", "0", "x", "Ganada"])
def test_a_card_goes_only_to_a_column(cast: Cast, signed_in, to: str):
    moved = deal(cast.owner)

    response = move(signed_in(cast.owner), moved, stage("Ganada").pk if to == "Ganada" else to)

    assert response.status_code == 422
    moved.refresh_from_db()
    assert moved.stage.name == "Nuevo contacto"


def test_winning_from_the_board_asks_what_is_missing_and_can_be_undone(cast: Cast, signed_in):
    bare = deal(cast.owner, "Bare")
    client = signed_in(cast.owner)
    url = f"/opportunities/{bare.pk}/action/win/"
    assert f'data-outcome-url="{url.replace(str(bare.pk), "__id__")}"' in client.get(BOARD).text

    asked = client.get(url).text
    assert 'name="amount"' in asked
    assert client.post(url, {}).status_code == 422
    done = client.post(url, {"amount": "1500", "currency": "EUR", "close_date": "2026-03-31"})

    assert done.status_code == 204
    bare.refresh_from_db()
    assert (bare.stage.kind, bare.amount) == (StageKind.WON, Decimal("1500"))
    assert bare.pk not in card_ids(client.get(BOARD).text)
    undo(client, done)
    bare.refresh_from_db()
    assert (bare.stage.name, bare.amount, bare.closed_at) == ("Nuevo contacto", None, None)


def test_losing_from_the_board_needs_the_reason(cast: Cast, signed_in):
    lost, reason = deal(cast.owner), LostReason.objects.get(name="Precio")
    client = signed_in(cast.owner)
    url = f"/opportunities/{lost.pk}/action/lose/"

    assert client.post(url, {}).status_code == 422
    lost.refresh_from_db()
    assert lost.stage.kind == StageKind.OPEN
    assert client.post(url, {"lost_reason": reason.pk, "comment": "Too dear"}).status_code == 204
    lost.refresh_from_db()
    assert (lost.stage.kind, lost.lost_reason) == (StageKind.LOST, reason)


def test_records_without_a_board_have_none(cast: Cast, signed_in):
    client = signed_in(cast.owner)

    assert client.get("/accounts/board/").status_code == 404
    assert client.post("/accounts/1/board/", {"to": "1"}).status_code == 404


def test_no_pipeline_no_columns(cast: Cast, signed_in):
    Stage.objects.all().delete()

    response = signed_in(cast.owner).get(BOARD)

    assert response.status_code == 200
    assert "This board has no columns yet" in response.text


def test_a_visitor_signs_in_first(db, client):
    assert client.get(BOARD).status_code == 302


def test_the_queries_of_a_board_are_as_few_with_thirty_deals_as_with_three(cast: Cast, signed_in):
    client = signed_in(cast.owner)
    lanes = ["Nuevo contacto", "Presupuesto", "Compromiso"]
    for place in range(3):
        deal(cast.owner, stage=stage(lanes[place]).pk)
    client.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD)
    for place in range(27):
        deal(cast.owner, stage=stage(lanes[place % 3]).pk)
    for place in range(4):
        Stage.objects.create(pipeline=stage("Compromiso").pipeline, name=f"More {place}", position=9)

    with CaptureQueriesContext(connection) as many:
        client.get(BOARD)

    assert len(few) == len(many) <= 9, [each["sql"] for each in many]
