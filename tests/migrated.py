"""A migrated database, made once and copied: migrating takes ten seconds of a processor, a copy none.

The one that is copied stays for the next run, until a migration or what one builds on changes. To make it
ahead: `CLIENTELA_TEST_DATABASE=postgres DJANGO_SETTINGS_MODULE=tests.settings python -m tests.migrated`.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from tests.settings import CHOICE, FOLDER, POSTGRES_URL, SUFFIX

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "src", ROOT)
REQUIREMENTS = ROOT / "requirements" / "base.txt"
MODEL = str(FOLDER / "migrated.sqlite3") if CHOICE == "sqlite" else f"migrated_clientela_{SUFFIX}"
MARK = FOLDER / "migrated.digest"


def make() -> None:
    """See that there is one to copy; needs leave to use the database, outside of a transaction."""
    with _turn():
        _make()


def copy_to(name: str) -> None:
    """A migrated, otherwise empty database: `name` is a file on SQLite, else one of the server's.

    Whatever bears the name is replaced. Wants `make` before; several processes take turns.
    """
    with _turn():
        _replace(name, copied=True)


def remove(name: str) -> None:
    """Take such a copy away, also from a thread of a server that has not yet let go of it."""
    with _turn():
        _replace(name, copied=False)


@contextmanager
def installation(folder: Path) -> Iterator[tuple[dict[str, str], str]]:
    """An installation of its own in `folder`, on the database under test, for programs to be killed.

    Its environment, and the address of its database: a URI to read a file, else the server's.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLIENTELA_")}
    environment |= {"CLIENTELA_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "clientela.config.settings"}
    if CHOICE == "sqlite":
        file = folder / "clientela.sqlite3"
        copy_to(str(file))
        yield environment, f"file:{file}?mode=ro"
        return
    name = f"installation_{connection.settings_dict['TEST']['NAME']}"
    address = f"{POSTGRES_URL.rpartition('/')[0]}/{name}"
    copy_to(name)
    yield {**environment, "CLIENTELA_DATABASE_URL": address}, address
    remove(name)


@contextmanager
def _turn() -> Iterator[None]:
    """A model that somebody is making or copying is not touched by anybody else."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make() -> None:
    """Migrate the model, unless one is there that was made of the same sources."""
    digest = _digest()
    if MARK.exists() and MARK.read_text() == digest and _exists(MODEL):
        return
    MARK.unlink(missing_ok=True)
    known, chosen = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = MODEL
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"] = known, chosen
    MARK.write_text(digest)


def _digest() -> str:
    """Of every migration, of the modules they import and of the packages' versions."""
    migrations = {path for source in SOURCES for path in source.glob("*/**/migrations/*.py")}
    files = {REQUIREMENTS, *migrations, *(file for path in migrations for file in _imported(path))}
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(file.read_bytes())
    return found.hexdigest()


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from _files(*(name.name for name in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from _files(node.module, *(f"{node.module}.{name.name}" for name in node.names))


def _files(*modules: str) -> Iterator[Path]:
    """Those of these modules that are ours."""
    for module in modules:
        for source in SOURCES:
            path = source.joinpath(*module.split("."))
            yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists())


def _replace(name: str, *, copied: bool) -> None:
    if CHOICE == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(name + end).unlink(missing_ok=True)
        if copied:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(MODEL, name)
        return
    with closing(_server()) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if copied:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{MODEL}"')
            # Nothing here must outlive the machine, as PRAGMA synchronous=OFF says to SQLite.
            server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def _exists(name: str) -> bool:
    if CHOICE == "sqlite":
        return Path(name).exists()
    with closing(_server()) as server:
        return server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(f"{POSTGRES_URL.rpartition('/')[0]}/postgres", autocommit=True)


if __name__ == "__main__":
    import django

    django.setup()
    make()
