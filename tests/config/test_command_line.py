"""The command line: what it says and the status it ends with."""

from __future__ import annotations

import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from clientela.access.models import User
from clientela.config.cli import demo, doctor, main, ready, serving
from clientela.config.environment import ConfigurationError
from clientela.platform.api.models import ApiToken


@pytest.fixture(autouse=True)
def _language(monkeypatch):
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "en")
    with translation.override("en"):
        yield


def test_no_command_is_a_wrong_question(capsys):
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_a_sign_in_link_signs_in(cast, capsys, client):
    assert main(["signin-link", "Admin@Example.com", "--base", "https://crm.example/"]) == 0
    address = capsys.readouterr().out.strip()
    assert address.startswith("https://crm.example/account/link/")
    assert client.post(address.removeprefix("https://crm.example")).status_code == 302
    assert client.session["_auth_user_id"] == str(cast.admin.pk)


def test_a_sign_in_link_for_nobody_fails(cast, capsys):
    User.objects.filter(pk=cast.reader.pk).update(is_active=False)
    assert main(["signin-link", "reader@example.com"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Nobody active has the e-mail reader@example.com.\n"


def test_a_wrong_setting_is_named_without_a_traceback(monkeypatch, capsys):
    def refuse() -> None:
        raise ConfigurationError("CLIENTELA_DEBUG must be 1 or 0.")

    monkeypatch.setattr(ready, "prepare_database", refuse)
    assert main(["signin-link", "x@example.com"]) == 2
    assert capsys.readouterr().err == "CLIENTELA_DEBUG must be 1 or 0.\n"


def test_a_server_database_that_lacks_migrations_is_refused(db, monkeypatch):
    monkeypatch.setattr(ready, "pending_migrations", lambda: ["sales.0009_more"])
    monkeypatch.setattr(connection, "vendor", "postgresql")
    with pytest.raises(ConfigurationError, match="The database lacks 1 migration"):
        ready.prepare_database()


def test_a_migrated_database_is_left_alone(db):
    assert ready.pending_migrations() == []


def test_the_demo_refuses_a_taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port} is taken"):
            demo.check_port(port)


def test_the_demo_never_mixes_with_other_data(cast):
    before = sorted(User.objects.values_list("email", flat=True))
    with pytest.raises(ConfigurationError, match="already holds data that is not the demo's"):
        demo.load_company()
    assert sorted(User.objects.values_list("email", flat=True)) == before


def test_the_server_listens_where_it_is_told():
    command = serving.server_command("127.0.0.1", 8123, 3)
    options = dict(pairwise(command))
    assert (options["--host"], options["--port"], options["--workers"]) == ("127.0.0.1", "8123", "3")
    assert options["--interface"] == "wsgi"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["serve", "--port", "99999"], "A number from 1 to 65535 is needed."),
        (["serve", "--port", "0"], "A number from 1 to 65535 is needed."),
        (["serve", "--workers", "-1"], "A number from 1 to 1000 is needed."),
        (["demo", "--port", "http"], "A number from 1 to 65535 is needed."),
        (["token", "admin@example.com", "--days", "-1"], "A number from 0 to 36500 is needed."),
    ],
)
def test_a_number_out_of_bounds_is_a_wrong_question(given, words, cast, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
    assert ApiToken.objects.count() == 0


def test_an_export_that_cannot_be_written_says_why(cast, tmp_path, capsys):
    assert main(["export", "account", "--output", str(tmp_path / "nowhere" / "x.csv")]) == 1
    assert capsys.readouterr().err == "The file cannot be written: No such file or directory\n"


def finding(what: str) -> doctor.Finding:
    return next(found for found in doctor.examine() if found.what == what)


def test_the_doctor_finds_the_database_well(db):
    assert finding("Migrations").mend == ""
    assert all(found.mend == "" for found in doctor.extensions())


def test_the_doctor_names_missing_migrations(db, monkeypatch):
    monkeypatch.setattr(ready, "pending_migrations", lambda: ["sales.0009_more"])
    assert finding("Migrations").mend == "Run: clientela manage migrate"


def test_the_doctor_sees_a_short_key(db, monkeypatch):
    monkeypatch.setattr(settings, "SECRET_KEY", "short")
    assert finding("Secret key").mend == "CLIENTELA_SECRET_KEY needs 32 characters or more."


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path)
    return tmp_path


def test_the_doctor_sees_a_key_that_others_can_read(db, data):
    (data / "secret-key").write_text("x" * 50)
    (data / "secret-key").chmod(0o644)
    assert finding("Secret key").mend == f"Others can read it. Run: chmod 600 {data / 'secret-key'}"


def test_the_doctor_sees_no_worker(db, data):
    assert finding("Worker").mend == "Start it: clientela worker"


def test_the_doctor_sees_a_living_worker(db, data):
    serving.heartbeat_file().touch()
    assert finding("Worker").mend == ""
    assert time.time() - serving.heartbeat_file().stat().st_mtime < 10


def test_the_doctor_ends_with_one_when_something_is_to_mend(db, data, capsys):
    assert main(["doctor"]) == 1
    assert "✗ Worker\n    Start it: clientela worker\n" in capsys.readouterr().out
