"""Connections that go unencrypted over a network, and what the database's role may do: the doctor advises,
and with CLIENTELA_REQUIRE_TLS nothing starts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from clientela.config.environment import ConfigurationError

HERE = ("", "localhost", "127.0.0.1", "::1")
ENCRYPTED = ("require", "verify-ca", "verify-full")
VERIFIED = "verify-full"


def require_closed() -> None:
    """With CLIENTELA_REQUIRE_TLS, raise ConfigurationError where anything would go unencrypted."""
    if not settings.REQUIRE_TLS:
        return
    told = list(open_wires())
    if not settings.HTTPS:
        told.append(_("Browsers may come unencrypted. Set CLIENTELA_HTTPS=1."))
    if told:
        raise ConfigurationError(" ".join([_("CLIENTELA_REQUIRE_TLS is set."), *told]))


def require_closed_door(host: str) -> None:
    """With CLIENTELA_REQUIRE_TLS, raise ConfigurationError where proxies could reach us only in the clear."""
    if settings.REQUIRE_TLS and settings.CERTIFICATE is None and _leaves(host):
        text = _("The server would speak unencrypted to other machines. Set CLIENTELA_CERTIFICATE.")
        raise ConfigurationError(f"{_('CLIENTELA_REQUIRE_TLS is set.')} {text}")


def open_wires() -> Iterator[str]:
    """What to change so that nobody on the way can read or alter what is sent; nothing where all is well."""
    yield from _to_database()
    yield from _to_redis()
    mails = settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend")
    if mails and _leaves(settings.EMAIL_HOST) and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield _("Mail goes out unencrypted. Use smtp+tls:// or smtps:// in CLIENTELA_EMAIL_URL.")


def _to_redis() -> Iterator[str]:
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis" and _leaves(redis.hostname or ""):
        yield _("Redis is spoken to unencrypted. Use rediss:// in CLIENTELA_REDIS_URL.")
    if redis.scheme == "rediss" and parse_qs(redis.query).get("ssl_cert_reqs", ["required"]) != ["required"]:
        yield _("Redis’s certificate is not verified. Take ssl_cert_reqs out of CLIENTELA_REDIS_URL.")


def _to_database() -> Iterator[str]:
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    # What the driver is told beside the address decides where it goes.
    hosts = [str(options.get(name, "")) for name in ("host", "hostaddr")]
    leaves = any(map(_leaves, [database.get("HOST", ""), *hosts])) or "service" in options
    if not database["ENGINE"].endswith("postgresql") or not leaves:
        return
    mode = str(options.get("sslmode", ""))
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
