from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttachmentsConfig(AppConfig):
    """Files of every record that has a story."""

    name = "clientela.platform.attachments"
    label = "attachments"
    verbose_name = _("Files")

    def ready(self) -> None:
        """Hang the panel on every record page whose description asks for a timeline, and tell it there."""
        from clientela.platform.attachments.telling import TOLD
        from clientela.platform.attachments.views import PANEL
        from clientela.platform.pages import panels
        from clientela.platform.timeline import feed

        panels.use_everywhere(PANEL)
        feed.tell_of(TOLD)
