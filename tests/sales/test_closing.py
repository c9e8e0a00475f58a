"""When a deal counts as closed."""

from __future__ import annotations

import datetime as dt

import pytest

from clientela.access.actor import actor_of
from clientela.domain.sales.models import LostReason, Opportunity, Stage
from clientela.records import registry, urlnames, write
from clientela.records.changes import Operation, Source
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("stage", "close", "closed"),
    [
        ("Ganada", dt.date(2023, 6, 17), dt.datetime(2023, 6, 17, 12, tzinfo=dt.UTC)),
        ("Perdida", dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)),
        ("Negociación", dt.date(2023, 6, 17), None),
    ],
)
def test_a_deal_entered_closed_was_closed_on_its_date(
    stage: str, close: dt.date, closed: dt.datetime | None, cast: Cast
) -> None:
    # when
    values = {"name": "Old deal", "stage": Stage.objects.get(name=stage).pk, "close_date": close.isoformat()}
    made = write.create(
        registry.get("opportunity"), values, operation=Operation(actor_of(cast.owner), Source("test"))
    )
    # then
    assert Opportunity.objects.get(pk=made.pk).closed_at == closed


def test_a_deal_won_now_closes_now(cast: Cast) -> None:
    # given
    spec, made = registry.get("opportunity"), Operation(actor_of(cast.owner), Source("test"))
    deal = write.create(spec, {"name": "Open deal", "close_date": "2023-06-17"}, operation=made)
    before = dt.datetime.now(dt.UTC)
    # when
    won = Stage.objects.get(name="Ganada")
    write.change(spec, deal, {"stage": won.pk}, operation=Operation(made.actor, made.source))
    # then
    closed = Opportunity.objects.get(pk=deal.pk).closed_at
    assert closed is not None
    assert before <= closed <= dt.datetime.now(dt.UTC)


def test_a_deal_is_lost_by_no_way_without_its_reason(cast: Cast, signed_in) -> None:
    # given
    spec, lost = registry.get("opportunity"), Stage.objects.get(name="Perdida")
    deal = samples.make(spec, cast.owner)
    before, client, program = ways.saved(spec, deal.pk), signed_in(cast.owner), ways.Program(cast.owner)
    chosen = {"do": "field", "field": "stage", "stage": lost.pk, "ids": [deal.pk], "confirmed": "1"}
    # when
    answers = [
        program.patch(spec, deal.pk, {"stage": lost.pk}),
        client.post(urlnames.part_url(spec, deal.pk, "field", "stage"), {"stage": lost.pk}),
        client.post(urlnames.view_url(spec, "bulk"), chosen),
    ]
    # then
    assert "asks for the reason" in answers[0].json()["errors"]["stage"][0]
    assert ["asks for the reason" in ways.body_of(answer) for answer in answers[1:]] == [True, True]
    assert ways.saved(spec, deal.pk) == before
    # but with it
    reason = LostReason.objects.first()
    assert reason is not None
    given = {"stage": lost.pk, "lost_reason": reason.pk}
    assert program.patch(spec, deal.pk, given).status_code == 200
    # and one that comes in lost, as from another system, may not know it
    assert program.post(spec, {"name": "Old deal", "stage": lost.pk}).status_code == 201
