from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clientela.access.actor import SYSTEM
from clientela.platform.privacy import erasing, erasures, holdings
from clientela.records import registry
from clientela.records.changes import Operation, Source
from clientela.records.errors import RecordError


class Command(BaseCommand):
    """Erase again, after a backup was put back, everybody on the list who is here again."""

    help = "After putting a backup back: clientela manage erase_again [a newer list than the data folder's]"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", nargs="*", type=Path, help="copies of erasures.jsonl kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [path for path in options["list"] if not path.is_file()]
        if missing:
            raise CommandError(f"{missing[0]} cannot be read.")
        done = 0
        for line in erasures.read([erasures.path(), *options["list"]]):
            done += self._erase(line) if erasures.is_needed(line) else 0
        self.stdout.write(f"{done} erased again")

    def _erase(self, line: erasures.Line) -> int:
        spec = registry.get(line["record"])
        typed = holdings.of(spec, line["id"]).title
        chosen = {"notes": line["notes"], "files": line["files"]}
        operation = Operation(SYSTEM, Source("command"))
        try:
            erasing.erase(spec, line["id"], typed=typed, **chosen, operation=operation)
        except RecordError as error:
            raise CommandError(f"{line['record']} {line['id']}: {error.message}") from error
        return 1
