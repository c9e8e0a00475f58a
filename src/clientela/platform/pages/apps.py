from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """The page of every record."""

    name = "clientela.platform.pages"
    label = "pages"
    verbose_name = _("Record pages")
