"""What the doctor says of connections that go unencrypted over a network, and of the database's role."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

HERE = ("", "localhost", "127.0.0.1", "::1")
ENCRYPTED = ("require", "verify-ca", "verify-full")
VERIFIED = "verify-full"


def open_wires() -> Iterator[str]:
    """What to change so that nobody on the way can read or alter what is sent; nothing where all is well."""
    yield from _to_database()
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis" and _leaves(redis.hostname or ""):
        yield _("Redis is spoken to unencrypted. Use rediss:// in CLIENTELA_REDIS_URL.")
    mails = settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend")
    if mails and _leaves(settings.EMAIL_HOST) and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield _("Mail goes out unencrypted. Use smtp+tls:// or smtps:// in CLIENTELA_EMAIL_URL.")


def _to_database() -> Iterator[str]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql") or not _leaves(database["HOST"]):
        return
    mode = str(database.get("OPTIONS", {}).get("sslmode", ""))
    if mode not in ENCRYPTED:
        yield _("PostgreSQL may be spoken to unencrypted. Add ?sslmode=verify-full to its address.")
    elif mode != VERIFIED:
        yield _("PostgreSQL’s certificate is not verified. Use ?sslmode=verify-full.")


def role_may_too_much() -> Iterator[str]:
    """What the database's role may do to the history that it need not."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, has_table_privilege('audit_change', 'DELETE') FROM pg_roles"
            " WHERE rolname = current_user"
        )
        superuser, deletes = cursor.fetchone()
    if superuser:
        yield _("Clientela runs as a superuser of PostgreSQL. Give it a role of its own (administer.md).")
    elif deletes:
        yield _("The database role may delete history. Run: clientela manage seal_audit --role NAME")


def _leaves(host: str) -> bool:
    """Whether a connection to `host` leaves this machine; a path is a socket."""
    return host not in HERE and not host.startswith("/")
