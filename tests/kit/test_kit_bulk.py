"""Many rows go into a table with few statements, all of them and as they are."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clientela.domain.parties.models import Source
from clientela.kit import bulk
from clientela.platform.search.models import Entry

COLUMNS = ("record", "record_id", "label", "subtitle", "title", "text")
ROWS = 2 * bulk.PART + 1
pytestmark = pytest.mark.django_db


def entries(count: int) -> list[tuple[object, ...]]:
    return [("account", number, f"Á {number}", "", f"a {number}", f"a {number}") for number in range(count)]


def test_every_row_is_there_after_few_statements() -> None:
    # when
    with CaptureQueriesContext(connection) as queries:
        bulk.insert(connection, Entry._meta.db_table, COLUMNS, iter(entries(ROWS)))
    # then: a statement a row would make the table of words write all it holds back, each time
    assert len(queries) <= 3
    found = Entry.objects.filter(record="account").order_by("record_id").values_list(*COLUMNS)
    assert list(found) == entries(ROWS)


def test_no_rows_are_no_statement() -> None:
    bulk.insert(connection, Entry._meta.db_table, COLUMNS, [])
    assert not Entry.objects.exists()


def test_one_bad_row_is_told_as_django_tells_it() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(connection, Source._meta.db_table, ("id", "name"), [(9001, "One"), (9001, "Two")])
    assert not Source.objects.filter(pk=9001).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_memory_is_spared_for_a_while_and_not_longer_even_when_it_went_wrong() -> None:
    if connection.vendor != "sqlite":
        return
    # given
    before = pragmas()
    assert before != (0, 1)
    # when
    with pytest.raises(ZeroDivisionError):
        fail_sparing()
    # then
    assert pragmas() == before


def test_inside_a_transaction_nothing_is_changed() -> None:
    before = pragmas() if connection.vendor == "sqlite" else ()
    with bulk.sparing(connection):
        assert (pragmas() if connection.vendor == "sqlite" else ()) == before


def fail_sparing() -> None:
    with bulk.sparing(connection):
        assert pragmas() == (0, 1)
        raise ZeroDivisionError


def pragmas() -> tuple[int, ...]:
    """How much of the file is mapped, and where temporary things are (1 = in files, 2 = in memory)."""
    with connection.cursor() as cursor:
        found: list[int] = []
        for name in ("mmap_size", "temp_store"):
            cursor.execute(f"PRAGMA {name}")
            found += cursor.fetchone() or (0,)
    return tuple(found)
