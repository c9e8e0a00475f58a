"""What is logged, and in which form: one line a message, no secrets, refusals kept."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest
from django.test import Client

from clientela.config import logs
from clientela.config.environment import ConfigurationError, choice
from clientela.platform.audit import security
from clientela.platform.audit.models import SecurityEvent
from tests.cast import PASSWORD
from tests.security.doors import browser, sign_in, signed_in

FORGED = "/nothing\n2026-01-01 INFO clientela all is well\r\x1b[2J\u2028end"


def record(message: str, **more: object) -> logging.LogRecord:
    return logging.LogRecord("clientela", logging.WARNING, "file", 1, message, (), None, **more)  # type: ignore[arg-type]


def test_nobody_writes_a_line_of_the_log():
    line = logs.PlainFormatter().format(record(FORGED))
    assert line.splitlines() == [line]
    assert "\\u000a2026-01-01" in line
    assert "\x1b" not in line


def test_a_line_has_its_time_in_utc():
    made = record("word")
    made.created = 0.5
    assert logs.PlainFormatter().format(made) == "1970-01-01T00:00:00.500+00:00 WARNING clientela word"


def test_programs_read_one_object_a_line():
    line = logs.JsonFormatter().format(record(FORGED))
    assert "\n" not in line
    found = json.loads(line)
    assert (found["message"], found["level"], found["logger"]) == (FORGED, "WARNING", "clientela")


@pytest.mark.parametrize("formatter", [logs.PlainFormatter, logs.JsonFormatter])
def test_a_traceback_cannot_be_taken_for_a_message(formatter):
    try:
        raise ValueError("2026-01-01 INFO clientela all is well\n2026-01-01 forged")
    except ValueError:
        failed = record("It failed")
        failed.exc_info = sys.exc_info()
    first, *rest = formatter().format(failed).split("\n")
    assert "It failed" in first
    assert all(line.startswith("    ") for line in rest)


def test_an_unknown_form_is_refused(monkeypatch):
    monkeypatch.setenv("CLIENTELA_LOG_FORMAT", "xml")
    with pytest.raises(ConfigurationError, match="CLIENTELA_LOG_FORMAT"):
        choice("CLIENTELA_LOG_FORMAT", logs.FORMATS)


def test_a_refused_page_is_kept_once_a_minute(cast):
    client = signed_in("203.0.113.7", cast.owner)
    for _number in range(3):
        assert client.get("/settings/").status_code == 403
    found = SecurityEvent.objects.get(kind=security.ACCESS_REFUSED)
    assert (found.user, found.address, found.detail) == (cast.owner, "203.0.113.7", "GET /settings/")


def test_a_visitor_fills_no_log(db):
    assert Client(enforce_csrf_checks=True).post("/account/login/").status_code == 403
    assert not SecurityEvent.objects.exists()


def test_no_password_or_token_is_logged(cast, caplog):
    caplog.set_level(logging.DEBUG)
    client = browser()
    sign_in(client, cast.owner)
    sign_in(browser(), cast.owner, "wrong but secret")
    client.get("/api/v1/accounts", headers={"authorization": "Bearer clt_secret_secret_secret"})
    client.get("/nothing/")
    said = caplog.text + str(list(SecurityEvent.objects.values()))
    for secret in (
        PASSWORD,
        "wrong but secret",
        "clt_secret_secret_secret",
        client.session.session_key or "-",
    ):
        assert secret not in said


ONE_LINE = """
import logging.config
from clientela.config import logs
logging.config.dictConfig(logs.configuration("INFO", "json"))
logging.getLogger("x").info("a\\nb")
"""


def test_the_settings_say_standard_error():
    made = logs.configuration("INFO", "json")
    assert made["handlers"]["console"]["class"] == "logging.StreamHandler"
    assert made["root"]["handlers"] == ["console"]
    done = subprocess.run([sys.executable, "-c", ONE_LINE], capture_output=True, text=True, check=True)
    assert json.loads(done.stderr)["message"] == "a\nb"
    assert done.stdout == ""


def test_security_events_are_on_the_log_too(cast, caplog, django_capture_on_commit_callbacks):
    """V16.4.3: whoever can write into the database cannot take them back from where the log is sent."""
    with caplog.at_level("INFO", "clientela.security"), django_capture_on_commit_callbacks(execute=True):
        made = security.record_event(
            "sign_in_failed", address="203.0.113.7", user_agent="Fire\nfox", detail="ana@example.com\n{}"
        )
        security.record_event("password_changed", user=cast.owner)
    first, second = (json.loads(each.message) for each in caplog.records)
    assert first == {
        "event": "sign_in_failed",
        "id": made.pk,
        "user": None,
        "address": "203.0.113.7",
        "browser": "Fire\nfox",
        "detail": "…@…\n{}",
    }
    assert (second["event"], second["user"]) == ("password_changed", cast.owner.pk)
    line = logs.PlainFormatter().format(caplog.records[0])
    assert line.splitlines() == [line]


def test_what_was_rolled_back_is_not_on_the_log(cast, caplog, django_capture_on_commit_callbacks):
    with caplog.at_level("INFO", "clientela.security"), django_capture_on_commit_callbacks() as waiting:
        security.record_event("password_changed", user=cast.owner)
    assert len(waiting) == 1
    assert caplog.records == []
