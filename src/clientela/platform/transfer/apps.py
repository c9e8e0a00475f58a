"""The app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from clientela.access.actor import Actor


class TransferConfig(AppConfig):
    """Import and export of every record."""

    name = "clientela.platform.transfer"
    label = "transfer"
    verbose_name = _("Import and export")

    def ready(self) -> None:
        from clientela.platform.search import places

        places.add_command(_("Imports"), "upload", "transfer_imports", may_import)


def may_import(actor: Actor) -> bool:
    """Whether there is anything that this person may import."""
    from clientela.access import policy
    from clientela.platform.transfer.targets import is_importable
    from clientela.records import registry

    return any(is_importable(spec) and policy.may(actor, "import", spec) for spec in registry.every())
