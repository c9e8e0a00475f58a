from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DuplicatesConfig(AppConfig):
    """Candidates, merging, unmerging and completeness of the kinds of record that are declared."""

    name = "clientela.platform.duplicates"
    label = "duplicates"
    verbose_name = _("Duplicates")

    def ready(self) -> None:
        from clientela.platform.duplicates.aliases import in_conditions
        from clientela.platform.duplicates.unmerging import follow
        from clientela.platform.duplicates.views import furniture
        from clientela.platform.lists.framing import furnish
        from clientela.platform.settings.page import Page, add_page
        from clientela.records import changes, conditions

        changes.journal(follow)
        conditions.use_heirs(in_conditions)
        furnish(furniture)
        text = _("Records that may be the same: merge them, or say that they are not")
        add_page(Page("duplicates", _("Duplicates"), "combine", "duplicates", text=text))
