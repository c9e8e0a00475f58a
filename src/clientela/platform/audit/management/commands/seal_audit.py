"""`clientela manage seal_audit --role NAME`: the role may add to the history and read it, nothing else."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from clientela.platform.audit import guard


class Command(BaseCommand):
    """Seals the history written so far."""

    help = "Take from a PostgreSQL role every right on the history but to add to it and to read it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--role", required=True, help=_("the role with which Clientela runs"))

    def handle(self, *, role: str, **_options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(_("Only PostgreSQL knows roles."))
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            known = cursor.fetchone()
            if known is None:
                raise CommandError(_("There is no role “%(role)s”.") % {"role": role})
            if known[0]:
                raise CommandError(_("“%(role)s” is a superuser, whom nothing binds.") % {"role": role})
            _require_other_owner(cursor, role)
            _bind(cursor, connection.ops.quote_name(role))
        self.stdout.write(_("“%(role)s” can now only add to the history.") % {"role": role})


def _require_other_owner(cursor: Any, role: str) -> None:
    """An owner may do what he likes, and a member of the owning role may become it."""
    cursor.execute(
        "SELECT bool_or(pg_has_role(%s, tableowner::name, 'MEMBER'))"
        " FROM pg_tables WHERE tablename = ANY(%s)",
        [role, [*guard.TABLES, *guard.LATER]],
    )
    if cursor.fetchone()[0]:
        text = _("“%(role)s” owns the tables. Let another role own them and run the migrations.")
        raise CommandError(text % {"role": role})


def _bind(cursor: Any, role: str) -> None:
    tables = ", ".join((*guard.TABLES, *guard.LATER))
    cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON {tables} FROM {role}, PUBLIC")
    cursor.execute(f"GRANT SELECT, INSERT ON {tables} TO {role}")
    for table in (*guard.TABLES, *guard.LATER):
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        cursor.execute(f"GRANT USAGE, SELECT ON SEQUENCE {cursor.fetchone()[0]} TO {role}")
