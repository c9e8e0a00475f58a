"""The benchmark runs from end to end: a small base, every operation once or twice, an import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

from bench import case, databases, importing, names, plan, run
from tests import migrated
from tests.settings import SUFFIX

ROW = {
    "database",
    "size",
    "operation",
    "clients",
    "p50_ms",
    "p95_ms",
    "per_second",
    "floor_ms",
    "ratio",
    "queries",
    "bytes",
}
VENDOR = "postgres" if connection.vendor == "postgresql" else "sqlite"


@pytest.fixture(autouse=True)
def _migrated_before(django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The databases begin as copies of the migrated one, which is most of what making them takes."""

    def create(workspace: databases.Workspace) -> None:
        workspace.folder.mkdir(parents=True)
        file = str(workspace.folder / "clientela.sqlite3")
        migrated.copy_to(file if VENDOR == "sqlite" else workspace.name)

    monkeypatch.setattr(databases, "create", create)


def test_every_operation_is_measured_beside_its_floor():
    email = names.people()[0]
    asked = case.Case(VENDOR, f"smoke_{SUFFIX}", 200, email, names.PASSWORD, {1: 2, 8: 8}, variants=1)

    rows, seen = case.run(asked, keep=False)

    assert [(row["operation"], row["clients"]) for row in rows] == [
        (operation, clients) for operation in plan.OPERATIONS for clients in (1, 8)
    ]
    for row in rows:
        assert set(row) == ROW
        assert row["p50_ms"] > 0
        assert row["floor_ms"] > 0
        assert row["queries"] > 0
        assert row["operation"] not in plan.READS or row["bytes"] > 1000
    assert seen["memory_mb"] > 0
    assert seen["disk_mb"] > 0


def test_an_import_is_measured():
    found = importing.measure(VENDOR, 60, f"smoke_import_{SUFFIX}")

    assert set(found) == {"database", "rows", "rows_per_second", "peak_mb"}
    assert found["rows"] == 60
    assert found["rows_per_second"] > 0
    assert found["peak_mb"] > 0


def test_results_are_written_as_promised(tmp_path: Path):
    file = tmp_path / "results" / "latest.json"

    run._write(file, [{"operation": "list"}], [{"rows": 1}])

    assert json.loads(file.read_text()) == {"rows": [{"operation": "list"}], "imports": [{"rows": 1}]}
