from typing import Any

from django.core.management.base import BaseCommand

from clientela.platform.attachments import cleaning


class Command(BaseCommand):
    """Delete the bytes of files that can no longer come back (the worker does it every day)."""

    help = "Delete the bytes of files that can no longer come back."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(cleaning.clean()))
