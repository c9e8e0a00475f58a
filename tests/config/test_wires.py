"""The doctor advises where something goes unencrypted over a network, or a role may more than it needs."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from clientela.config.cli import doctor, main, wires

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
