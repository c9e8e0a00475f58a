from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardsConfig(AppConfig):
    """Boards of every record that describes one."""

    name = "clientela.platform.boards"
    label = "boards"
    verbose_name = _("Boards")
