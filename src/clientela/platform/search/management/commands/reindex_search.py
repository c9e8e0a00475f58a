"""`clientela manage reindex_search`: make the search index anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from clientela.platform.search import index
from clientela.records import registry


class Command(BaseCommand):
    """Needed after rows were written past the application, e.g. by hand or by a restored dump."""

    help = "Make the search index anew, of all records or of the named ones"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("records", nargs="*", help="keys of records, e.g. account")

    def handle(self, *args: Any, **options: Any) -> None:
        names: list[str] = options["records"]
        unknown = [name for name in names if registry.find(name) is None]
        if unknown:
            raise CommandError(_("There is no record named %(name)s.") % {"name": ", ".join(unknown)})
        specs = [registry.get(name) for name in names] if names else None
        for record, count in index.rebuild(specs).items():
            self.stdout.write(f"{record}: {count}")
