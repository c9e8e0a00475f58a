"""`clientela serve` and `clientela worker`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from clientela.config import wires
from clientela.config.cli import arguments, ready

DEFAULT_PORT = 8000
# More threads than this only wait for each other: Python runs one at a time and the rest wait for the disk.
THREADS_PER_WORKER = 4
HEARTBEAT_SECONDS = 10
PATIENCE_SECONDS = 10
POLL_SECONDS = "0.5"


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare both commands."""
    serve = commands.add_parser("serve", help=_("Answer browsers and programs over HTTP"))
    serve.add_argument("--host", default="127.0.0.1", help=_("address to listen on (127.0.0.1)"))
    serve.add_argument(
        "--port", type=arguments.port, default=DEFAULT_PORT, help=_("port to listen on (8000)")
    )
    serve.add_argument(
        "--workers", type=arguments.workers, default=default_workers(), help=_("server processes")
    )
    serve.set_defaults(run=run_serve)
    worker = commands.add_parser("worker", help=_("Do the jobs that pages leave for later"))
    worker.set_defaults(run=run_worker)


def default_workers() -> int:
    """One server process for each processor, four at most."""
    return max(1, min(os.cpu_count() or 1, 4))


def run_serve(namespace: argparse.Namespace) -> int:
    """Become the server: this process turns into granian's, so that signals reach it directly."""
    wires.require_closed_door(namespace.host)
    ready.prepare_static()
    command = server_command(
        namespace.host, namespace.port, namespace.workers, certificate=settings.CERTIFICATE
    )
    sys.stdout.flush()
    os.execv(command[0], command)


def server_command(
    host: str,
    port: int,
    workers: int,
    patience: int = PATIENCE_SECONDS,
    certificate: tuple[str, str] | None = None,
) -> list[str]:
    """The command that starts the server; on stopping, requests get `patience` seconds to finish.

    `certificate`: the files of a certificate and its key, to speak TLS and nothing else.
    """
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": str(THREADS_PER_WORKER),
        "--blocking-threads-idle-timeout": "600",
        "--log-level": "error",
        "--workers-kill-timeout": str(patience),
        "--http": "1",
    }
    if certificate is not None:
        options |= {"--ssl-certificate": certificate[0], "--ssl-keyfile": certificate[1]}
        options |= {"--ssl-protocol-min": "tls1.2"}
    flat = [word for option in options.items() for word in option]
    target = "clientela.config.wsgi:application"
    return [sys.executable, "-m", "granian", *flat, "--no-ws", "--respawn-failed-workers", target]


def run_worker(_namespace: argparse.Namespace) -> int:
    """Do jobs until told to stop; says every few seconds that it is alive (`doctor` reads it)."""
    threading.Thread(target=_beat, args=(heartbeat_file(),), daemon=True, name="heartbeat").start()
    call_command("db_worker", queue_name="*", interval=float(POLL_SECONDS), reload=False, verbosity=1)
    return 0


def heartbeat_file() -> Path:
    """The file whose age tells when a worker last ran on this data folder."""
    return Path(settings.DATA_FOLDER) / "worker-heartbeat"


def _beat(path: Path) -> None:
    while True:
        path.touch()
        _resume_imports()
        _keep_history()
        _find_duplicates()
        _clean_files()
        _count_tables()
        time.sleep(HEARTBEAT_SECONDS)


def _resume_imports() -> None:
    """Take up the imports, bulk changes, hand-overs and undos whose process is gone."""
    from django.db import DatabaseError, connections

    from clientela.platform.audit import leaving
    from clientela.platform.editing import jobs
    from clientela.platform.handover import running
    from clientela.platform.transfer import watching

    try:
        leaving.resume_interrupted()
        watching.resume_interrupted()
        jobs.resume_interrupted()
        running.resume_interrupted()
    except DatabaseError:
        logging.getLogger(__name__).warning("Interrupted jobs could not be looked for", exc_info=True)
    finally:
        connections.close_all()


def _keep_history() -> None:
    """Seal what was written since, and put away what is too old, each when it is due."""
    from django.db import DatabaseError, connections

    from clientela.platform.audit import keeping

    try:
        keeping.work()
    except (DatabaseError, OSError):
        logging.getLogger(__name__).warning("The history could not be sealed or put away", exc_info=True)
    finally:
        connections.close_all()


def _find_duplicates() -> None:
    """Have records that may be the same looked for, when that is due."""
    from django.db import DatabaseError, connections

    from clientela.platform.duplicates import tasks

    try:
        tasks.ask_when_due()
    except DatabaseError:
        logging.getLogger(__name__).warning("Duplicates could not be looked for", exc_info=True)
    finally:
        connections.close_all()


def _clean_files() -> None:
    """Delete the bytes of files that can no longer come back, when that is due."""
    from django.db import DatabaseError, connections

    from clientela.platform.attachments import cleaning

    try:
        cleaning.work()
    except (DatabaseError, OSError):
        logging.getLogger(__name__).warning("Files could not be cleaned up", exc_info=True)
    finally:
        connections.close_all()


def _count_tables() -> None:
    """Tell SQLite's planner how large the tables are, when that is due."""
    from django.db import connection

    from clientela.kit import statistics

    try:
        statistics.work(connection)
    finally:
        connection.close()
