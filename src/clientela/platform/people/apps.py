from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The people who use the program, and their teams."""

    name = "clientela.platform.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Scopes by condition are read by the record engine."""
        from clientela.access import policy
        from clientela.platform.people.scopes import compile_scope

        policy.use_conditions(compile_scope)
