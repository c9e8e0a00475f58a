from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """People, teams and what they may do."""

    name = "clientela.access"
    label = "access"
    verbose_name = _("People and rights")
