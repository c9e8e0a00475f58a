"""From CLIENTELA_EMAIL_URL to Django's mail settings."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from clientela.config.environment import ConfigurationError

DEFAULT_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True)
class MailOptions:
    """How to reach the mail server."""

    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    ssl: bool = False


def parse(url: str) -> tuple[str, MailOptions]:
    """The mail back end and its options.

    `smtp://`, `smtp+tls://` (STARTTLS) or `smtps://` with user:password@host:port; empty prints mails on the
    console, which suits a trial. Raises ConfigurationError for any other scheme.
    """
    if not url:
        return "django.core.mail.backends.console.EmailBackend", MailOptions()
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ConfigurationError("CLIENTELA_EMAIL_URL must look like smtp+tls://user:password@host:587.")
    options = MailOptions(
        host=parts.hostname,
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+tls",
        ssl=parts.scheme == "smtps",
    )
    return "django.core.mail.backends.smtp.EmailBackend", options
