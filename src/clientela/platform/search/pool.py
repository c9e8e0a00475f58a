"""A few entries of each of several kinds in one query, which stops as soon as it has them.

Neither database would do so by itself: SQLite makes a list of every match before the first is read, and
PostgreSQL, told to stop early, may read the whole table for a word that is nowhere. So where the entries
come from is written out here; the rights are asked of them as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from clientela.platform.search.lookups import IN_WORDS, RECORD_ID, Sought, phrase_of
from clientela.platform.search.models import Entry

NEWEST = 2000
"""A common word is found among so many of the newest of its kind, without the index of all of them."""
_COLUMNS = ("record", "record_id", "label", "subtitle", "title")
_TABLE = ' FROM "search_entry"'
Statement = tuple[str, list[Any]]
Part = tuple[Sought, Q]
"""What is sought of one kind, and which entries of it may be shown."""


def holding(parts: Iterable[Part], limit: int) -> list[Entry]:
    """At most `limit` entries of each part."""
    return _read([_limited(_part(sought, seen), limit) for sought, seen in parts])


def beginning(start: str, seen: Q, limit: int) -> list[Entry]:
    """At most `limit` entries whose title begins with the folded `start`."""
    return _read([_limited(_starting(start, seen), limit)])


def holding_or_beginning(parts: Iterable[Part], start: str, seen: Q, limit: int) -> list[Entry]:
    """Both, in one query."""
    held = [_limited(_part(sought, shown), limit) for sought, shown in parts]
    return _read([_limited(_starting(start, seen), limit), *held])


def is_any(sought: Sought) -> bool:
    """Whether some entry holds this."""
    return bool(holding([(sought, Q())], 1))


def _read(statements: list[list[Statement]]) -> list[Entry]:
    """The entries of all statements; of one given more than once only the first."""
    wanted = [one for each in statements for one in each]
    if not wanted:
        return []
    sql = _together(wanted, "part")
    found = Entry.objects.raw(sql, [value for _part, values in wanted for value in values])
    return list({entry.pk: entry for entry in found}.values())


def _together(statements: list[Statement], name: str) -> str:
    numbered = enumerate(sql for sql, _params in statements)
    return " UNION ALL ".join(f"SELECT * FROM ({sql}) {name}{place}" for place, sql in numbered)  # noqa: S608


def _limited(sources: Iterable[Statement], limit: int) -> list[Statement]:
    """One statement that takes from the later sources what the earlier ones lack."""
    wanted = list(sources)
    if not wanted:
        return []
    sql = _together(wanted, "source")
    return [(f"{sql} LIMIT {int(limit)}", [value for _part, values in wanted for value in values])]


def _part(sought: Sought, seen: Q) -> Iterator[Statement]:
    if connection.vendor == "sqlite":
        yield from _sqlite(sought, seen)
    else:
        yield from _postgresql(sought, seen)


def _sqlite(sought: Sought, seen: Q) -> Iterator[Statement]:
    """From the table of words, in its order, to the entries."""
    phrase, short = phrase_of(sought)
    source = f"""search_entry_words CROSS JOIN "search_entry"
        ON "search_entry".record = %s AND "search_entry".record_id = ({RECORD_ID}) AND {IN_WORDS}"""
    for _word in short:
        source += ' AND instr("search_entry".text, %s) > 0'
    yield from _from(source, [sought.record, phrase, sought.record, sought.record, *short], seen)


def _postgresql(sought: Sought, seen: Q) -> Iterator[Statement]:
    """From the newest entries, and only where those are not enough from the index of words."""
    newest = f"""(SELECT * FROM search_entry WHERE record = %s ORDER BY record_id DESC LIMIT {NEWEST})
        AS "search_entry\""""  # noqa: S608
    yield from _from(newest, [sought.record], seen & Q(text__holds=sought))
    yield from _fenced(Q(text__holds=sought), seen)


def _starting(start: str, seen: Q) -> Iterator[Statement]:
    if connection.vendor == "sqlite":
        within = Q(title__gte=start, title__lt=f"{start}\U0010ffff")
        # Said, as the planner may rather read every entry of each kind.
        yield from _from('"search_entry" INDEXED BY search_entry_start', [], within & seen)
    else:
        yield from _fenced(Q(title__startswith=start), seen)


def _fenced(condition: Q, seen: Q) -> Iterator[Statement]:
    """Rows of `condition` by its index, whatever the planner thinks of a LIMIT outside."""
    for sql, params in _from('"search_entry"', [], condition, columns=()):
        source = f'(WITH found AS MATERIALIZED ({sql}) SELECT * FROM found) AS "search_entry"'  # noqa: S608
        yield from _from(source, params, seen)


def _from(
    source: str, params: list[Any], condition: Q, columns: tuple[str, ...] = _COLUMNS
) -> Iterator[Statement]:
    """Entries of `source` that meet `condition`; no statement where none can."""
    rows = Entry.objects.filter(condition)
    try:
        sql, given = (rows.only(*columns) if columns else rows).query.sql_with_params()
    except EmptyResultSet:
        return
    head, _table, rest = sql.partition(_TABLE)
    yield f"{head} FROM {source}{rest}", [*params, *given]
