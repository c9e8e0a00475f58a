"""What the history costs a single write: the same writes with and without it, in turn.

    python bench/audit_cost.py [--database sqlite|postgres|all]

Prints the median of each and their ratio; a write is whole, with its checks, the search entry and the commit.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

ROUNDS = 400
LIMIT = 1.5
DEALS = 1000


def main() -> int:
    """Measure on each database; 1 where the history costs more than half of the write."""
    parser = argparse.ArgumentParser(description="Measure what the history costs a write.")
    parser.add_argument("--database", choices=("sqlite", "postgres", "all"), default="all")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(_inside()))
        return 0
    from bench import databases

    worst = 0.0
    for vendor in ("sqlite", "postgres") if given.database == "all" else (given.database,):
        workspace, _seconds = databases.prepare(vendor, "audit", DEALS, DEALS // 5, keep=False)
        try:
            found = workspace.run("bench.audit_cost", "--inside")
        finally:
            databases.drop(workspace)
        print(vendor, json.dumps(found), flush=True)
        worst = max(worst, *(each["ratio"] for each in found.values()))
    return int(worst > LIMIT)


def _inside() -> dict[str, dict[str, float]]:
    import django

    django.setup()
    from clientela.access.actor import SYSTEM
    from clientela.domain.parties.models import Account
    from clientela.records import registry, write
    from clientela.records.changes import PAGE, Operation

    spec = registry.get("account")
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True)[:50])

    def change(number: int) -> None:
        account = Account.objects.get(pk=ids[number % len(ids)])
        write.change(spec, account, {"city": f"City {number}"}, operation=Operation(SYSTEM, PAGE))

    def create(number: int) -> None:
        write.create(spec, {"name": f"Name {number}"}, operation=Operation(SYSTEM, PAGE))

    return {"change": _compare(change), "create": _compare(create)}


def _compare(do: Callable[[int], None]) -> dict[str, float]:
    """Medians in milliseconds; the two ways take turns, so that what else the machine does hits both."""
    from clientela.platform.audit.journal import keep
    from clientela.records import changes

    whole = list(changes._journal)
    bare = [listener for listener in whole if listener is not keep]
    times: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(2 * ROUNDS + 40):
        name, listeners = (("with", whole), ("without", bare))[number % 2]
        changes._journal[:] = listeners
        started = time.perf_counter()
        do(number)
        if number >= 40:
            times[name].append((time.perf_counter() - started) * 1000)
    changes._journal[:] = whole
    medians: dict[str, Any] = {name: round(statistics.median(each), 3) for name, each in times.items()}
    return medians | {"ratio": round(medians["with"] / medians["without"], 2)}


if __name__ == "__main__":
    raise SystemExit(main())
