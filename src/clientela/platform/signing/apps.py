from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SigningConfig(AppConfig):
    """Who is let in: sessions, devices, second factors, invitations and the mails about them."""

    name = "clientela.platform.signing"
    label = "signing"
    verbose_name = _("Signing in")
