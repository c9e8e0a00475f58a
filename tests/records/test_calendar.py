"""The calendar of a list."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.lists import listing
from clientela.platform.looks import month
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db


def make(person, **values):
    spec = registry.get("opportunity")
    return write.create(spec, values, operation=Operation(actor_of(person), PAGE))


def shown(person, first=date(2026, 3, 1), path="close_date"):
    spec, actor = registry.get("opportunity"), actor_of(person)
    with translation.override("en"):
        return month.month_of(listing.read(spec, actor, "view=all"), actor, path, first)


def day_of(found, day):
    return next(each for week in found.weeks for each in week.days if each.date == day)


def test_records_stand_on_their_day_and_weeks_add_up(cast):
    make(cast.owner, name="A", amount="100", close_date="2026-03-31")
    make(cast.owner, name="B", amount="50", close_date="2026-04-01")
    make(cast.owner, name="C", amount="25", close_date="2026-03-02")
    make(cast.owner, name="D", amount="1", close_date="2026-05-20")

    found = shown(cast.owner)

    assert [entry.title for entry in day_of(found, date(2026, 3, 31)).entries] == ["A"]
    assert [entry.title for entry in day_of(found, date(2026, 4, 1)).entries] == ["B"]
    assert not day_of(found, date(2026, 4, 1)).inside
    assert [week.sums.count for week in found.weeks] == [0, 1, 0, 0, 0, 2]
    assert found.weeks[-1].sums.texts[0] == ("Amount", "€150")
    assert [week.sums.percent for week in found.weeks][1] == 16.7
    assert (found.sums.count, found.sums.texts[0]) == (2, ("Amount", "€125"))
    assert (found.before, found.after) == ("2026-02", "2026-04")


def test_the_legend_stands_in_the_order_of_the_steps(cast):
    stages = list(Stage.objects.filter(kind="open").order_by("pipeline", "position"))
    for day, stage in enumerate(reversed(stages), 1):
        deal = make(cast.owner, name=stage.name, close_date=f"2026-03-{day:02}")
        Opportunity.objects.filter(pk=deal.pk).update(stage=stage)

    assert len(stages) > 2
    assert [label for _color, label in shown(cast.owner).legend] == [stage.name for stage in stages]


def test_a_full_day_shows_three_and_leads_to_the_rest(cast, signed_in):
    for number in range(5):
        make(cast.owner, name=f"Deal {number}", close_date="2026-03-17")

    day = day_of(shown(cast.owner), date(2026, 3, 17))

    assert (len(day.entries), day.more) == (3, 2)
    page = signed_in(cast.owner).get(day.url).content.decode()
    assert page.count("data-row") >= 5


def test_only_what_may_be_changed_can_be_moved(cast):
    make(cast.owner, name="Mine", close_date="2026-03-17")
    make(cast.teammate, name="Theirs", close_date="2026-03-17")
    make(cast.outsider, name="Hidden", close_date="2026-03-17")

    entries = {
        entry.title: bool(entry.move_url) for entry in day_of(shown(cast.owner), date(2026, 3, 17)).entries
    }

    assert entries == {"Mine": True, "Theirs": False}


def test_moving_it_to_another_day_is_an_edit_of_its_date(cast, signed_in):
    deal = make(cast.owner, name="Mine", close_date="2026-03-17")
    entry = day_of(shown(cast.owner), date(2026, 3, 17)).entries[0]

    answer = signed_in(cast.owner).post(entry.move_url, {"close_date": "2026-03-20"})

    assert answer.status_code == 200
    assert Opportunity.objects.get(pk=deal.pk).close_date == date(2026, 3, 20)


def test_a_moment_is_on_the_day_of_the_reader(cast):
    make(cast.owner, name="Mine")
    Opportunity.objects.update(created_at="2026-03-16T23:30:00Z")
    cast.owner.time_zone = "Europe/Madrid"

    found = shown(cast.owner, path="created_at")

    assert [entry.title for entry in day_of(found, date(2026, 3, 17)).entries] == ["Mine"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?month=2026-03",
        "?month=2026-13",
        "?month=nonsense",
        "?month=0001-01",
        "?month=9999-12",
        "?date=nonsense",
        "?filter={",
    ],
)
def test_the_page_bears_any_address(cast, signed_in, query):
    make(cast.owner, name="Deal", close_date="2026-03-17")

    assert signed_in(cast.owner).get(f"/opportunities/calendar/{query}").status_code == 200


def test_records_without_a_date_have_no_calendar(cast, signed_in):
    assert signed_in(cast.owner).get("/accounts/calendar/").status_code == 404


def test_the_queries_do_not_grow_with_the_records(cast, signed_in, django_assert_max_num_queries):
    for number in range(30):
        make(cast.owner, name=f"D{number}", close_date=date(2026, 3, 1 + number % 28))
    client = signed_in(cast.owner)

    with django_assert_max_num_queries(12):
        assert client.get("/opportunities/calendar/?view=all&month=2026-03").status_code == 200
