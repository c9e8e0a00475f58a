from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TimelineConfig(AppConfig):
    """Notes and the history of every record."""

    name = "clientela.platform.timeline"
    label = "timeline"
    verbose_name = _("Notes")

    def ready(self) -> None:
        """Draw the middle of every record page."""
        from clientela.platform.pages import panels
        from clientela.platform.timeline.views import PANEL

        panels.use_timeline(PANEL)
