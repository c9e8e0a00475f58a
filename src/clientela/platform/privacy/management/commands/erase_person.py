from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clientela.access.actor import SYSTEM
from clientela.platform.privacy import erasing, persons
from clientela.records import registry
from clientela.records.changes import Operation, Source
from clientela.records.errors import RecordError


class Command(BaseCommand):
    """Erase a person as the owner of the tables, where the application's own role may not."""

    help = "Erase a person for good, e.g. clientela manage erase_person contact 17 --name 'Ana Pérez'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind")
        parser.add_argument("id", type=int)
        parser.add_argument("--name", required=True, help="the title of the record, as a confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        spec = registry.find(options["kind"])
        if spec is None or persons.of(spec) is None:
            raise CommandError("There are no such records about people.")
        operation = Operation(SYSTEM, Source("command"))
        try:
            erased = erasing.erase(spec, options["id"], typed=options["name"], operation=operation)
        except RecordError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{erased.rows} rows, {erased.notes} notes, {erased.files} files")
