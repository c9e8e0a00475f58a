from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListsConfig(AppConfig):
    """Lists of every record: columns, filters, groups, totals."""

    name = "clientela.platform.lists"
    label = "lists"
    verbose_name = _("Lists")

    def ready(self) -> None:
        from clientela.platform.lists.framing import furnish
        from clientela.platform.lists.furniture import furniture

        furnish(furniture)
