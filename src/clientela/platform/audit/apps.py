from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The history of every change."""

    name = "clientela.platform.audit"
    label = "audit"
    verbose_name = _("History")

    def ready(self) -> None:
        from clientela.platform.audit.journal import keep
        from clientela.records import changes

        changes.journal(keep)
