"""Many rows into one table at once: COPY on PostgreSQL, few large statements on SQLite."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

Row = Sequence[Any]
PART = 500
"""Rows of one statement on SQLite."""
_SPARING = {"mmap_size": 0, "temp_store": 1}


def reserve_ids(connection: Any, table: str, column: str, count: int) -> list[int]:
    """`count` fresh ids of a table, rising, which nobody else will get.

    On SQLite they are safe only until the end of the transaction, which must have begun as a writer.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _next_numbers(cursor, connection.ops.quote_name(table), column, count)
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + count + 1))


def _next_numbers(cursor: Any, table: str, column: str, count: int) -> list[int]:
    """The next numbers of a sequence: its ends alone, unless somebody drew from it between them."""
    drawn = """SELECT nextval(sequence.name) FROM generate_series(1, %s),
        (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name OFFSET 0) AS sequence"""
    params = [count, table, column]
    cursor.execute(f"SELECT min(nextval), max(nextval) FROM ({drawn}) AS numbers", params)  # noqa: S608
    first, last = cursor.fetchone()
    if last - first == count - 1:
        return list(range(first, last + 1))
    cursor.execute(drawn, params)
    return sorted(row[0] for row in cursor.fetchall())


def insert(connection: Any, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows whose values are ready for the driver; raises Django's database errors."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            return
        # Not a statement a row: with each statement the table of words of a search writes all it holds back.
        # And by the driver itself: Django looks through the thousands of marks of each statement.
        most = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(columns)
        one, rest = f"({', '.join('?' * len(columns))})", iter(rows)
        with connection.wrap_database_errors:
            while part := list(islice(rest, min(most, PART))):
                sql = f"INSERT INTO {quote(table)} ({names}) VALUES {', '.join([one] * len(part))}"  # noqa: S608
                connection.connection.execute(sql, list(chain.from_iterable(part)))


@contextmanager
def without_collecting() -> Iterator[None]:
    """Leave Python's search for reference cycles until later.

    Thousands of rows hold none, and looking through all of them again and again costs a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def sparing(connection: Any) -> Iterator[None]:
    """SQLite takes little memory meanwhile: its file is not mapped, and what a savepoint may bring back goes
    to a file. That is all a batch touches: 250 MB where half a million records are there already.

    Inside a transaction nothing is changed.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    before = {name: _pragma(connection, name) for name in _SPARING}
    try:
        for name, value in _SPARING.items():
            _pragma(connection, f"{name}={value}")
        yield
    finally:
        for name, value in before.items():
            _pragma(connection, f"{name}={value}")


def _pragma(connection: Any, words: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {words}")
        return int((cursor.fetchone() or (0,))[0])
