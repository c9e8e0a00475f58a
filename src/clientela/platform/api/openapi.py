"""The OpenAPI 3.1 document of all records there are at the moment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.api import actions, bodies, listing, schemas
from clientela.platform.api.problems import TITLES
from clientela.platform.attachments import describing as files
from clientela.platform.duplicates import api as merges
from clientela.platform.history import describing
from clientela.platform.privacy import api as privacy
from clientela.records import query, registry
from clientela.records.conditions import MAX_DEPTH, MAX_LEAVES, OPERATORS
from clientela.records.spec import Action, Spec

Schema = dict[str, Any]

OPERANDS = {
    "text": gettext_lazy("a text"),
    "value": gettext_lazy("a value of the field’s kind"),
    "pair": gettext_lazy("a list of two values"),
    "choices": gettext_lazy("a list of values"),
    "period": gettext_lazy("a period such as today, this_week, last_month, this_year, next_30_days"),
    "nothing": gettext_lazy("no value"),
}


def document(actor: Actor) -> Schema:
    """The whole document, with the fields that `actor` may see."""
    specs = [spec for spec in registry.every() if policy.may(actor, "see", spec)]
    paths: Schema = describing.paths()
    components: Schema = {"Problem": _problem(), "Condition": _condition(), "File": files.COMPONENT}
    for spec in specs:
        paths |= _paths(spec, actor)
        name = schemas.name_of(spec)
        components[name] = schemas.item(spec, actor)
        components[f"New{name}"] = schemas.new(spec, actor)
        components[f"{name}Changes"] = schemas.changes(spec, actor)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clientela", "version": "1", "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": spec.plural, "description": str(spec.label_plural)} for spec in specs],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": components,
            "responses": {f"Problem{status}": _refusal(str(title)) for status, title in TITLES.items()},
        },
    }


_INTRODUCTION = (
    "Every record, read and written with the rights of the token’s person. Amounts are decimal strings, "
    "times are UTC, links are ids. Errors are problem details (RFC 9457) that name the field."
)


def _paths(spec: Spec, actor: Actor) -> Schema:
    base = f"/api/v1/{spec.plural}"
    found: Schema = {
        base: {"get": _list(spec, actor), "post": _create(spec)},
        f"{base}/{{id}}": {
            "parameters": [_ID],
            "get": _get(spec),
            "patch": _change(spec),
            "delete": _delete(spec),
        },
    }
    for action in actions.offered(spec):
        if not policy.may_act(actor, action.name, spec):
            continue
        operation = {"parameters": [_ID], "post": _action(spec, action)}
        found[f"{base}/{{id}}/{action.name}"] = operation
    for name, (summary, body) in merges.described(spec, actor).items():
        found[f"{base}/{{id}}/{name}"] = {"parameters": [_ID], "post": _merge(spec, name, summary, body)}
    for name, (summary, body, given_out) in privacy.described(spec, actor).items():
        told = _merge(spec, name, summary, body)
        told["responses"] |= given_out
        found[f"{base}/{{id}}/{name}"] = {"parameters": [_ID], "post": told}
    return found | (_files(spec, f"{base}/{{id}}/files") if spec.timeline else {})


def _files(spec: Spec, base: str) -> Schema:
    words = {"list": _("Files: %(kind)s"), "add": _("Attach a file: %(kind)s")}
    words |= {"get": _("Read a file: %(kind)s"), "delete": _("Delete a file: %(kind)s")}
    told = {name: _of(text, spec.label) for name, text in words.items()}
    more = _operation(spec, "add_file_to", told["add"], files.ADDED, (400, 403, 404, 413, 415, 422))
    return {
        base: {
            "parameters": [_ID],
            "get": _operation(spec, "list_files_of", told["list"], files.LISTED, (404,)),
            "post": more | {"requestBody": files.BODY},
        },
        f"{base}/{{file}}": {
            "parameters": [_ID, files.FILE_ID],
            "get": _operation(spec, "get_file_of", told["get"], files.BYTES, (404,)),
            "delete": _operation(spec, "delete_file_of", told["delete"], files.GONE, (403, 404)),
        },
    }


_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "format": "int64", "minimum": 1},
}
_FIELDS: Schema = {
    "name": "fields",
    "in": "query",
    "description": "Paths separated by commas, over links too: `account__name`. Without it, all.",
    "schema": {"type": "string"},
}


def _operation(spec: Spec, name: str, summary: str, answers: Schema, refusals: tuple[int, ...]) -> Schema:
    problems = {
        str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (401, *refusals, 429)
    }
    return {
        "operationId": f"{name}_{spec.key}",
        "tags": [spec.plural],
        "summary": summary,
        "responses": {**answers, **problems},
    }


def _list(spec: Spec, actor: Actor) -> Schema:
    page: Schema = {
        "type": "object",
        "required": ["items", "next", "count"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{schemas.name_of(spec)}"}},
            "next": {"type": ["string", "null"], "description": "The `cursor` of the next page."},
            "count": {
                "type": "integer",
                "description": f"Rows in all pages; {query.COUNT_CAP} where there are that many or more.",
            },
        },
    }
    answers = {"200": _json("A page of records", page)}
    found = _operation(spec, "list", _of(_("List: %(kind)s"), spec.label_plural), answers, (400, 404))
    return found | {"parameters": _parameters(spec, actor)}


def _parameters(spec: Spec, actor: Actor) -> list[Schema]:
    sortable = [ref.path for ref in schemas.visible_fields(spec, actor) if not ref.many]
    condition: Schema = {"$ref": "#/components/schemas/Condition"}
    return [
        {
            "name": "filter",
            "in": "query",
            "description": "A condition as JSON.",
            "content": {"application/json": {"schema": condition}},
        },
        {"name": "q", "in": "query", "description": "Words to look for.", "schema": {"type": "string"}},
        {
            "name": "sort",
            "in": "query",
            "description": f"Up to five paths separated by commas, “-” downwards: {', '.join(sortable)}.",
            "schema": {"type": "string"},
        },
        _FIELDS,
        {
            "name": "limit",
            "in": "query",
            "schema": {
                "type": "integer",
                "minimum": 1,
                "maximum": listing.MOST,
                "default": listing.DEFAULT_LIMIT,
            },
        },
        {"name": "cursor", "in": "query", "description": "`next` of a page.", "schema": {"type": "string"}},
        describing.AS_OF,
    ]


def _one(spec: Spec, words: str) -> Schema:
    return _json(words, {"$ref": f"#/components/schemas/{schemas.name_of(spec)}"})


_UNSEEN: Schema = {"204": {"description": "Done; the record is now out of your sight."}}


def _of(words: str, label: Any) -> str:
    return words % {"kind": label}


def _create(spec: Spec) -> Schema:
    answers = {"201": _one(spec, "The new record"), **_UNSEEN}
    found = _operation(
        spec,
        "create",
        _of(_("Create: %(kind)s"), spec.label),
        answers,
        (400, 403, 404, 409, 413, 415, 422),
    )
    return found | {"requestBody": _body(f"New{schemas.name_of(spec)}")}


def _get(spec: Spec) -> Schema:
    found = _operation(
        spec,
        "get",
        _of(_("Read: %(kind)s"), spec.label),
        {"200": _one(spec, "The record"), **_UNSEEN},
        (400, 404),
    )
    return found | {"parameters": [_FIELDS, describing.AS_OF]}


def _change(spec: Spec) -> Schema:
    answers = {"200": _one(spec, "The record as it is now"), **_UNSEEN}
    refusals = (400, 403, 404, 409, 413, 415, 422)
    found = _operation(spec, "change", _of(_("Change some fields: %(kind)s"), spec.label), answers, refusals)
    return found | {"requestBody": _body(f"{schemas.name_of(spec)}Changes")}


def _delete(spec: Spec) -> Schema:
    answers = {"204": {"description": "Deleted"}}
    return _operation(spec, "delete", _of(_("Delete: %(kind)s"), spec.label), answers, (403, 404, 409))


def _action(spec: Spec, action: Action) -> Schema:
    needs = _(" Needed unless the record has them: %(fields)s.")
    needed = needs % {"fields": ", ".join(action.requires)} if action.requires else ""
    answers = {"200": _one(spec, "The record as it is now"), **_UNSEEN}
    refusals = (400, 403, 404, 409, 413, 415, 422)
    found = _operation(spec, action.name, f"{action.label}.{needed}", answers, refusals)
    return found | {"requestBody": {"content": {"application/json": {"schema": _asked(spec, action)}}}}


def _asked(spec: Spec, action: Action) -> Schema:
    declared = bodies.of(spec.key, action.name)
    if declared is not None:
        return declared.schema()
    properties = {
        name: schemas.write_schema(spec, ref) for name, ref in actions.accepts(spec, action).items()
    }
    if action.comment:
        properties["comment"] = {"type": "string", "description": str(action.comment)}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _merge(spec: Spec, name: str, summary: str, body: Schema) -> Schema:
    answers = {"200": _one(spec, "The record that is there then"), **_UNSEEN}
    found = _operation(spec, name, summary, answers, (400, 403, 404, 409, 413, 415, 422))
    content = {"application/json": {"schema": body}}
    return found | {"requestBody": {"required": "required" in body, "content": content}}


def _body(name: str) -> Schema:
    return {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }


def _json(words: str, schema: Schema) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _refusal(title: str) -> Schema:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": title, "content": {"application/problem+json": {"schema": schema}}}


def _problem() -> Schema:
    messages = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "errors"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "object",
                "description": "By field or parameter.",
                "additionalProperties": messages,
            },
            "current": {
                "type": "object",
                "description": "With 409: what the record has now.",
            },
        },
    }


def _condition() -> Schema:
    """A tree of comparisons; a filter's fields and operators are checked by the server."""
    itself = {"$ref": "#/components/schemas/Condition"}
    words = "; ".join(f"{name}: {OPERANDS[operator.operand]}" for name, operator in OPERATORS.items())
    leaf = {
        "type": "object",
        "required": ["field", "op"],
        "properties": {
            "field": {"type": "string", "description": "A path, over links too: account__sector."},
            "op": {"type": "string", "enum": list(OPERATORS), "description": words},
            "value": {"description": "`me` and `my_team` stand for the token’s person."},
        },
    }
    groups = [
        {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": itself}}}
        for name in ("all", "any")
    ]
    negated = {"type": "object", "required": ["not"], "properties": {"not": itself}}
    limits = f"At most {MAX_DEPTH} levels and {MAX_LEAVES} comparisons."
    return {"description": limits, "anyOf": [leaf, *groups, negated]}
