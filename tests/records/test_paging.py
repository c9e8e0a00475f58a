"""A page of a long list is the same however its rows are found, and few of them are read for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account, Source
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.lists import listing, paging, table
from tests.cast import Cast
from tests.records.deals import deal, deals, names, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
OWN = ("name", "-name", "close_date", "-amount", "amount", "-created_at", "")
LINKED = ("stage", "owner", "-owner", "account", "-account", "source")
MANY = 3000


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every table counts as large; whoever sees more than four rows sees many."""
    monkeypatch.setattr(paging, "LARGE", 1)
    monkeypatch.setattr(paging, "FEW", 4)
    paging._sizes.clear()
    yield
    paging._sizes.clear()


@pytest.fixture
def thirty(cast: Cast, stages: list[Stage]) -> None:
    """Three of the teammate's, nine of nobody's, the rest the outsider's; most have accounts."""
    accounts = [
        Account.objects.create(name=f"Áridos {number % 3}", owner=owner)
        for number, owner in enumerate((cast.teammate, cast.outsider, None, cast.outsider, cast.owner))
    ]
    sources = [Source.objects.create(name=name) for name in ("Web", "Fair")]
    for number in range(30):
        owner = cast.teammate if number % 10 == 3 else cast.outsider if number % 10 < 7 else None
        day = dt.date(2026, 3, number % 7 + 1) if number % 5 else None
        amount = number % 4 * 100 if number % 3 else None
        account = accounts[number % 5] if number % 4 else None
        more = {"account": account, "source": sources[number % 2] if number % 7 > 3 else None}
        deal(cast, stages[number % 2], f"D{number * 7 % 30:02}", amount, owner=owner, close_date=day, **more)


@pytest.mark.usefixtures("thirty")
@pytest.mark.parametrize("sort", OWN + LINKED)
@pytest.mark.parametrize("person", ["owner", "outsider", "admin"])
def test_pages_are_the_same_either_way(
    person: str, sort: str, cast: Cast, request: pytest.FixtureRequest
) -> None:
    # given
    user = getattr(cast, person)
    given = [
        {"sort": sort, "size": 25 if page < 3 else 10, "page": page, **more}
        for page in (1, 2, 3)
        for more in ({}, {"group": "stage"}, {"filter": {"field": "amount", "op": "gt", "value": 50}})
    ]
    plain = [names(cast, user, **each) for each in given]
    # when
    request.getfixturevalue("large")
    found = [names(cast, user, **each) for each in given]
    # then
    assert found == plain
    assert any(plain)


@pytest.mark.usefixtures("large")
def test_who_sees_few_rows_does_not_walk_through_all(cast: Cast, stages: list[Stage]) -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL's planner looks after this
    # given
    fill(cast.outsider, stages)
    for number in (3, 1, 2):
        deal(cast, stages[0], f"Own {number}")
    # when
    steps = steps_of_a_page(cast, cast.owner)
    # then
    assert names(cast, cast.owner, sort="name") == ["Own 1", "Own 2", "Own 3"]
    assert steps < MANY


@pytest.mark.usefixtures("large")
def test_who_sees_many_rows_does_not_sort_them(cast: Cast, stages: list[Stage]) -> None:
    if connection.vendor != "sqlite":
        return
    # given
    fill(cast.owner, stages)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    # when
    steps = steps_of_a_page(cast, cast.owner)
    # then
    assert (
        names(cast, cast.owner, sort="name", size=25) == sorted(f"Deal {each}" for each in range(MANY))[:25]
    )
    assert steps < 2 * MANY


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("sort", ["account", "-account", "source", "amount"])
@pytest.mark.parametrize("person", ["owner", "admin"])
def test_sorted_over_a_link_or_by_what_may_be_missing_few_rows_are_read(
    person: str, sort: str, cast: Cast, stages: list[Stage]
) -> None:
    # given
    accounts = Account.objects.bulk_create(
        Account(name=f"Account {number}", owner=cast.owner) for number in range(MANY // 5)
    )
    sources = [Source.objects.create(name=f"Source {number}") for number in range(MANY // 30)]
    fill(cast.owner, stages, accounts, sources)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    # when
    steps, read = cost_of_a_page(cast, getattr(cast, person), sort)
    # then
    assert len(names(cast, getattr(cast, person), sort=sort, size=25)) == 25
    assert steps < 2 * MANY
    assert read < MANY // 2 or person == "owner"  # whose few thousand PostgreSQL rather sorts


@pytest.mark.usefixtures("large")
def test_the_records_before_and_after_one_are_found_as_the_page_of_their_list(
    cast: Cast, stages: list[Stage]
) -> None:
    # given
    for number, name in enumerate(("Beta", "Alfa", "Gamma")):
        deal(cast, stages[0], name, account=Account.objects.create(name=f"{number % 2} {name}"))
    shown = [Opportunity.objects.get(name=name) for name in names(cast, sort="account")]
    # when
    near = listing.neighbours(deals(), actor_of(cast.owner), "view=all&sort=account", shown[1].pk)
    # then
    assert [each.name for each in shown] == ["Beta", "Gamma", "Alfa"]
    assert near.previous.partition("?")[0].endswith(f"/{shown[0].pk}/")
    assert near.next.partition("?")[0].endswith(f"/{shown[2].pk}/")
    assert (near.place, near.count) == (2, 3)


def fill(
    owner: User, stages: list[Stage], accounts: Sequence[Account] = (), sources: Sequence[Source] = ()
) -> None:
    """Thousands of deals of one person."""
    Opportunity.objects.bulk_create(
        Opportunity(
            name=f"Deal {number}",
            owner=owner,
            stage=stages[number % 2],
            pipeline=stages[0].pipeline,
            account=accounts[number % len(accounts)] if accounts else None,
            source=sources[number % len(sources)] if sources else None,
            amount_base=number * 37 % 900,
        )
        for number in range(MANY)
    )


def steps_of_a_page(cast: Cast, user: User) -> int:
    """Instructions that SQLite follows for a page by name; one row costs some ten to read and compare."""
    return cost_of_a_page(cast, user, "name")[0]


def cost_of_a_page(cast: Cast, user: User, sort: str) -> tuple[int, int]:
    """Instructions that SQLite follows for a page, or rows that the plan of PostgreSQL touches."""
    actor, shown = actor_of(user), state(cast, sort=sort, size=25)
    table.table_for(shown, actor)
    if connection.vendor != "sqlite":
        return 0, _touched(lambda: table.table_for(shown, actor))
    steps: list[None] = []
    connection.connection.set_progress_handler(lambda: steps.append(None), 100)
    table.table_for(shown, actor)
    connection.connection.set_progress_handler(None, 100)
    return len(steps) * 100, 0


def _touched(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + queries.captured_queries[-1]["sql"])
        return _rows_of(cursor.fetchone()[0][0]["Plan"])


def _rows_of(plan: dict[str, Any]) -> int:
    """Of a plan and all it is made of."""
    inner = sum(_rows_of(each) for each in plan.get("Plans", ()))
    return inner + int(plan["Actual Rows"] * plan["Actual Loops"])
