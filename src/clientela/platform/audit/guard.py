"""The triggers that keep the logs as they were written, and the one door through which old rows may go.

PostgreSQL: a row goes only while the transaction-local setting `clientela.audit_door` is open. SQLite: only
while a row stands in `audit_door`; there is one writer, so nobody else's transaction ever sees that row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

TABLES = ("audit_change", "audit_securityevent", "audit_seal", "audit_purge")
LATER = ("audit_redaction",)
"""Tables that came after the first ones, with a migration of their own."""
WORDS = "The history can only be added to"


def put_up(editor: Any) -> None:
    """Create the triggers with a schema editor, as the migration does."""
    for statement in _statements(editor.connection.vendor):
        editor.execute(statement)


def take_down(editor: Any) -> None:
    """Drop the triggers and what they use, with a schema editor."""
    for table in TABLES:
        for name in _names(editor.connection.vendor, table):
            on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
            editor.execute(f"DROP TRIGGER {name}{on}")
    ending = "FUNCTION audit_refuse()" if editor.connection.vendor == "postgresql" else "TABLE audit_door"
    editor.execute(f"DROP {ending}")


def put_up_later(editor: Any) -> None:
    """The same for the tables that came later."""
    for statement in _triggers(editor.connection.vendor, LATER):
        editor.execute(statement)


def take_down_later(editor: Any) -> None:
    """Drop the triggers of the tables that came later."""
    for table in LATER:
        for name in _names(editor.connection.vendor, table):
            on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
            editor.execute(f"DROP TRIGGER {name}{on}")


def missing() -> list[str]:
    """Names of the triggers that should be there and are not."""
    wanted = {name for table in (*TABLES, *LATER) for name in _names(connection.vendor, table)}
    asked = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return sorted(wanted - {row[0] for row in cursor.fetchall()})


@contextmanager
def open_door() -> Iterator[None]:
    """Rows may be deleted until the end of the block, in this transaction only."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL clientela.audit_door = 'open'")
            yield
            cursor.execute("SET LOCAL clientela.audit_door = ''")
            return
        cursor.execute("INSERT INTO audit_door DEFAULT VALUES")
        yield
        cursor.execute("DELETE FROM audit_door")


def _names(vendor: str, table: str) -> list[str]:
    kinds = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")
    return [f"{table}_no_{kind}" for kind in kinds]


def _statements(vendor: str) -> Iterator[str]:
    yield _FUNCTION if vendor == "postgresql" else "CREATE TABLE audit_door (id integer PRIMARY KEY)"
    yield from _triggers(vendor, TABLES)


def _triggers(vendor: str, tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        if vendor == "postgresql":
            for kind in ("UPDATE", "DELETE", "TRUNCATE"):
                each = "STATEMENT" if kind == "TRUNCATE" else "ROW"
                yield (
                    f"CREATE TRIGGER {table}_no_{kind.lower()} BEFORE {kind} ON {table} "
                    f"FOR EACH {each} EXECUTE FUNCTION audit_refuse()"
                )
            continue
        refuse = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
        closed = "WHEN NOT EXISTS (SELECT 1 FROM audit_door)"
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {closed} {refuse}"


_FUNCTION = f"""
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' AND current_setting('clientela.audit_door', true) = 'open' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation';
END $$
"""
