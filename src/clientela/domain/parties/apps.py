from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    """Accounts, contacts and the words that classify them."""

    name = "clientela.domain.parties"
    label = "parties"
    verbose_name = _("Customers and contacts")

    def ready(self) -> None:
        """What of them is compared to find duplicates, and how they are shared among people."""
        from clientela.domain.parties import likeness, portfolios, privacy

        likeness.declare()
        portfolios.declare()
        privacy.declare()
