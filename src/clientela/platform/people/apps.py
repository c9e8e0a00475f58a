from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The people who use the program, and their teams."""

    name = "clientela.platform.people"
    label = "people"
    verbose_name = _("People")
