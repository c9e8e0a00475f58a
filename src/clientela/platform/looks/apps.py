from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LooksConfig(AppConfig):
    """Other looks at a list: its chart and its calendar."""

    name = "clientela.platform.looks"
    label = "looks"
    verbose_name = _("Charts and calendars")
