"""The doctor advises where something goes unencrypted over a network, or a role may more than it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from clientela.config import environment, wires
from clientela.config.cli import doctor, main, serving
from clientela.config.environment import ConfigurationError

MAIL = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "en")
    with translation.override("en"):
        yield


def database(monkeypatch: Any, host: str, **options: str) -> None:
    given = {"ENGINE": "django.db.backends.postgresql", "HOST": host, "OPTIONS": options}
    monkeypatch.setattr(settings, "DATABASES", {"default": given})


@pytest.mark.parametrize(
    ("host", "options", "words"),
    [
        ("db.example.com", {}, "spoken to unencrypted"),
        ("db.example.com", {"sslmode": "prefer"}, "spoken to unencrypted"),
        ("10.0.0.4", {"sslmode": "require"}, "not verified"),
        ("10.0.0.4", {"sslmode": "verify-full"}, ""),
        ("localhost", {}, ""),
        ("", {}, ""),
        ("/var/run/postgresql", {}, ""),
    ],
)
def test_the_way_to_the_database(host: str, options: dict[str, str], words: str, monkeypatch) -> None:
    database(monkeypatch, host, **options)
    told = list(wires.open_wires())
    assert len(told) == bool(words)
    assert all(words in each for each in told)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("redis://cache.example.com:6379/0", 1),
        ("rediss://cache.example.com:6379/0", 0),
        ("redis://127.0.0.1:6379/0", 0),
        ("", 0),
    ],
)
def test_the_way_to_redis(address: str, told: int, monkeypatch) -> None:
    database(monkeypatch, "localhost")
    monkeypatch.setattr(settings, "REDIS_URL", address)
    assert sum("rediss://" in each for each in wires.open_wires()) == told


@pytest.mark.parametrize(
    ("host", "starttls", "told"),
    [("mx.example.com", False, 1), ("mx.example.com", True, 0), ("::1", False, 0)],
)
def test_the_way_of_mail(host: str, starttls: bool, told: int, monkeypatch) -> None:
    database(monkeypatch, "localhost")
    for name, value in (("EMAIL_BACKEND", MAIL), ("EMAIL_HOST", host), ("EMAIL_USE_TLS", starttls)):
        monkeypatch.setattr(settings, name, value)
    assert sum("smtps://" in each for each in wires.open_wires()) == told


@pytest.mark.django_db
def test_it_is_advice_and_no_fault(monkeypatch, capsys) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: iter([doctor.Finding("Role", "Change it.", advice=True)]))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "! Role\n    Change it.\n"


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db
def test_a_role_that_may_change_the_history_is_told_of() -> None:
    # the tests run as a superuser
    assert "superuser" in next(wires.role_may_too_much())
    role = f"{connection.settings_dict['NAME']}_doctor"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"SET LOCAL ROLE {role}")
    assert "seal_audit" in next(wires.role_may_too_much())
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"REVOKE DELETE ON audit_change FROM {role}")
        cursor.execute(f"SET LOCAL ROLE {role}")
    assert list(wires.role_may_too_much()) == []
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_sqlite_has_no_roles() -> None:
    assert connection.vendor == "postgresql" or list(wires.role_may_too_much()) == []


# --- CLIENTELA_REQUIRE_TLS ---------------------------------------------------------------------------


def closed(monkeypatch: Any) -> None:
    """Everything over networks, everything encrypted, and nothing else allowed."""
    database(monkeypatch, "db.example.com", sslmode="verify-full")
    wanted = {
        "REQUIRE_TLS": True,
        "HTTPS": True,
        "REDIS_URL": "rediss://cache.example.com:6379/0",
        "EMAIL_BACKEND": MAIL,
        "EMAIL_HOST": "mx.example.com",
        "EMAIL_USE_TLS": True,
    }
    for name, value in wanted.items():
        monkeypatch.setattr(settings, name, value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTPS", False, "CLIENTELA_HTTPS=1"),
        ("EMAIL_USE_TLS", False, "Mail goes out unencrypted"),
        ("REDIS_URL", "redis://cache.example.com/0", "Redis is spoken to unencrypted"),
        ("REDIS_URL", "rediss://cache.example.com/0?ssl_cert_reqs=none", "certificate is not verified"),
    ],
)
def test_nothing_starts_where_something_would_go_in_the_clear(
    name: str, value: Any, words: str, monkeypatch, capsys
) -> None:
    # given
    closed(monkeypatch)
    wires.require_closed()
    # when
    monkeypatch.setattr(settings, name, value)
    # then
    with pytest.raises(ConfigurationError, match=words):
        wires.require_closed()
    # but where it is not asked for
    monkeypatch.setattr(settings, "REQUIRE_TLS", False)
    wires.require_closed()


@pytest.mark.parametrize("options", [{}, {"sslmode": "require"}, {"sslmode": "prefer"}])
@pytest.mark.parametrize("way", ["host", "hostaddr", "service", ""])
def test_no_database_is_reached_in_the_clear(way: str, options: dict[str, str], monkeypatch) -> None:
    closed(monkeypatch)
    database(monkeypatch, "" if way else "db.example.com")
    settings.DATABASES["default"]["OPTIONS"] = options | ({way: "10.0.0.4"} if way else {})
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        wires.require_closed()


def test_the_server_listens_to_other_machines_with_a_certificate_only(monkeypatch) -> None:
    # given
    closed(monkeypatch)
    wires.require_closed_door("127.0.0.1")
    for host in ("0.0.0.0", "::", "10.0.0.4"):  # noqa: S104
        monkeypatch.setattr(settings, "CERTIFICATE", None)
        # then
        with pytest.raises(ConfigurationError, match="CLIENTELA_CERTIFICATE"):
            wires.require_closed_door(host)
        monkeypatch.setattr(settings, "CERTIFICATE", ("crm.pem", "crm.key"))
        wires.require_closed_door(host)


def test_a_process_that_loads_the_settings_is_refused(tmp_path) -> None:
    """Every command, the server and the worker load them."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CLIENTELA_", "DJANGO_"))
    }
    given = {"CLIENTELA_DATA": str(tmp_path), "CLIENTELA_REQUIRE_TLS": "1", "CLIENTELA_LANGUAGE": "en"}
    command = [sys.executable, "-m", "clientela.config.cli", "doctor"]
    done = subprocess.run(command, env=kept | given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "CLIENTELA_REQUIRE_TLS" in done.stderr


def test_a_certificate_and_its_key_go_together(monkeypatch, tmp_path) -> None:
    (tmp_path / "crm.pem").write_text("x")
    monkeypatch.setenv("CLIENTELA_CERTIFICATE", str(tmp_path / "crm.pem"))
    with pytest.raises(ConfigurationError, match="CLIENTELA_CERTIFICATE_KEY"):
        environment.certificate()
    monkeypatch.setenv("CLIENTELA_CERTIFICATE_KEY", str(tmp_path / "crm.pem"))
    assert environment.certificate() == (str(tmp_path / "crm.pem"),) * 2
    options = serving.server_command("127.0.0.1", 8443, 1, certificate=environment.certificate())
    assert options[options.index("--ssl-protocol-min") + 1] == "tls1.2"
