"""What SQLite's planner goes by: how many rows its tables have and how far their indexes tell them apart.

Without it SQLite takes every index for one that finds ten rows, and a list of half a million deals is sorted
whole for each page. PostgreSQL counts by itself. See https://sqlite.org/lang_analyze.html.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from django.db import DatabaseError, transaction

EVERY = dt.timedelta(hours=1)
FEW = 1000
"""Where no table has so many rows, all are quick whatever the planner thinks."""
GROWN = 2
"""So many times the rows counted last, and they are counted again."""
LOOKED_AT = 100_000
"""Entries read of each index: a few tenths of a second for the largest table, while others may not write."""
_INDEXES = """SELECT tbl_name, name FROM sqlite_master
    WHERE type = 'index' AND sql IS NOT NULL AND sql NOT LIKE '%% WHERE %%'"""
_next: float = 0


def work(connection: Any) -> None:
    """`refresh` once an hour, for a worker that calls this every few seconds."""
    global _next
    if time.monotonic() >= _next:
        _next = time.monotonic() + EVERY.total_seconds()
        refresh(connection)


def refresh(connection: Any) -> list[str]:
    """Count the tables that have grown since, or were never counted; returns their names.

    A table at a time, so that nobody waits long. A database that is busy is left for the next time.
    """
    if connection.vendor != "sqlite":
        return []
    try:
        tables = _due(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
            for table in tables:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
        if tables:
            _tell(connection)
    except DatabaseError:
        logging.getLogger(__name__).warning("The tables could not be counted", exc_info=True)
        return []
    return tables


def _due(connection: Any) -> list[str]:
    """Tables that doubled, or have an index of which nothing is known: the small ones beside a large one too.

    A table that was never counted is taken for one of a million rows, and nothing begins with its few.
    """
    counted, known = _counted(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0 ORDER BY name")
        sizes = cursor.fetchall()
        if all(last < FEW for _table, last in sizes):
            return []
        cursor.execute(_INDEXES)
        fresh = {table for table, index in cursor.fetchall() if index not in known}
    return [table for table, last in sizes if table in fresh or last >= GROWN * counted.get(table, 0)]


def _counted(connection: Any) -> tuple[dict[str, int], set[str]]:
    """Rows by table as they were counted last, and the indexes of which something is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return {}, set()
        # The first number of `stat` is the table's rows.
        cursor.execute("SELECT tbl, idx, CAST(stat AS integer) FROM sqlite_stat1")
        found = cursor.fetchall()
    return {table: rows for table, _index, rows in found}, {index for _table, index, _rows in found}


def _tell(connection: Any) -> None:
    """Other connections read the counts again when they see that the tables have changed."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE statistics_changed (id integer)")
        cursor.execute("DROP TABLE statistics_changed")
