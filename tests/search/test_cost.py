"""What SQLite reads for a search does not grow with the entries of other kinds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Q

from clientela.domain.parties.models import Account
from clientela.platform.search import index, pool
from clientela.platform.search.lookups import Sought
from clientela.platform.search.models import Entry
from clientela.records import registry

pytestmark = pytest.mark.django_db
MANY = 300


@pytest.fixture
def accounts() -> None:
    """Many with one word, and no lead."""
    Account.objects.bulk_create(Account(name=f"Áridos Duero {number}") for number in range(MANY))
    index.rebuild([registry.get("account")])


@pytest.mark.usefixtures("accounts")
def test_a_kind_that_never_had_an_entry_is_not_looked_for_among_all() -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL has the kind in its index
    # given
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_kind WHERE record = 'lead'")
    # when
    found, steps = counted(lambda: pool.holding([(Sought("lead", ["duero"]), Q())], 5))
    # then
    assert found == []
    assert steps < MANY


@pytest.mark.usefixtures("accounts")
def test_titles_are_looked_up_by_their_beginning() -> None:
    if connection.vendor != "sqlite":
        return
    # given: a planner that knows nothing prefers to read all entries of each kind
    seen = Q(record="account", owner=None) | Q(record="contact", owner=None) | Q(record__in=["note"])
    # when
    found, steps = counted(lambda: pool.beginning("zzz", seen, 5))
    # then
    assert found == []
    assert steps < MANY


def counted(search: Callable[[], list[Entry]]) -> tuple[list[Entry], int]:
    """What is found, and after how many instructions of SQLite, in hundreds."""
    steps: list[None] = []
    search()
    connection.connection.set_progress_handler(lambda: steps.append(None), 100)
    found = search()
    connection.connection.set_progress_handler(None, 100)
    return found, len(steps) * 100
