"""The ways into records from outside: pages in a browser, programs with a token."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clientela.access.models import User
from clientela.platform.api import tokens
from clientela.records import kinds, refs, urlnames, values
from clientela.records.changes import Change, Operation
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec
from tests.answers import Answer

TEXTS = ("text", "longtext")
HTMX = {"HX-Request": "true", "HX-Target": "content"}


@dataclass
class Program:
    """Somebody's program: calls the API with a token of theirs."""

    user: User | None
    scope: dict[str, str] | None = None

    def __post_init__(self) -> None:
        headers = {"accept-language": "en"}
        if self.user is not None:
            secret = tokens.issue(self.user, "contract tests", scope=self.scope)[1]
            headers["authorization"] = f"Bearer {secret}"
        self.client = Client(headers=headers)

    @property
    def user_id(self) -> int:
        assert self.user is not None
        return self.user.pk

    def get(self, spec: Spec, record_id: Any = "", **parameters: Any) -> Answer:
        return self.client.get(api_url(spec, record_id), parameters)

    def items(self, spec: Spec, **parameters: Any) -> list[dict[str, Any]]:
        response = self.get(spec, **parameters)
        assert response.status_code == 200, response.content
        return list(response.json()["items"])

    def post(self, spec: Spec, body: Any) -> Answer:
        return self.client.post(api_url(spec), json.dumps(body), content_type="application/json")

    def patch(self, spec: Spec, record_id: Any, body: Any) -> Answer:
        return self.client.patch(api_url(spec, record_id), json.dumps(body), content_type="application/json")

    def delete(self, spec: Spec, record_id: Any) -> Answer:
        return self.client.delete(api_url(spec, record_id))


def api_url(spec: Spec, record_id: Any = "") -> str:
    return f"/api/v1/{spec.plural}/{record_id}" if record_id != "" else f"/api/v1/{spec.plural}"


def looks(spec: Spec) -> dict[str, str]:
    """The addresses of the ways to look at many records of this kind, by name."""
    ways = {"board": spec.board, "calendar": spec.calendar, "chart": spec.chart}
    return {"list": urlnames.list_url(spec)} | {
        name: urlnames.view_url(spec, name) for name, described in ways.items() if described is not None
    }


def lists(spec: Spec) -> dict[str, str]:
    """Every address that shows which records there are, with those beside the looks."""
    return looks(spec) | {name: urlnames.view_url(spec, name) for name in ("totals", "counts", "export")}


def parts(spec: Spec) -> dict[str, str]:
    """The addresses of the forms about a list."""
    return {name: urlnames.view_url(spec, name) for name in ("filter", "columns", "grouping")}


def body_of(response: HttpResponseBase) -> str:
    """The text of an answer, streamed or not."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    return bytes(content).decode("utf-8", "replace")


def saved(spec: Spec, record_id: Any) -> dict[str, Any] | None:
    """The JSON values of a record as they are in the database, with its version; None where it is gone."""
    instance = spec.model._default_manager.filter(pk=record_id).first()
    if instance is None:
        return None
    return {**values.snapshot(spec, instance), "version": getattr(instance, "version", None)}


def texts(spec: Spec) -> list[FieldRef]:
    """The fields of a record in which anything may be written."""
    return [
        ref
        for ref in refs.fields_of(spec).values()
        if ref.kind.name in TEXTS and not ref.read_only and not ref.choices
    ]


def form_data(spec: Spec, given: dict[str, Any]) -> dict[str, Any]:
    """Values as a browser sends them in a form."""
    known = refs.fields_of(spec)
    return {name: form_text(known[name], value) for name, value in given.items() if value is not None}


def form_text(ref: FieldRef, value: Any) -> Any:
    if ref.kind is kinds.Links:
        return [str(each) for each in value]
    if ref.kind is kinds.Boolean:
        return "1" if value else ""
    return str(ref.kind.to_json(value) if not isinstance(value, str) else value)


def queries_of(client: Client, url: str, **headers: str) -> list[str]:
    """The statements behind an address."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, headers=headers)
        assert response.status_code == 200, f"{url}: {response.status_code}"
        body_of(response)
    return [each["sql"] for each in captured.captured_queries]


class Told:
    """The operations and changes told after commit while it listens."""

    def __init__(self) -> None:
        self.heard: list[tuple[Operation, list[Change]]] = []

    def __call__(self, operation: Operation, changes: Iterable[Change]) -> None:
        self.heard.append((operation, list(changes)))
