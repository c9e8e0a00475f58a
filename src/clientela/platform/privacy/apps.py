from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """Personal data of the kinds of record that are declared."""

    name = "clientela.platform.privacy"
    label = "privacy"
    verbose_name = _("Personal data")
