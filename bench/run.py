"""`make bench`: how fast Clientela is, beside the floor under it.

    python bench/run.py [--size 1k|50k|500k|all] [--database sqlite|postgres|all] [--as seller|admin]
                        [--only list,record] [--no-import] [--no-scopes] [--keep] [--output FILE]

See docs/reference/bench.md for what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

RESULTS = ROOT / "bench" / "results" / "latest.json"
VENDORS = ("sqlite", "postgres")
HEADS = ("operation", "clients", "p50_ms", "p95_ms", "per_second", "floor_ms", "ratio", "queries", "bytes")


def main() -> int:
    from bench import case, importing, names, plan, scopes

    namespace = _arguments()
    sizes = list(names.SIZES) if namespace.size == "all" else [namespace.size]
    vendors = _vendors(namespace.database)
    operations = namespace.only.split(",") if namespace.only else plan.OPERATIONS
    email = names.people()[namespace.who == "admin"]
    rows: list[dict[str, Any]] = []
    imports: list[dict[str, Any]] = []
    for size in sizes:
        for vendor in vendors:
            asked = case.Case(vendor, size, names.SIZES[size], email, names.PASSWORD, case.COUNTS, operations)
            found, seen = case.run(asked, keep=namespace.keep)
            _print_rows(vendor, size, found, seen)
            rows += found
            _write(namespace.output, rows, imports)
    for vendor in vendors if namespace.scopes else ():
        found = scopes.run(vendor, keep=namespace.keep)
        _print_rows(vendor, "scopes", found, {"floor_ms": "the same for who sees everything"})
        rows += found
        _write(namespace.output, rows, imports)
    for vendor in vendors if namespace.imports else ():
        for size in sizes if namespace.size != "all" else ("50k", "500k"):
            imports.append(importing.measure(vendor, names.SIZES[size]))
            _print_import(imports[-1])
            _write(namespace.output, rows, imports)
    _print_growth(rows)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Clientela beside the floor under it.")
    parser.add_argument("--size", choices=("1k", "50k", "500k", "all"), default="all")
    parser.add_argument("--database", choices=(*VENDORS, "all"), default="all")
    parser.add_argument("--as", dest="who", choices=("seller", "admin"), default="seller")
    parser.add_argument("--only", default="", help="operations, separated by commas")
    parser.add_argument("--no-import", dest="imports", action="store_false")
    parser.add_argument("--no-scopes", dest="scopes", action="store_false")
    parser.add_argument("--keep", action="store_true", help="leave the databases, and take those left before")
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args()


def _vendors(asked: str) -> tuple[str, ...]:
    """Without a PostgreSQL that answers, "all" is SQLite alone, and says so."""
    from bench import databases

    if asked != "all":
        return (asked,)
    if databases.server_answers():
        return VENDORS
    print(f"PostgreSQL does not answer at {databases.SERVER}: measured on SQLite alone.")
    return ("sqlite",)


def _write(output: Path, rows: list[dict[str, Any]], imports: list[dict[str, Any]]) -> None:
    """After each step, so that a broken run leaves what it found."""
    output.parent.mkdir(parents=True, exist_ok=True)
    whole = {"rows": rows, "imports": imports}
    output.write_text(json.dumps(whole, indent=1) + "\n")


def _print_rows(vendor: str, size: str, rows: list[dict[str, Any]], seen: dict[str, Any]) -> None:
    print(f"\n{vendor} {size}   {time.strftime('%H:%M:%S')}   {seen}")
    print("  ".join(f"{head:>10}" for head in HEADS))
    for row in rows:
        print("  ".join(f"{row[head]:>10}" for head in HEADS), flush=True)


def _print_import(found: dict[str, Any]) -> None:
    print(
        f"import {found['database']}: {found['rows']} rows, {found['rows_per_second']} a second, "
        f"{found['peak_mb']} MB at most",
        flush=True,
    )


def _print_growth(rows: list[dict[str, Any]]) -> None:
    """What the largest base costs beside the smallest."""
    alone = {
        (row["database"], row["operation"], row["size"]): row["p50_ms"] for row in rows if row["clients"] == 1
    }
    for (vendor, operation, size), p50 in alone.items():
        small = alone.get((vendor, operation, "1k"))
        if size == "500k" and small:
            print(f"{vendor} {operation}: 500k is {p50 / small:.2f} times 1k")


if __name__ == "__main__":
    raise SystemExit(main())
