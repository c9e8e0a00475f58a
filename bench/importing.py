"""Rows a second and memory of `clientela import`, a process of its own as anybody would run it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import databases
from bench.databases import ROOT, Workspace
from bench.names import SECOND, THINGS, account_name

STAGES = ("Nuevo contacto", "Visita técnica", "Presupuesto", "Negociación", "Ganada")
HEADINGS = ("External id", "Name", "Account", "Stage", "Amount", "Currency", "Expected close", "Owner")


@dataclass(frozen=True)
class Imported:
    database: str
    rows: int
    rows_per_second: float
    peak_mb: float


def measure(vendor: str, rows: int, label: str = "import") -> dict[str, Any]:
    """Import `rows` deals, tied to accounts by name and to people by e-mail, into a base without deals."""
    accounts = max(rows // 5, 1)
    workspace, _seconds = databases.prepare(vendor, label, 0, accounts, keep=False)
    file = workspace.folder / "deals.csv"
    try:
        write_csv(file, rows, accounts)
        return asdict(_run(workspace, file, rows))
    finally:
        databases.drop(workspace)


def write_csv(file: Path, rows: int, accounts: int) -> None:
    """Deals as another system would export them: decimal points, ISO dates, each with an id."""
    with file.open("w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output)
        writer.writerow(HEADINGS)
        for number in range(1, rows + 1):
            writer.writerow(
                (
                    f"D{number}",
                    f"{THINGS[number % len(THINGS)]} {SECOND[number % len(SECOND)]} {number}",
                    account_name(number % accounts + 1),
                    STAGES[number % len(STAGES)],
                    f"{number * 37 % 90_000}.50",
                    "EUR",
                    f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
                    f"seller{number % 10}@bench.example",
                )
            )


def _run(workspace: Workspace, file: Path, rows: int) -> Imported:
    words = ["import", str(file), "--as", "opportunity", "--json"]
    log = workspace.folder / "import.log"
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "clientela.config.cli", *words],
            env=workspace.environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=output,
        )
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    answer = json.loads(said.strip().splitlines()[-1]) if said.strip() else {}
    if answer.get("created") != rows:
        raise SystemExit(f"The import made {answer}:\n{log.read_text(errors='replace')[-3000:]}")
    return Imported(workspace.vendor, rows, round(rows / seconds, 1), round(usage.ru_maxrss / 1024, 1))
