"""What a scope costs: pages for somebody who sees a part, beside the same pages for one who sees everything.

In a base of a million accounts with 20,000 people in 2,000 teams (`bench.scope_fill`): the list as a
browser asks for it, the counts of its views and its totals.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from bench import databases, scope_fill, servers
from bench.load import Request, Result, cycle, measure
from bench.names import PASSWORD

ACCOUNTS, COUNT, TURNS, WARM, MOST_SECONDS = 1_000_000, 60, 5, 4, 20.0
PART = (("HX-Request", "true"),)
PAGES = {
    "": [f"/accounts/?{urlencode({'view': 'all', 'sort': sort, 'size': 50})}" for sort in ("name", "-name")],
    "_counts": ["/accounts/counts/"],
    "_totals": [f"/accounts/totals/?{urlencode({'view': 'all'})}"],
}


def run(vendor: str, *, keep: bool, accounts: int = ACCOUNTS, count: int = COUNT) -> list[dict[str, Any]]:
    """Rows of the result: `scope_team`, `scope_condition` and their like, with what all cost as the floor."""
    label = f"scopes_{accounts}"
    words = ("bench.scope_fill", str(accounts))
    workspace, _seconds = databases.prepared(vendor, label, words, keep=keep)
    try:
        with servers.clientela(workspace) as (port, _pid):
            found = _measured(port, count)
    finally:
        if not keep:
            databases.drop(workspace)
    return [
        _row(vendor, accounts, f"scope_{name}{page}", result, found["all", page])
        for (name, page), result in found.items()
    ]


def _measured(port: int, count: int) -> dict[tuple[str, str], Result]:
    """By person and page, in turns, so that a slow minute of the machine is shared by all."""
    cookies = {name: servers.sign_in(port, scope_fill.email(name), PASSWORD)[0] for name in scope_fill.WHO}
    found = {(name, page): Result() for name in cookies for page in PAGES}
    for _turn in range(TURNS):
        for (name, page), result in found.items():
            turn = _turn_of(port, cookies[name], page, max(count // TURNS, 1))
            result.times += turn.times
            result.seconds += turn.seconds
            result.bytes = turn.bytes
    return found


def _turn_of(port: int, cookie: str, page: str, count: int) -> Result:
    requests = cycle([Request(path, headers=PART if page else ()) for path in PAGES[page]])
    measure(port, cookie, requests, count=WARM, clients=2, most_seconds=MOST_SECONDS)
    return measure(port, cookie, requests, count=count, clients=1, most_seconds=MOST_SECONDS)


def _row(vendor: str, accounts: int, operation: str, result: Result, everything: Result) -> dict[str, Any]:
    p50, least = result.at(0.5), everything.at(0.5)
    return {
        "database": vendor,
        "size": f"{accounts} accounts",
        "operation": operation,
        "clients": 1,
        "p50_ms": round(p50, 2),
        "p95_ms": round(result.at(0.95), 2),
        "per_second": round(result.per_second, 1),
        "floor_ms": round(least, 2),
        "ratio": round(p50 / least, 2),
        "queries": 0,
        "bytes": result.bytes,
    }
