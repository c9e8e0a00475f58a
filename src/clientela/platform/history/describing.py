"""The history's addresses in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

Schema = dict[str, Any]
AS_OF: Schema = {
    "name": "as_of",
    "in": "query",
    "description": "As it was at this moment (ISO 8601), or at the end of this day.",
    "schema": {"type": "string"},
}


def paths() -> Schema:
    """`/api/v1/changes` and taking one back."""
    page = {"type": "object", "required": ["items", "next"], "properties": _PAGE}
    listed = {
        "operationId": "list_changes",
        "tags": ["changes"],
        "summary": _("What happened to a record"),
        "parameters": _PARAMETERS,
        "responses": _answers({"200": ("A page of changes, newest first", page)}, (400, 401, 403, 404)),
    }
    undone = {
        "operationId": "undo_change",
        "tags": ["changes"],
        "summary": _("Take a change back"),
        "requestBody": {"content": {"application/json": {"schema": _OPTIONS}}},
        "responses": _answers({"200": ("What went back, and what not", _UNDONE)}, _UNDO_REFUSALS),
    }
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    return {
        "/api/v1/changes": {"get": listed},
        "/api/v1/changes/{id}/undo": {"parameters": [number], "post": undone},
    }


def _answers(good: dict[str, tuple[str, Schema]], refusals: tuple[int, ...]) -> Schema:
    answers: Schema = {
        status: {"description": words, "content": {"application/json": {"schema": schema}}}
        for status, (words, schema) in good.items()
    }
    return answers | {
        str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (*refusals, 429)
    }


_UNDO_REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422)
_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": ["integer", "null"]}
_VALUES: Schema = {"type": "object", "description": "By field name, of the fields that changed."}
_CHANGE: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "operation": {"type": "string", "format": "uuid"},
        "undoes": {"type": ["string", "null"], "format": "uuid"},
        "who": _NUMBER,
        "on_behalf_of": _NUMBER,
        "through": _TEXT,
        "reference": _TEXT,
        "label": _TEXT,
        "record": _TEXT,
        "title": {"type": ["string", "null"]},
        "verb": {"type": "string", "enum": ["create", "update", "delete"]},
        "before": _VALUES,
        "after": _VALUES,
        "address": {"type": "string", "description": "For administrators."},
    },
}
_PAGE: Schema = {
    "items": {"type": "array", "items": _CHANGE},
    "next": {"type": ["string", "null"], "description": "The `cursor` of the next page."},
}
_UNDONE: Schema = {
    "type": "object",
    "properties": {
        "operation": {"type": "string", "format": "uuid", "description": "The undo, itself to be undone."},
        "undone": {"type": "integer"},
        "stays": {"type": "array", "items": {"type": "object"}},
    },
}
_OPTIONS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "rest": {
            "type": "boolean",
            "description": "Put back what nothing newer holds; without it, a newer change answers 409.",
        },
        "operation": {"type": "boolean", "description": "The whole act that the change belongs to."},
    },
}
_PARAMETERS: list[Schema] = [
    {
        "name": "record",
        "in": "query",
        "description": "Kind and id: `account:17`. Administrators may leave it out.",
        "schema": _TEXT,
    },
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    },
    {"name": "cursor", "in": "query", "description": "`next` of a page.", "schema": _TEXT},
]
