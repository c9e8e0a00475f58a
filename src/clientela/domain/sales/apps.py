from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from clientela.platform.settings.page import Page, add_page


class SalesConfig(AppConfig):
    """Leads, deals, pipelines and stages."""

    name = "clientela.domain.sales"
    label = "sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        """Pipelines and their stages are arranged in the settings; leads are compared to find duplicates, and
        converted by programs too."""
        from clientela.domain.sales import api, likeness, portfolios, privacy

        likeness.declare()
        portfolios.declare()
        privacy.declare()
        api.declare_bodies()
        page = Page(
            "stages",
            _("Pipelines and stages"),
            "waypoints",
            "sales_pipelines",
            text=_("The steps of a deal, their colours, probabilities and warnings"),
            replaces=("pipeline", "stage"),
        )
        add_page(page)
