from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoverConfig(AppConfig):
    """What people look after: seen as a portfolio, and given to others when somebody leaves."""

    name = "clientela.platform.handover"
    label = "handover"
    verbose_name = _("Hand-over")

    def ready(self) -> None:
        """Hang the portfolio on the page of a person; what the worker gave, the worker takes back."""
        from clientela.access.models import User
        from clientela.platform.audit import leaving
        from clientela.platform.handover.portfolio import PANEL
        from clientela.platform.handover.running import take_over
        from clientela.records import registry

        registry.attach(User, PANEL)
        leaving.offer(take_over)
