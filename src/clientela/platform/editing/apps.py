from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditingConfig(AppConfig):
    """Forms, editing in place and changes of many records."""

    name = "clientela.platform.editing"
    label = "editing"
    verbose_name = _("Editing")
