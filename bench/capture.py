"""What a page asks the database and what it is drawn with, seen from inside one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import jinja2
from django.db import connection
from django.test import Client

from bench.load import Request

# Who asks and what his pages look like; the floor knows nothing of sessions, people and views.
FURNITURE = ("django_session", "access_", "savedviews_", "django_content")
Statement = tuple[str, Any]


@dataclass
class Page:
    """One answer: every statement it took, and the template with the context that drew it."""

    status: int = 0
    statements: list[Statement] = field(default_factory=list)
    template: jinja2.Template | None = None
    context: dict[str, Any] = field(default_factory=dict)
    html: str = ""
    size: int = 0

    @property
    def own(self) -> list[Statement]:
        """The reads of the records themselves."""
        return [each for each in self.statements if _is_own(each[0])]


def _is_own(sql: str) -> bool:
    table = sql.partition(" FROM ")[2].lstrip("( ").strip('"')
    return sql.lstrip("( ").startswith(("SELECT", "WITH")) and not table.startswith(FURNITURE)


def client_with(cookie: str) -> Client:
    """A browser inside this process with the cookies of the real one."""
    client = Client(SERVER_NAME="127.0.0.1")
    for pair in cookie.split("; "):
        name, _equals, value = pair.partition("=")
        client.cookies[name] = value
    return client


def capture(client: Client, request: Request) -> Page:
    """The second of two answers, when caches are warm; a form is sent once."""
    if request.body:
        return _capture(client, request)
    _capture(client, request)
    return _capture(client, request)


def _capture(client: Client, request: Request) -> Page:
    found = Page()
    headers: Any = dict(request.headers)
    with connection.execute_wrapper(_recorder(found)), _watched_templates(found):
        if request.body:
            kind = "application/x-www-form-urlencoded"
            answer = client.post(request.path, request.body, content_type=kind, headers=headers)
        else:
            answer = client.get(request.path, headers=headers)
    found.status, found.size = answer.status_code, len(answer.content)
    return found


def _recorder(found: Page) -> Callable[..., Any]:
    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.statements.append((sql, params))
        return execute(sql, params, many, context)

    return record


@contextmanager
def _watched_templates(found: Page) -> Iterator[None]:
    """The longest text drawn meanwhile is the page."""
    draw = jinja2.Template.render

    def render(template: jinja2.Template, *args: Any, **more: Any) -> str:
        html = draw(template, *args, **more)
        if len(html) > len(found.html):
            found.template, found.context, found.html = template, dict(*args, **more), html
        return html

    with mock.patch.object(jinja2.Template, "render", render):
        yield
