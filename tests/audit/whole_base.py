"""The whole base as it is stored, to compare before and after: every table, and what is searched in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

LEFT_OUT = {
    "audit_change": "the history: it grows with every act and with every undo",
    "audit_purge": "old history put into files",
    "audit_redaction": "rows of the history without personal data",
    "audit_seal": "seals of the history",
    "audit_sealmark": "how far the history is sealed",
    "audit_securityevent": "the log of who came in",
    "attachments_lastplace": "the history of a file: its story tells where it hung after it is gone",
    "attachments_storedfile": "bytes stay for as long as their file can come back",
    "django_session": "who is signed in",
    "signing_opensession": "who is signed in",
    "signing_knowndevice": "where they signed in",
    "signing_attempts": "what was tried in vain",
    "signing_spentcode": "codes that are used up",
    "django_tasks_database_dbtaskresult": "jobs of the worker",
    "audit_largeundo": "the job of a large undo",
    "editing_bulkjob": "the job of a change to very many: it tells that it was undone",
    "handover_handover": "the job of a hand-over",
    "transfer_importjob": "the import itself: its file, result and report stay to be read",
    "duplicates_merge": "the list of merges: it tells that one was taken apart",
    "duplicates_absorbed": "what went into a merge, and is back",
    "duplicates_pair": "a merge taken apart leaves word that these are two",
    "duplicates_progress": "how far the search for duplicates came",
    "search_word": "words once read: only slips of the keyboard are mended by them",
}
"""Tables that only grow or that tell of the acts themselves, each with its reason."""
TOUCHED = frozenset({"version", "updated_at"})
"""An undo is a change too: who has a record open is told of it."""
NUMBERED_ANEW = ("search_entry", "access_teamreach")
"""Made from the records, and nothing names their rows: their ids do not count, nor those of many links."""
WORDS = "search_entry_words"

Rows = list[tuple[Any, ...]]


def everything() -> dict[str, Rows]:
    """Every row of every table that counts; the search finds just what the rows of its index say."""
    with connection.cursor() as cursor:
        found = {table: _rows(cursor, table, names) for table, names in _columns().items()}
        if connection.vendor == "sqlite":
            cursor.execute(f"INSERT INTO {WORDS}({WORDS}, rank) VALUES ('integrity-check', 1)")
    return found


def _rows(cursor: Any, table: str, names: str) -> Rows:
    cursor.execute(f'SELECT {names} FROM "{table}"')
    return sorted(cursor.fetchall(), key=repr)


@cache
def _columns() -> dict[str, str]:
    """By table, the names of its columns that count, as they are asked for."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        assert set(LEFT_OUT) <= set(tables)
        return {table: _names(cursor, table) for table in tables if _counts(table)}


def _counts(table: str) -> bool:
    """SQLite keeps the words of the search in tables of its own, which it compares with the index itself."""
    return table not in LEFT_OUT and not table.startswith((WORDS, "search_word_near"))


def _names(cursor: Any, table: str) -> str:
    ignored = TOUCHED | ({"id"} if table in _numbered_anew() else set())
    described = connection.introspection.get_table_description(cursor, table)
    return ", ".join(f'"{column.name}"' for column in described if column.name not in ignored)


def _numbered_anew() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in models if model._meta.auto_created} | set(NUMBERED_ANEW)


def files_there() -> set[str]:
    """Names of the files of records on the disk."""
    folder = Path(settings.MEDIA_ROOT)
    return {path.name for path in folder.rglob("*") if path.is_file()}


def differences(before: dict[str, Rows], after: dict[str, Rows]) -> dict[str, tuple[Rows, Rows]]:
    """By table, the rows that are missing and those that are too many; nothing where all is the same."""
    found = {}
    for table in sorted(before.keys() | after.keys()):
        was, now = before.get(table, []), after.get(table, [])
        if was != now:
            known, there = set(map(repr, was)), set(map(repr, now))
            missing = [row for row in was if repr(row) not in there]
            found[table] = (missing, [row for row in now if repr(row) not in known])
    return found
