"""From CLIENTELA_DATABASE_URL to Django's DATABASES, and what each new connection needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from clientela.config.environment import ConfigurationError

# WAL lets readers go on while one writes; NORMAL is safe with WAL and saves a disk wait for each commit.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA mmap_size=268435456;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA journal_size_limit=67108864"
)
POSTGRES_SCHEMES = frozenset({"postgres", "postgresql"})


def parse(url: str, *, folder: Path, pool: int) -> dict[str, Any]:
    """Django's settings for one database.

    `url` is empty (SQLite in the data folder), `sqlite:///path` or `postgres://user:password@host:port/name`;
    what follows `?` is passed to the driver. `pool` is the most connections a process keeps, 0 for no pool.
    Raises ConfigurationError for any other scheme or a missing name.
    """
    if not url:
        return sqlite(folder / "clientela.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path[1:])))
    if parts.scheme in POSTGRES_SCHEMES:
        return _postgres(url, pool)
    raise ConfigurationError(
        f"CLIENTELA_DATABASE_URL begins with “{parts.scheme}”; use sqlite:///path or postgres://…"
    )


def sqlite(path: Path) -> dict[str, Any]:
    """An embedded database in one file."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def _postgres(url: str, pool: int) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.strip("/"))
    if not name:
        raise ConfigurationError("CLIENTELA_DATABASE_URL names no database (postgres://host/name).")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or options.pop("host", ""),
        "PORT": str(parts.port or ""),
        # A pool does the keeping; without one a connection may live ten minutes.
        "CONN_MAX_AGE": 0 if pool else 600,
        "OPTIONS": options,
    }
