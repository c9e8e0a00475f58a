"""The floor: the same rows by the bare driver, drawn by the same template on the same server, no Clientela.

Before it serves, every page of the plan is made once by Clientela itself, in this process; kept are the SQL
that read its rows and the template with its context. An answer then is: those statements through the
driver alone, all rows fetched, the template drawn. No middleware, no session, no rights, no ORM. Cells
stand ready in the context, so the floor lies rather too low than too high. For writes it is one INSERT
or UPDATE with its commit.
"""

from __future__ import annotations

import json
import os
import queue
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.sqlite3 import _functions  # noqa: E402
from django.utils import translation  # noqa: E402

from bench.capture import Page, capture, client_with  # noqa: E402
from bench.load import Request  # noqa: E402
from bench.plan import READS  # noqa: E402
from clientela.config.database import SQLITE_PRAGMAS  # noqa: E402
from clientela.config.environment import text  # noqa: E402

LANGUAGE = "es"
COUNTS, INSERT, UPDATE = "/counts", "/insert", "/update"
Start = Callable[..., Any]


def connect() -> Any:
    """A connection of the bare driver, set up as Clientela's."""
    if connection.vendor == "postgresql":
        return psycopg.connect(text("CLIENTELA_DATABASE_URL"), autocommit=True)
    bare = sqlite3.connect(
        settings.DATABASES["default"]["NAME"], isolation_level=None, check_same_thread=False, timeout=20
    )
    bare.executescript(SQLITE_PRAGMAS)
    _functions.register(bare)
    return bare


class Driver:
    """Statements run on a few kept connections."""

    def __init__(self) -> None:
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()

    def run(self, statements: Iterable[tuple[str, Any]], *, write: bool = False) -> None:
        bare = self._take()
        try:
            if write:
                bare.execute("BEGIN IMMEDIATE" if isinstance(bare, sqlite3.Connection) else "BEGIN")
            for sql, params in statements:
                cursor = bare.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
            if write:
                bare.execute("COMMIT")
        finally:
            self._free.put(bare)

    def _take(self) -> Any:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            return connect()


def for_driver(sql: str, params: Any) -> tuple[str, Any]:
    """A statement of Django's as the driver takes it."""
    if connection.vendor == "postgresql":
        return sql, params
    return (sql % tuple("?" for _param in params) if params else sql), tuple(params or ())


def read_plan() -> dict[str, list[Request]]:
    raw = json.loads(Path(os.environ["BENCH_PLAN"]).read_text())
    return {
        name: [Request(each["path"], each["body"], tuple(map(tuple, each["headers"]))) for each in requests]
        for name, requests in raw.items()
    }


def prepare() -> tuple[dict[str, Page], dict[str, dict[str, int]]]:
    """Every page of the plan by its address, and each operation's statements and bytes."""
    client = client_with(os.environ["BENCH_COOKIE"])
    pages: dict[str, Page] = {}
    counts: dict[str, dict[str, int]] = {}
    for name, requests in read_plan().items():
        found = [capture(client, each) for each in (requests if name in READS else requests[-1:])]
        refused = [page.status for page in found if page.status >= 400]
        assert not refused, f"{name}: {refused}"
        pages |= dict(zip((each.path for each in requests), found, strict=False)) if name in READS else {}
        counts[name] = {
            "queries": max(len(page.statements) for page in found),
            "bytes": max(page.size for page in found),
        }
    return pages, counts


def _draw(page: Page) -> bytes:
    if page.template is None:
        return b""
    with translation.override(LANGUAGE):
        return page.template.render(page.context).encode()


pages, counts = prepare()
reads = {path: [for_driver(*each) for each in page.own] for path, page in pages.items()}
driver = Driver()
table = "sales_opportunity"
columns = ", ".join(
    f'"{column.name}"'
    for column in connection.introspection.get_table_description(connection.cursor(), table)
    if column.name != "id"
)
insert = [(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE id = 1", ())]
update = [(f"UPDATE {table} SET version = version + 1, stage_since = stage_since WHERE id = 1", ())]
connection.close()


def application(environ: dict[str, Any], start_response: Start) -> list[bytes]:
    path = environ["PATH_INFO"]
    if environ["QUERY_STRING"]:
        path = f"{path}?{environ['QUERY_STRING']}"
    if path == COUNTS:
        body = json.dumps(counts).encode()
    elif path in (INSERT, UPDATE):
        driver.run(insert if path == INSERT else update, write=True)
        body = b""
    else:
        driver.run(reads[path])
        body = _draw(pages[path])
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
