"""`clientela manage find_duplicates`: search now, and say what was found."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from clientela.platform.duplicates import comparison, finding
from clientela.platform.duplicates.comparison import Comparison
from clientela.records import registry


class Command(BaseCommand):
    """The worker does the same every hour."""

    help = "Search records that may be the same, of all kinds that are compared or of the named ones"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("records", nargs="*", help="keys of records, e.g. account")
        parser.add_argument("--whole", action="store_true", help="all records, not only those that changed")

    def handle(self, *args: Any, **options: Any) -> None:
        for compared in _asked(options["records"]):
            started = monotonic()
            found = finding.search(compared, whole=options["whole"])
            seconds = monotonic() - started
            self.stdout.write(f"{compared.key}: {found.compared} / {found.pairs} ({seconds:.1f} s)")


def _asked(names: list[str]) -> list[Comparison]:
    if not names:
        return comparison.every()
    found = [comparison.of(spec) if spec is not None else None for spec in map(registry.find, names)]
    unknown = [name for name, each in zip(names, found, strict=True) if each is None]
    if unknown:
        raise CommandError(_("There is no record named %(name)s.") % {"name": ", ".join(unknown)})
    return [each for each in found if each is not None]
