"""`clientela manage purge_audit`: put old history into files now, as the company's rule says."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from clientela.platform.audit import purging, sealing


class Command(BaseCommand):
    """Takes old history away, as the rules of keeping say."""

    help = "Put the history that is older than the rule says into compressed files."

    def handle(self, **_options: Any) -> None:
        sealing.seal(patience=10)
        self.stdout.write(str(purging.purge()))
