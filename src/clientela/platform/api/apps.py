"""The app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Records for programs: JSON over HTTP, with tokens."""

    name = "clientela.platform.api"
    label = "api"
    verbose_name = _("API")

    def ready(self) -> None:
        from clientela.platform.settings.page import COMPANY, Page, add_page

        add_page(Page("tokens", _("API tokens"), "key-round", "api_all_tokens", COMPANY))
