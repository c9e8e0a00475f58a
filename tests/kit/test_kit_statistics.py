"""SQLite's planner is told how large the tables are, and every connection learns it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.domain.parties.models import Sector, Source
from clientela.kit import statistics

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "FEW", 50)


def fill(count: int) -> None:
    start = Source.objects.count()
    Source.objects.bulk_create(Source(name=f"Source {start + number}") for number in range(count))


def counted() -> int:
    """The rows of the table of sources, as SQLite's planner knows them; 0 = not at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(CAST(stat AS integer)) FROM sqlite_stat1 WHERE tbl = %s", [TABLE])
        return cursor.fetchone()[0] or 0


TABLE = Source._meta.db_table


def test_a_table_is_counted_when_it_has_grown_and_not_before() -> None:
    if connection.vendor != "sqlite":
        return
    # given
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    statistics.refresh(connection)
    # when, then
    fill(statistics.FEW)
    assert TABLE in statistics.refresh(connection)
    assert counted() == Source.objects.count()
    assert TABLE not in statistics.refresh(connection)
    fill(3 * statistics.FEW)
    assert TABLE in statistics.refresh(connection)
    assert counted() == Source.objects.count()


def test_small_tables_are_counted_beside_a_large_one_only() -> None:
    if connection.vendor != "sqlite":
        return
    # given
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1 WHERE tbl = %s", [Sector._meta.db_table])
        cursor.execute("DELETE FROM sqlite_sequence WHERE seq >= %s", [statistics.FEW])
    Sector.objects.create(name="Quarries")
    # when, then
    assert statistics.refresh(connection) == []
    fill(statistics.FEW)
    assert Sector._meta.db_table in statistics.refresh(connection)


def test_nothing_is_asked_where_the_database_counts_by_itself() -> None:
    if connection.vendor == "sqlite":
        return
    with CaptureQueriesContext(connection) as queries:
        assert statistics.refresh(connection) == []
    assert queries.captured_queries == []


def test_other_connections_see_that_something_changed() -> None:
    if connection.vendor != "sqlite":
        return
    # given
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("PRAGMA schema_version")
        before = cursor.fetchone()[0]
    # when
    fill(10 * statistics.FEW)
    statistics.refresh(connection)
    # then
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA schema_version")
        assert cursor.fetchone()[0] > before


def test_a_connection_that_is_told_plans_anew(tmp_path: Path) -> None:
    """What `refresh` counts on: SQLite reads the counts again when tables have changed, not before."""
    # given
    writer, reader = (sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None) for _each in range(2))
    writer.executescript("CREATE TABLE t (a, b, c); CREATE INDEX t_b ON t (b); CREATE INDEX t_a ON t (a);")
    writer.executemany("INSERT INTO t VALUES (1, ?, 1)", [(number,) for number in range(1000)])
    writer.executescript("ANALYZE; DELETE FROM sqlite_stat1")
    assert "t_a" in plan(reader, 1)
    # when
    writer.execute("ANALYZE t")
    stale = plan(reader, 2)
    writer.executescript("BEGIN; CREATE TABLE changed (id); DROP TABLE changed; COMMIT")
    told = plan(reader, 3)
    # then
    assert "t_a" in stale
    assert "t_b" in told


def plan(asked: sqlite3.Connection, number: int) -> str:
    """How a query is answered; its text is a new one each time, as one that is kept is not planned again."""
    asked.execute(f"SELECT count(*) FROM t LIMIT {number}").fetchall()
    explained = asked.execute(f"EXPLAIN QUERY PLAN SELECT count(c) + {number} FROM t WHERE a = 1 AND b = 5")
    return str(explained.fetchall()[0][3])
