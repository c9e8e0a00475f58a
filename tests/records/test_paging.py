"""A page of a long list is the same however its rows are found, and few of them are read for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.lists import paging, table
from tests.cast import Cast
from tests.records.deals import deal, names, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
SORTS = ("name", "-name", "close_date", "-amount", "stage", "owner", "-created_at", "")
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
    """Three of the teammate's, nine of nobody's, the rest the outsider's."""
    for number in range(30):
        owner = cast.teammate if number % 10 == 3 else cast.outsider if number % 10 < 7 else None
        day = dt.date(2026, 3, number % 7 + 1) if number % 5 else None
        amount = number % 4 * 100 if number % 3 else None
        deal(cast, stages[number % 2], f"D{number * 7 % 30:02}", amount, owner=owner, close_date=day)


@pytest.mark.usefixtures("thirty")
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("person", ["owner", "outsider", "admin"])
def test_pages_are_the_same_either_way(
    person: str, sort: str, cast: Cast, request: pytest.FixtureRequest
) -> None:
    # given
    user = getattr(cast, person)
    given = [
        {"sort": sort, "size": 25, "page": page, **more}
        for page in (1, 2)
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


def fill(owner: User, stages: list[Stage]) -> None:
    """Thousands of deals of one person."""
    Opportunity.objects.bulk_create(
        Opportunity(name=f"Deal {number}", owner=owner, stage=stages[number % 2], pipeline=stages[0].pipeline)
        for number in range(MANY)
    )


def steps_of_a_page(cast: Cast, user: User) -> int:
    """Instructions that SQLite follows for a page by name; one row costs some ten to read and compare."""
    actor, shown = actor_of(user), state(cast, sort="name", size=25)
    table.table_for(shown, actor)
    steps: list[None] = []
    connection.connection.set_progress_handler(lambda: steps.append(None), 100)
    table.table_for(shown, actor)
    connection.connection.set_progress_handler(None, 100)
    return len(steps) * 100
