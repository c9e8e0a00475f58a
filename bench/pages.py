"""Server time of every page of the demo, for an administrator and a seller.

    python bench/pages.py [--data FOLDER] [--turns 9] [--only TEXT] [--output FILE]

FOLDER is the data of a demo (`clientela demo --data FOLDER`, running or not); without it one is made and
thrown away. Each address of the product that answers a GET with a page is asked for in this process, with all
of the middleware, so that wall and CPU milliseconds are the server's alone. Prints the medians after two
turns to warm up, the slowest last, and ends with 1 where a page takes more than LIMIT_MS of CPU.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

RESULTS = ROOT / "bench" / "results" / "pages.json"
PEOPLE = {"admin": "admin@demo.example", "seller": "lucia@demo.example"}
LIMIT_MS = 50.0
WARM = 2


@dataclass(frozen=True)
class Timed:
    """What a page took: medians in milliseconds; queries and bytes of the last turn."""

    who: str
    name: str
    address: str
    wall_ms: float
    cpu_ms: float
    queries: int
    bytes: int


def main() -> int:
    """Measure, write and print; 1 where a page is over the limit."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        _prepare(given.data or Path(folder))
        found = [timed for who in PEOPLE for timed in _walk(who, given.turns, given.only)]
    found.sort(key=lambda timed: -timed.cpu_ms)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps({"pages": [asdict(timed) for timed in found]}, indent=1) + "\n")
    _print(found)
    return int(any(timed.cpu_ms > LIMIT_MS for timed in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the server time of every page of the demo.")
    parser.add_argument("--data", type=Path, help="data folder of a demo; without it one is made")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--only", default="", help="addresses that contain this")
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args()


def _prepare(folder: Path) -> None:
    """Be the demo of that folder; of the developer's own settings nothing has a say."""
    for name in [name for name in os.environ if name.startswith("CLIENTELA_")]:
        del os.environ[name]
    os.environ |= {
        "CLIENTELA_DATA": str(folder.resolve()),
        "CLIENTELA_LOG_LEVEL": "ERROR",
        "CLIENTELA_CALLS_PER_MINUTE": "0",
        "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
    }
    import django

    django.setup()
    logging.disable(logging.ERROR)  # refusals are expected: not every address is a page
    from clientela.config.cli import demo, ready

    ready.prepare_static()
    ready.prepare_database()
    demo.load_company()


def _walk(who: str, turns: int, only: str) -> Iterator[Timed]:
    from django.test import Client

    from bench import addresses
    from clientela.access.models import User

    user = User.objects.get(email=PEOPLE[who])
    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    client.force_login(user)
    for name, address in addresses.of_pages(user):
        if only in address and _is_page(client, address):
            yield _timed(client, who, name, address, turns)
    client.logout()


def _is_page(client: Client, address: str) -> bool:
    """Whether it answers with something to look at: not a refusal, a redirect or a file."""
    answer = client.get(address)
    if answer.status_code >= 500 or answer.status_code == 429:
        raise SystemExit(f"{address} failed: {answer.status_code}")
    return bool(answer.status_code == 200 and "attachment" not in answer.get("Content-Disposition", ""))


def _timed(client: Client, who: str, name: str, address: str, turns: int) -> Timed:
    for _turn in range(WARM):
        client.get(address)
    taken = [_once(client, address) for _turn in range(turns)]
    walls, processors, queries, sizes = zip(*taken, strict=True)
    return Timed(
        who,
        name,
        address,
        round(statistics.median(walls) * 1000, 2),
        round(statistics.median(processors) * 1000, 2),
        queries[-1],
        sizes[-1],
    )


def _once(client: Client, address: str) -> tuple[float, float, int, int]:
    """Seconds of wall and of CPU, queries, bytes."""
    from django.db import connection

    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    wall, processor = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(note):
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
    return time.perf_counter() - wall, time.process_time() - processor, len(asked), len(content)


def _print(found: list[Timed]) -> None:
    for timed in reversed(found):
        print(
            f"{timed.cpu_ms:7.1f} ms CPU {timed.wall_ms:7.1f} ms {timed.queries:3} queries"
            f" {timed.bytes:7} bytes  {timed.who:6} {timed.address}"
        )
    over = sum(timed.cpu_ms > LIMIT_MS for timed in found)
    print(f"{len(found)} pages, {over} over {LIMIT_MS:.0f} ms of CPU; the slowest stand last.")


if __name__ == "__main__":
    raise SystemExit(main())
