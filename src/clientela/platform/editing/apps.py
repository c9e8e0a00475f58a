from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditingConfig(AppConfig):
    """Forms, editing in place and changes of many records."""

    name = "clientela.platform.editing"
    label = "editing"
    verbose_name = _("Editing")

    def ready(self) -> None:
        """What the worker did to very many, the worker takes back."""
        from clientela.platform.audit import leaving
        from clientela.platform.editing.jobs import take_over

        leaving.offer(take_over)
