"""Groups and totals of a list: counted, summed, closed, paged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.lists import listing, table, totals
from clientela.records import display, query, refs, registry
from tests.cast import Cast
from tests.records.deals import deal, deals, names, state

SignIn = Callable[[User], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_groups_count_and_sum_and_can_be_closed(cast: Cast, stages: list[Stage]):
    deal(cast, stages[1], "Second", 20)
    deal(cast, stages[0], "First", 10)
    deal(cast, stages[0], "Also first", 30)
    actor = actor_of(cast.owner)
    grouped = state(cast, group="stage", sort="name")
    shown = table.table_for(grouped, actor)
    told = [
        (group.shown.text, group.count, group.sums["amount"][1]) for group, _rows in shown.blocks if group
    ]
    assert told == [("Talks", 2, "€40"), ("Offer", 1, "€20")]
    assert [cells[0].text for _id, cells in shown.rows] == ["Also first", "First", "Second"]
    group = shown.blocks[0][0]
    assert group is not None
    closed = listing.read(deals(), actor, urlsplit(table.toggled(grouped, group)).query)
    folded = table.table_for(closed, actor)
    assert [len(rows) for _group, rows in folded.blocks] == [0, 1]
    assert [cells[0].text for _id, cells in folded.rows] == ["Second"]


@pytest.mark.parametrize("period", ["month", "quarter", "year"])
def test_every_groupable_field_groups(cast: Cast, stages: list[Stage], period: str):
    deal(cast, stages[0], "Loader")
    actor = actor_of(cast.admin)
    for spec in registry.every():
        for path, ref in refs.fields_of(spec).items():
            if ref.kind.groups and ref.expression is None:
                shown = table.table_for(listing.read(spec, actor, f"view=all&group={path}:{period}"), actor)
                assert shown.error == "", (spec.key, path)
                assert sum(group.count for group, _rows in shown.blocks if group) >= len(shown.rows)


@pytest.mark.parametrize(
    "group",
    ["close_date:month", "close_date:quarter", "close_date:year", "owner", "stage", "created_at:month"],
)
def test_pages_of_groups_hold_each_row_once_in_the_order_of_one_page(
    cast: Cast, stages: list[Stage], group: str
):
    dates = [dt.date(2026, 1, 1), dt.date(2026, 1, 31), dt.date(2026, 4, 1), dt.date(2027, 12, 31), None]
    for number in range(15):
        owner = cast.teammate if number % 3 == 0 else cast.owner
        deal(cast, stages[number % 2], f"Deal {number:02}", close_date=dates[number % 5], owner=owner)
    whole = names(cast, group=group, sort="name")
    paged = [
        row for page in range(1, 6) for row in _small_page(cast, group=group, sort="name", page=str(page))
    ]
    assert len(whole) == len(set(whole)) == 15
    assert paged == whole


def _small_page(cast: Cast, **given: Any) -> list[str]:
    shown = table.table_for(replace(state(cast, **given), size=4), actor_of(cast.owner))
    return [cells[0].text for _record_id, cells in shown.rows]


def test_dates_are_grouped_by_their_month_and_a_closed_month_hides_its_rows(cast: Cast, stages: list[Stage]):
    deal(cast, stages[0], "March", close_date=dt.date(2026, 3, 2))
    deal(cast, stages[0], "April", close_date=dt.date(2026, 4, 2))
    deal(cast, stages[0], "Never", close_date=None)
    shown = table.table_for(state(cast, group="close_date:month"), actor_of(cast.owner))
    assert [group.shown.text for group, _rows in shown.blocks if group] == ["March 2026", "April 2026", ""]
    assert names(cast, group="close_date:month", closed="2026-03-01,-") == ["April"]


def test_totals_follow_the_filter_and_the_chosen_aggregate(
    cast: Cast, stages: list[Stage], signed_in: SignIn
):
    deal(cast, stages[0], "One", 10)
    deal(cast, stages[0], "Two", 30)
    outside = deal(cast, stages[0], "Foreign", 999)
    Opportunity.objects.filter(pk=outside.pk).update(owner=cast.outsider)
    client = signed_in(cast.owner)
    page = client.get("/opportunities/totals/", {"view": "all"}).content.decode()
    assert "2 records" in page
    assert "€40" in page
    assert "999" not in page
    page = client.get("/opportunities/totals/", {"view": "all", "totals": "amount:avg"}).content.decode()
    assert "Average" in page
    assert "€20" in page


def test_amounts_of_unlike_currencies_are_not_added_up(cast: Cast):
    Account.objects.create(name="Here", annual_revenue=Decimal(100), currency="EUR", owner=cast.owner)
    Account.objects.create(name="There", annual_revenue=Decimal(300), currency="USD", owner=cast.owner)
    spec = registry.get("account")
    pairs = totals.wanted([refs.resolve(spec, "annual_revenue")], ())
    reader = display.reader_for(actor_of(cast.owner))
    found = totals.of(query.visible(spec, actor_of(cast.owner)), pairs, reader)
    assert found["annual_revenue"][1] == "€100 + $300"


def test_a_count_is_capped_and_exact_on_demand(
    cast: Cast, stages: list[Stage], signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    for number in range(4):
        deal(cast, stages[0], f"Deal {number}")
    monkeypatch.setattr(query, "COUNT_CAP", 3)
    client = signed_in(cast.owner)
    page = client.get("/opportunities/totals/", {"view": "all"}).content.decode()
    assert '<span id="list-count" hx-swap-oob="true">3+</span>' in page
    page = client.get("/opportunities/totals/", {"view": "all", "exact": "1"}).content.decode()
    assert '<span id="list-count" hx-swap-oob="true">4</span>' in page
