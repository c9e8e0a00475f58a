from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettingsConfig(AppConfig):
    """The settings, for administrators."""

    name = "clientela.platform.settings"
    label = "settings"
    verbose_name = _("Settings")
