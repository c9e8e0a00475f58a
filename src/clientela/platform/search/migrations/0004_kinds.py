# ruff: noqa: S608 -- nothing but the words of this file is put together
"""SQLite's table of words is kept in the order of kinds, so that one kind of record is a range of it.

PostgreSQL has the kind in its index already.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_NUMBER = "(SELECT id << 40 FROM search_kind WHERE record = {row}.record) + {row}.record_id"
_ADD = f"INSERT INTO search_entry_words(rowid, text) VALUES ({_NUMBER.format(row='new')}, new.text);"
_REMOVE = f"""INSERT INTO search_entry_words(search_entry_words, rowid, text)
    VALUES ('delete', {_NUMBER.format(row="old")}, old.text);"""
STATEMENTS = (
    "DROP TRIGGER search_entry_added",
    "DROP TRIGGER search_entry_removed",
    "DROP TRIGGER search_entry_changed",
    "DROP TABLE search_entry_words",
    "CREATE TABLE search_kind (id integer PRIMARY KEY, record text NOT NULL UNIQUE)",
    "INSERT INTO search_kind (record) SELECT DISTINCT record FROM search_entry ORDER BY record",
    """CREATE VIEW search_entry_placed AS SELECT (search_kind.id << 40) + record_id AS place, text
        FROM search_entry JOIN search_kind ON search_kind.record = search_entry.record""",
    """CREATE VIRTUAL TABLE search_entry_words USING fts5(text,
        content='search_entry_placed', content_rowid='place', tokenize='trigram case_sensitive 1')""",
    "INSERT INTO search_entry_words(search_entry_words) VALUES ('rebuild')",
    f"""CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_kind (record) SELECT new.record
            WHERE NOT EXISTS (SELECT 1 FROM search_kind WHERE record = new.record);
        {_ADD} END""",
    f"CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN {_REMOVE} END",
    f"""CREATE TRIGGER search_entry_changed AFTER UPDATE OF text ON search_entry
        WHEN old.text IS NOT new.text BEGIN {_REMOVE} {_ADD} END""",
)


def place(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for statement in STATEMENTS:
            editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0003_entry_owner")]
    operations = [migrations.RunPython(place)]
