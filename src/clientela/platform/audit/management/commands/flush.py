"""Django's own `flush`, which empties every table, may pass the guard of the history too."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connection

from clientela.platform.audit import guard


class Command(flush.Command):
    """Django's flush, which may empty the history as well."""

    def handle(self, **options: Any) -> None:
        if "audit_change" not in connection.introspection.table_names():
            super().handle(**options)
            return
        with guard.open_door():
            super().handle(**options)
