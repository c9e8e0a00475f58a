"""Settings come from the environment; a value that cannot be used says so."""

from __future__ import annotations

import stat

import pytest

from clientela.config import database, environment, mail
from clientela.config.environment import ConfigurationError


def test_an_unset_variable_has_its_default(monkeypatch):
    monkeypatch.delenv("CLIENTELA_TIME_ZONE", raising=False)
    assert environment.text("CLIENTELA_TIME_ZONE") == "Europe/Madrid"


def test_a_blank_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("CLIENTELA_BASE_CURRENCY", "  ")
    assert environment.text("CLIENTELA_BASE_CURRENCY") == "EUR"


@pytest.mark.parametrize(("word", "value"), [("1", True), ("YES", True), ("off", False), ("", False)])
def test_flags(monkeypatch, word, value):
    monkeypatch.setenv("CLIENTELA_DEBUG", word)
    assert environment.flag("CLIENTELA_DEBUG") is value


def test_a_flag_that_is_neither_names_the_variable(monkeypatch):
    monkeypatch.setenv("CLIENTELA_DEBUG", "maybe")
    with pytest.raises(ConfigurationError, match="CLIENTELA_DEBUG must be 1 or 0, not “maybe”"):
        environment.flag("CLIENTELA_DEBUG")


def test_a_number_that_is_none_names_the_variable(monkeypatch):
    monkeypatch.setenv("CLIENTELA_DATABASE_POOL", "-3")
    with pytest.raises(ConfigurationError, match="CLIENTELA_DATABASE_POOL must be a whole number"):
        environment.number("CLIENTELA_DATABASE_POOL")


def test_lists_drop_blanks(monkeypatch):
    monkeypatch.setenv("CLIENTELA_ALLOWED_HOSTS", "a.example, ,b.example,")
    assert environment.items("CLIENTELA_ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_the_secret_key_is_made_once_and_kept_private(monkeypatch, tmp_path):
    monkeypatch.delenv("CLIENTELA_SECRET_KEY", raising=False)
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50
    assert environment.secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_an_empty_key_file_is_refused(monkeypatch, tmp_path):
    monkeypatch.delenv("CLIENTELA_SECRET_KEY", raising=False)
    (tmp_path / "secret-key").write_text("")
    with pytest.raises(ConfigurationError, match="holds no usable key"):
        environment.secret_key(tmp_path)


def test_a_given_key_writes_no_file(monkeypatch, tmp_path):
    given = "Lq7_vX2mZt9-KpR4wY8sB1cN6dJ3hF5g"
    monkeypatch.setenv("CLIENTELA_SECRET_KEY", given)
    assert environment.secret_key(tmp_path) == given
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["secret", "x" * 64, "Lq7_vX2mZt9-KpR4wY8sB1cN6dJ3hF5"])
def test_a_key_that_could_be_guessed_is_refused(monkeypatch, tmp_path, given):
    monkeypatch.setenv("CLIENTELA_SECRET_KEY", given)
    with pytest.raises(ConfigurationError, match="CLIENTELA_SECRET_KEY needs 32 random characters"):
        environment.secret_key(tmp_path)


def test_the_data_folder_is_made_for_its_owner_only(monkeypatch, tmp_path):
    monkeypatch.setenv("CLIENTELA_DATA", str(tmp_path / "deep" / "er"))
    assert environment.data_folder() == tmp_path / "deep" / "er"
    assert stat.S_IMODE((tmp_path / "deep" / "er").stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CLIENTELA_DATA", str(tmp_path / "file" / "below"))
    with pytest.raises(ConfigurationError, match="cannot be created"):
        environment.data_folder()


def test_no_url_means_sqlite_in_the_data_folder(tmp_path):
    made = database.parse("", folder=tmp_path, pool=10)
    assert made["ENGINE"] == "django.db.backends.sqlite3"
    assert made["NAME"] == str(tmp_path / "clientela.sqlite3")
    assert made["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_sqlite_url_with_four_slashes_is_absolute(tmp_path):
    assert (
        database.parse("sqlite:////srv/crm.sqlite3", folder=tmp_path, pool=10)["NAME"] == "/srv/crm.sqlite3"
    )


def test_a_postgres_url_with_everything(tmp_path):
    url = "postgres://ana:p%40ss@db.example:6432/crm?sslmode=require"
    made = database.parse(url, folder=tmp_path, pool=4)
    assert [made[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "ana",
        "p@ss",
        "db.example",
        "6432",
        "crm",
    ]
    assert made["OPTIONS"] == {
        "sslmode": "require",
        "pool": {"min_size": 1, "max_size": 4, "timeout": 10},
    }
    assert made["CONN_MAX_AGE"] == 0


def test_without_a_pool_connections_are_kept_a_while(tmp_path):
    made = database.parse("postgresql:///crm?host=/run/postgresql", folder=tmp_path, pool=0)
    assert (made["HOST"], made["CONN_MAX_AGE"], made["OPTIONS"]) == ("/run/postgresql", 600, {})


@pytest.mark.parametrize("url", ["mysql://host/crm", "postgres://host/", "crm.sqlite3"])
def test_a_database_that_cannot_be_used_is_refused(tmp_path, url):
    with pytest.raises(ConfigurationError, match="CLIENTELA_DATABASE_URL"):
        database.parse(url, folder=tmp_path, pool=0)


@pytest.mark.parametrize(
    ("url", "port", "starttls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://ana:secret@mail.example", 587, True, False),
        ("smtps://ana:secret@mail.example:4650", 4650, False, True),
    ],
)
def test_mail_servers(url, port, starttls, ssl):
    backend, options = mail.parse(url)
    assert backend == "django.core.mail.backends.smtp.EmailBackend"
    assert (options.host, options.port, options.starttls, options.ssl) == (
        "mail.example",
        port,
        starttls,
        ssl,
    )


def test_no_mail_server_prints_mails():
    assert mail.parse("")[0] == "django.core.mail.backends.console.EmailBackend"


def test_a_mail_server_that_cannot_be_used_is_refused():
    with pytest.raises(ConfigurationError, match="CLIENTELA_EMAIL_URL"):
        mail.parse("imap://mail.example")
