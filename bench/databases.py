"""Databases of the benchmark's own: made, filled, dropped, all by the name `clientela_bench_*`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
SERVER = os.environ.get("CLIENTELA_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/clientela")


@dataclass(frozen=True)
class Workspace:
    """One database with its data folder, and the environment that makes Clientela use it."""

    vendor: str
    name: str
    folder: Path

    @property
    def url(self) -> str:
        if self.vendor == "sqlite":
            return f"sqlite:///{self.folder / 'clientela.sqlite3'}"
        return f"{SERVER.rpartition('/')[0]}/{self.name}"

    def environment(self, **more: str) -> dict[str, str]:
        """Of the developer's own settings nothing reaches the benchmark; Python keeps what it compiles."""
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("CLIENTELA_", "PYTHON"))
        }
        return own | {
            "CLIENTELA_DATABASE_URL": self.url,
            "CLIENTELA_DATA": str(self.folder),
            "CLIENTELA_LOG_LEVEL": "ERROR",
            "CLIENTELA_CALLS_PER_MINUTE": "0",
            "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            **more,
        }

    def run(self, *words: str, **more: str) -> dict[str, Any]:
        """A module of the benchmark in a process of its own; its last line is its answer, as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            env=self.environment(**more),
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr[-4000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer


def prepare(vendor: str, label: str, deals: int, accounts: int, *, keep: bool) -> tuple[Workspace, float]:
    """A workspace with so many deals and accounts, and the seconds it took (see `prepared`)."""
    return prepared(vendor, label, ("bench.fill", str(deals), str(accounts)), keep=keep)


def prepared(vendor: str, label: str, words: Sequence[str], *, keep: bool) -> tuple[Workspace, float]:
    """A workspace filled by a module of the benchmark, and the seconds it took.

    With `keep` one of an earlier run is taken as it is.
    """
    folder = Path(tempfile.gettempdir()) / f"clientela_bench_{label}_{vendor}"
    workspace = Workspace(vendor, f"clientela_bench_{label}", folder)
    if keep and (folder / "ready").exists():
        return workspace, 0.0
    drop(workspace)
    create(workspace)
    started = time.perf_counter()
    workspace.run(*words)
    (folder / "ready").touch()
    return workspace, time.perf_counter() - started


def create(workspace: Workspace) -> None:
    """An empty folder and an empty database."""
    workspace.folder.mkdir(parents=True)
    if workspace.vendor == "postgres":
        with _server() as server:
            server.execute(f'CREATE DATABASE "{workspace.name}"')


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(f"{SERVER.rpartition('/')[0]}/postgres", autocommit=True, connect_timeout=5)


def server_answers() -> bool:
    try:
        _server().close()
    except psycopg.OperationalError:
        return False
    return True


def drop(workspace: Workspace) -> None:
    """Take the database and its folder away."""
    shutil.rmtree(workspace.folder, ignore_errors=True)
    if workspace.vendor == "postgres":
        with _server() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{workspace.name}" WITH (FORCE)')


def size_mb(workspace: Workspace) -> float:
    """What the database takes on disk."""
    if workspace.vendor == "sqlite":
        return (workspace.folder / "clientela.sqlite3").stat().st_size / 1e6
    with psycopg.connect(workspace.url) as database:
        row = database.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return float(row[0]) / 1e6
