"""One database of one size, measured beside its floor."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import databases, servers
from bench.databases import Workspace
from bench.load import Connection, Request, Result, Supply, cycle, measure
from bench.plan import OPERATIONS, READS

CLIENTS = (1, 8)
MOST_CLIENTS = max(CLIENTS)
COUNTS = {1: 60, 8: 160}
MOST_SECONDS = 15.0
WRITE_FLOORS = {"create": "/insert", "stage": "/update"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    vendor: str
    label: str
    deals: int
    email: str
    password: str
    counts: dict[int, int]
    operations: Sequence[str] = OPERATIONS
    variants: int = 20
    """Requests of each reading operation, used in turn."""


def run(case: Case, *, keep: bool) -> tuple[list[Row], dict[str, Any]]:
    """Rows of the result, and what was seen beside them: seconds to fill, size on disk, memory."""
    workspace, seconds = databases.prepare(
        case.vendor, case.label, case.deals, max(case.deals // 5, 1), keep=keep
    )
    try:
        rows, memory = _measure(case, workspace)
        disk = round(databases.size_mb(workspace), 1)
        return rows, {"fill_s": round(seconds, 1), "disk_mb": disk, "memory_mb": memory}
    finally:
        if not keep:
            databases.drop(workspace)


def _measure(case: Case, workspace: Workspace) -> tuple[list[Row], float]:
    file = workspace.folder / "plan.json"
    workspace.run("bench.plan", str(file), case.email, str(case.variants))
    plan = _read(file, case.operations)
    with servers.clientela(workspace) as (port, pid):
        cookie, token = servers.sign_in(port, case.email, case.password)
        supplies = {name: _supply(name, requests, token) for name, requests in plan.items()}
        measured = {each: _one(case, port, cookie, supplies[each[0]], each) for each in _phases(case)}
        memory = round(servers.memory_mb(pid), 1)
    with servers.floor(workspace, file, cookie) as port:
        counts = _counts(port)
        floors = {each: _one(case, port, "", _floor_supply(plan, each[0]), each) for each in _phases(case)}
    return [_row(case, each, measured[each], floors[each], counts[each[0]]) for each in measured], memory


def _read(file: Path, operations: Sequence[str]) -> dict[str, list[Request]]:
    raw = json.loads(file.read_text())
    return {
        name: [Request(each["path"], each["body"], tuple(map(tuple, each["headers"]))) for each in raw[name]]
        for name in operations
    }


def _phases(case: Case) -> Iterator[tuple[str, int]]:
    return itertools.product(case.operations, CLIENTS)


def _supply(name: str, requests: Sequence[Request], token: str) -> Supply:
    """Reads go round; each write is sent once and carries the token."""
    if name in READS:
        return cycle(requests)
    signed = [replace(each, headers=(*each.headers, ("X-CSRFToken", token))) for each in requests]
    if name == "create":
        return cycle(signed)
    # Each client has records of its own: two who change the same one at once are told so, as they should be.
    paths = list(dict.fromkeys(each.path for each in signed))
    owner = {path: place % MOST_CLIENTS for place, path in enumerate(paths)}
    left = [iter([each for each in signed if owner[each.path] == place]) for place in range(MOST_CLIENTS)]
    return lambda _number, client: next(left[client % MOST_CLIENTS])


def _floor_supply(plan: dict[str, list[Request]], name: str) -> Supply:
    if name in WRITE_FLOORS:
        return cycle([Request(WRITE_FLOORS[name])])
    return cycle([Request(each.path) for each in plan[name]])


def _one(case: Case, port: int, cookie: str, supply: Supply, phase: tuple[str, int]) -> Result:
    """A warm-up that reaches every worker, then the measurement."""
    name, clients = phase
    warm = 8 if name not in READS else 40 if clients == 1 else 16
    warm = min(warm, 2 * case.counts[clients])
    measure(port, cookie, supply, count=warm, clients=4, most_seconds=MOST_SECONDS)
    return measure(
        port, cookie, supply, count=case.counts[clients], clients=clients, most_seconds=MOST_SECONDS
    )


def _counts(port: int) -> dict[str, dict[str, int]]:
    connection = Connection(port)
    answer = connection.send(Request("/counts").wire(""))
    connection.close()
    counts: dict[str, dict[str, int]] = json.loads(answer.body)
    return counts


def _row(case: Case, phase: tuple[str, int], result: Result, floor: Result, counts: dict[str, int]) -> Row:
    name, clients = phase
    p50, least = result.at(0.5), floor.at(0.5)
    return {
        "database": case.vendor,
        "size": case.label,
        "operation": name,
        "clients": clients,
        "p50_ms": round(p50, 2),
        "p95_ms": round(result.at(0.95), 2),
        "per_second": round(result.per_second, 1),
        "floor_ms": round(least, 2),
        "ratio": round(p50 / least, 2),
        "queries": counts["queries"],
        "bytes": counts["bytes"] or result.bytes,
    }
