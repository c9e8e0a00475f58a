"""`clientela doctor`: checks the installation and says what to mend."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.config import environment, wires
from clientela.config.cli import ready, serving

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")
LEAST_POSTGRES = 150_000
LEAST_SQLITE = (3, 37)
WAITING_TOO_LONG = timedelta(minutes=5)
SEAL_PATIENCE = 5.0
"""Seconds that `doctor --audit` waits for transactions at work, so that it seals what they write."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `mend` is empty when all is well. `advice`: it works, and could be safer."""

    what: str
    mend: str = ""
    advice: bool = False


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help=_("Check the installation and say what to mend"))
    parser.add_argument("--audit", action="store_true", help=_("go through the whole history, row by row"))
    parser.set_defaults(run=run_doctor)


def run_doctor(namespace: argparse.Namespace) -> int:
    """Print one line for each finding; 1 when something needs mending."""
    return _tell(history() if getattr(namespace, "audit", False) else examine())


def _tell(found: Iterator[Finding]) -> int:
    findings = []
    for finding in found:
        findings.append(finding)
        print(f"{_mark(finding)} {finding.what}")
        if finding.mend:
            print(f"    {finding.mend}", flush=True)
    return 1 if any(finding.mend and not finding.advice for finding in findings) else 0


def _mark(finding: Finding) -> str:
    if not finding.mend:
        return "✓"
    return "!" if finding.advice else "✗"


def examine() -> Iterator[Finding]:
    """Every finding, the ones about the database only while it answers."""
    yield python_version()
    yield data_folder()
    yield secret_key()
    yield catalogues()
    yield static_files()
    answer = database()
    yield answer
    if answer.mend:
        return
    for check in DATABASE_CHECKS:
        yield from check()


def python_version() -> Finding:
    """Python 3.11 or newer."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    enough = sys.version_info >= (3, 11)
    return Finding(f"Python {version}", "" if enough else _("Install Python 3.11 or newer."))


def data_folder() -> Finding:
    """The data folder can be written."""
    folder = Path(settings.DATA_FOLDER)
    what = _("Data folder %(folder)s") % {"folder": folder}
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding(what)
    return Finding(what, _("Give the user who runs Clientela the right to write there."))


def secret_key() -> Finding:
    """The secret key is long, and its file is nobody else's."""
    path = Path(settings.DATA_FOLDER) / "secret-key"
    what = _("Secret key")
    if len(settings.SECRET_KEY) < environment.SHORTEST_KEY:
        return Finding(what, _("CLIENTELA_SECRET_KEY needs 32 characters or more."))
    if path.exists() and path.stat().st_mode & 0o077:
        return Finding(what, _("Others can read it. Run: chmod 600 %(path)s") % {"path": path})
    return Finding(what)


def catalogues() -> Finding:
    """The words of each language are compiled, all apps' in one file."""
    missing = [
        source
        for source in Path(apps.get_app_config("config").path).glob("locale/*/LC_MESSAGES/django.po")
        if not source.with_suffix(".mo").exists()
    ]
    return Finding(_("Message catalogues"), _("Compile them: make install") if missing else "")


def static_files() -> Finding:
    """Stylesheets and scripts were collected."""
    present = settings.DEBUG or (settings.STATIC_ROOT / "staticfiles.json").exists()
    return Finding(
        _("Stylesheets and scripts"), "" if present else _("They are collected by: clientela serve")
    )


def database() -> Finding:
    """The database answers, and is new enough."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return Finding(_("Database"), _("It does not answer: %(reason)s") % {"reason": reason})
    if connection.vendor == "sqlite":
        return _sqlite_version()
    version: int = connection.pg_version  # type: ignore[attr-defined]
    mend = "" if version >= LEAST_POSTGRES else _("Clientela needs PostgreSQL 15 or newer.")
    return Finding(f"PostgreSQL {version // 10_000}.{version % 10_000}", mend)


def _sqlite_version() -> Finding:
    import sqlite3

    mend = "" if sqlite3.sqlite_version_info >= LEAST_SQLITE else _("Clientela needs SQLite 3.37 or newer.")
    return Finding(f"SQLite {sqlite3.sqlite_version}", mend)


def migrations() -> Iterator[Finding]:
    """The tables are those of this version."""
    pending = ready.pending_migrations()
    yield Finding(_("Migrations"), _("Run: clientela manage migrate") if pending else "")


def extensions() -> Iterator[Finding]:
    """What search needs from the database."""
    if connection.vendor == "sqlite":
        yield _full_text_search()
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {row[0] for row in cursor.fetchall()}
    for name in EXTENSIONS:
        mend = "" if name in present else f"psql: CREATE EXTENSION {name};"
        yield Finding(_("Extension %(name)s") % {"name": name}, mend)


def _full_text_search() -> Finding:
    what = _("Full-text search (FTS5, trigram)")
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE VIRTUAL TABLE temp.doctor_probe USING fts5(word, tokenize='trigram')")
            cursor.execute("DROP TABLE temp.doctor_probe")
    except DatabaseError:
        return Finding(what, _("Use a Python whose SQLite has FTS5."))
    return Finding(what)


def worker() -> Iterator[Finding]:
    """A worker runs, or at least no job has been waiting for long."""
    what, mend = _("Worker"), _("Start it: clientela worker")
    path = serving.heartbeat_file()
    if path.exists() and time.time() - path.stat().st_mtime < 3 * serving.HEARTBEAT_SECONDS:
        yield Finding(what)
        return
    late = timezone.now() - WAITING_TOO_LONG
    yield Finding(what, mend if _jobs_waiting_since(late) or not path.exists() else "")


def _jobs_waiting_since(moment: object) -> bool:
    from django_tasks_db.models import DBTaskResult

    try:
        return bool(DBTaskResult.objects.ready().filter(enqueued_at__lt=moment).exists())
    except DatabaseError:
        return False


def indexes() -> Iterator[Finding]:
    """Each default sort and filter has its index, as far as the engine can tell."""
    if find_spec("clientela.platform.lists.doctor") is None:
        return
    from clientela.platform.lists import doctor

    for name in doctor.missing_indexes():
        yield Finding(_("Index"), _("Missing: %(name)s") % {"name": name})


def broken_imports() -> Iterator[Finding]:
    """No import was broken off unnoticed."""
    from clientela.platform.transfer import watching

    for name in watching.broken_off():
        yield Finding(name, _("Start the worker, which goes on with it, or run: clientela undo-import ID"))


def guards() -> Iterator[Finding]:
    """The triggers that keep the history as it was written are there."""
    from clientela.platform.audit import verifying

    names = verifying.missing_guards()
    mend = _("Somebody took away %(names)s. Run: clientela doctor --audit") % {"names": ", ".join(names)}
    yield Finding(_("Guards of the history"), mend if names else "")


def connections() -> Iterator[Finding]:
    """Nothing goes unencrypted over a network, the database's role may not more than it needs, and there is
    the virus scanner that the settings name."""
    yield _advised(_("Connections"), wires.open_wires())
    yield _advised(_("Role of the database"), wires.role_may_too_much())
    if settings.SCAN_COMMAND:
        found = shutil.which(settings.SCAN_COMMAND[0])
        mend = _("%(command)s is not there: no file can come in.") % {"command": settings.SCAN_COMMAND[0]}
        yield Finding(_("Virus scanner"), "" if found else mend)


def _advised(what: str, told: Iterator[str]) -> Finding:
    return Finding(what, " ".join(told), advice=True)


def history() -> Iterator[Finding]:
    """The chain of seals over the history, whole; what was written since the last seal is sealed first."""
    from clientela.platform.audit import sealing, verifying

    answer = database()
    yield answer
    if answer.mend:
        return
    yield from guards()
    sealing.seal(patience=SEAL_PATIENCE)
    for report in verifying.verify():
        what = _(
            "History “%(log)s”: %(rows)s rows in %(blocks)s blocks, %(away)s put away, %(left)s not sealed"
        )
        numbers = {
            "log": report.log,
            "rows": report.rows,
            "blocks": report.blocks,
            "away": report.put_away,
            "left": report.unsealed,
        }
        yield Finding(what % numbers, report.broken)


DATABASE_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    migrations,
    extensions,
    worker,
    indexes,
    broken_imports,
    guards,
    connections,
)
