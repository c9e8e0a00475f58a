from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HistoryConfig(AppConfig):
    """Pages about what was changed and deleted."""

    name = "clientela.platform.history"
    label = "history"
    verbose_name = _("History")

    def ready(self) -> None:
        """Stand in the settings and in every list's menu."""
        from clientela.platform.history.offers import of_list
        from clientela.platform.lists.framing import furnish
        from clientela.platform.settings.page import COMPANY, Page, add_page

        text = _("Who changed what, when and from where; sign-ins; for how long all of it is kept")
        add_page(Page("activity", _("Activity log"), "scroll-text", "activity_log", COMPANY, text))
        furnish(of_list)
