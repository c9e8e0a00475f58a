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
        """Stand in the palette and in the settings; what the worker imported, the worker takes back."""
        from clientela.platform.audit import leaving
        from clientela.platform.search import places
        from clientela.platform.settings.page import Page, add_page
        from clientela.platform.transfer.services import take_over

        leaving.offer(take_over)
        places.add_command(_("Imports"), "upload", "transfer_imports", may_import)
        text = _("What came in from spreadsheets, with its result; to go on with it or undo it")
        add_page(Page("imports", _("Imports"), "history", "transfer_imports", text=text))


def may_import(actor: Actor) -> bool:
    """Whether there is anything that this person may import."""
    from clientela.access import policy
    from clientela.platform.transfer.targets import is_importable
    from clientela.records import registry

    return any(is_importable(spec) and policy.may(actor, "import", spec) for spec in registry.every())
