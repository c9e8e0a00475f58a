"""The environment variables that configure Clientela: one table, read in one place.

Every variable has an entry in VARIABLES and a row in docs/reference/settings.md; a test compares the two.
"""

from __future__ import annotations

import os
import secrets
import shlex
from pathlib import Path

VARIABLES: dict[str, str] = {
    "CLIENTELA_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "CLIENTELA_BASE_CURRENCY": "EUR",
    "CLIENTELA_CALLS_PER_MINUTE": "1200",
    "CLIENTELA_CERTIFICATE": "",
    "CLIENTELA_CERTIFICATE_KEY": "",
    "CLIENTELA_COUNTRY": "ES",
    "CLIENTELA_DATA": "",
    "CLIENTELA_DATABASE_POOL": "10",
    "CLIENTELA_DATABASE_URL": "",
    "CLIENTELA_DEBUG": "0",
    "CLIENTELA_EMAIL_FROM": "clientela@localhost",
    "CLIENTELA_EMAIL_URL": "",
    "CLIENTELA_FILE_LIMIT": "25",
    "CLIENTELA_HTTPS": "0",
    "CLIENTELA_LANGUAGE": "es",
    "CLIENTELA_LEAKED_PASSWORDS": "",
    "CLIENTELA_LOG_FORMAT": "plain",
    "CLIENTELA_LOG_LEVEL": "INFO",
    "CLIENTELA_OIDC": "",
    "CLIENTELA_PASSWORD_WORDS": "",
    "CLIENTELA_PROXIES": "0",
    "CLIENTELA_REDIS_URL": "",
    "CLIENTELA_REQUIRE_MFA": "0",
    "CLIENTELA_REQUIRE_TLS": "0",
    "CLIENTELA_SCAN_COMMAND": "",
    "CLIENTELA_SECRET_KEY": "",
    "CLIENTELA_SECRET_KEY_FALLBACKS": "",
    "CLIENTELA_TIME_ZONE": "Europe/Madrid",
    "CLIENTELA_TRUSTED_ORIGINS": "",
    "CLIENTELA_WORKSPACE_NAME": "Clientela",
}

SHORTEST_KEY, LEAST_VARIED = 32, 8
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


class ConfigurationError(Exception):
    """An environment variable cannot be used as it is; the message says which one and why."""


def text(name: str) -> str:
    """The value of a variable of the table, or its default; surrounding blanks do not count."""
    return os.environ.get(name, "").strip() or VARIABLES[name]


def flag(name: str) -> bool:
    """A yes-or-no variable; raises ConfigurationError on any other word."""
    value = text(name).lower()
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ConfigurationError(f"{name} must be 1 or 0, not “{value}”.")


def number(name: str) -> int:
    """A whole number of zero or more; raises ConfigurationError otherwise."""
    value = text(name)
    if not value.isdecimal():
        raise ConfigurationError(f"{name} must be a whole number, not “{value}”.")
    return int(value)


def choice(name: str, known: tuple[str, ...]) -> str:
    """One of the words in `known`; raises ConfigurationError otherwise."""
    value = text(name).lower()
    if value not in known:
        raise ConfigurationError(f"{name} must be one of {', '.join(known)}, not “{value}”.")
    return value


def readable_file(name: str) -> str:
    """The path of a file that can be read, or ""; raises ConfigurationError where it cannot."""
    value = text(name)
    if not value:
        return ""
    path = Path(value).expanduser()
    if not os.access(path, os.R_OK) or not path.is_file():
        raise ConfigurationError(f"{name}: {path} cannot be read.")
    return str(path)


def certificate() -> tuple[str, str] | None:
    """The files of the server's own certificate and its key, where it has one; raises ConfigurationError."""
    found = readable_file("CLIENTELA_CERTIFICATE"), readable_file("CLIENTELA_CERTIFICATE_KEY")
    if not any(found):
        return None
    if not all(found):
        raise ConfigurationError("CLIENTELA_CERTIFICATE and CLIENTELA_CERTIFICATE_KEY go together.")
    return found


def items(name: str) -> list[str]:
    """A comma-separated variable as a list without blanks."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def words(name: str) -> list[str]:
    """A command as its words, quoted as in a shell; raises ConfigurationError where a quote is not closed."""
    try:
        return shlex.split(text(name))
    except ValueError as error:
        raise ConfigurationError(f"{name}: a quotation mark is never closed.") from error


def source_checkout() -> Path | None:
    """The checkout this code runs from, or None when it is an installed package."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() else None


def data_folder() -> Path:
    """The folder of everything that is kept: database, files, secret key. Created on first use."""
    folder = Path(text("CLIENTELA_DATA")).expanduser() if text("CLIENTELA_DATA") else _default_data_folder()
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"The data folder {folder} cannot be created: {error.strerror}.") from error
    return folder


def _default_data_folder() -> Path:
    checkout = source_checkout()
    if checkout is not None:
        return checkout / "data"
    home = os.environ.get("XDG_DATA_HOME", "").strip()
    return (Path(home) if home else Path.home() / ".local" / "share") / "clientela"


def secret_key(folder: Path) -> str:
    """The key given, or the one of this data folder: made once, readable by its owner only."""
    given = text("CLIENTELA_SECRET_KEY")
    if given:
        return _long_enough(given)
    path = folder / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _stored_key(path)
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


def _long_enough(key: str) -> str:
    """The key, if nobody could find it by trying; raises ConfigurationError."""
    if len(key) < SHORTEST_KEY or len(set(key)) < LEAST_VARIED:
        raise ConfigurationError(
            f"CLIENTELA_SECRET_KEY needs {SHORTEST_KEY} random characters or more, or leave it out."
        )
    return key


def _stored_key(path: Path) -> str:
    key = path.read_text(encoding="ascii").strip()
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(f"{path} holds no usable key. Delete it and start again.")
    return key
