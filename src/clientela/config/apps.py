"""The app of the project itself, without models: it prepares connections and says which files are served."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class ConfigConfig(AppConfig):
    """Project-wide preparation."""

    name = "clientela.config"
    label = "config"

    def ready(self) -> None:
        """Give every connection what its queries count on; refuse to start where settings forbid it."""
        from clientela.config import wires

        wires.require_closed()
        connection_created.connect(add_sqlite_functions, dispatch_uid="clientela.sqlite_functions")
        connection_created.connect(turn_off_jit, dispatch_uid="clientela.jit")


class StaticConfig(StaticFilesConfig):
    """The files to serve, without those of libraries that no page asks for.

    htmx's extensions import a module by a bare name, which the storage cannot resolve.
    """

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "ext"]


def add_sqlite_functions(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Register `fold(text)`: lower case without accents, the twin of lower(unaccent()) on PostgreSQL."""
    if connection.vendor != "sqlite":
        return
    from clientela.kit.text import fold

    def fold_or_null(value: object) -> str | None:
        return None if value is None else fold(str(value))

    connection.connection.create_function("fold", 1, fold_or_null, deterministic=True)


def turn_off_jit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """PostgreSQL may take seconds to compile a query that it then answers in milliseconds."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
