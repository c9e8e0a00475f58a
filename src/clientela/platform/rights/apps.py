from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RightsConfig(AppConfig):
    """Who may do what, and why."""

    name = "clientela.platform.rights"
    label = "rights"
    verbose_name = _("Rights")

    def ready(self) -> None:
        """Stand in the settings and in every list's menu."""
        from clientela.platform.lists.framing import furnish
        from clientela.platform.rights.received import of_list
        from clientela.platform.search.places import add_command
        from clientela.platform.settings.page import COMPANY, Page, add_page

        roles = _("What people of each role may see and do")
        add_page(Page("roles", _("Roles"), "shield", "rights_roles", COMPANY, roles, ("role", "share")))
        why = _("Whether somebody may see or change a record, and which rule says so")
        why_label = _("Why can't she see it?")
        add_page(Page("why", why_label, "circle-question-mark", "rights_why", COMPANY, why))
        seeing = _("Look at the product as another person does, without changing anything")
        add_page(Page("see-as", _("See as…"), "eye", "rights_see_as", COMPANY, seeing))
        add_command(_("See as another person"), "eye", "rights_see_as", lambda actor: actor.is_admin)
        add_command(why_label, "circle-question-mark", "rights_why", lambda actor: actor.is_admin)
        furnish(of_list)
