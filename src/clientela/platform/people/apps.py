from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The people who use the program, and their teams."""

    name = "clientela.platform.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Scopes by condition are read by the record engine; people stand in the settings."""
        from clientela.access import policy
        from clientela.platform.people.scopes import compile_scope
        from clientela.platform.settings.page import COMPANY, Page, add_page

        policy.use_conditions(compile_scope)
        text = _("Who works here, in which team and with which roles; inviting, handing over, leaving")
        replaced = ("user", "team")
        add_page(Page("people", _("People and teams"), "users-round", "people", COMPANY, text, replaced))
