"""The app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Records for programs: JSON over HTTP, with tokens."""

    name = "clientela.platform.api"
    label = "api"
    verbose_name = _("API")
