"""Personal data for programs: what the API's addresses of these two actions answer with."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.privacy import erasing, exporting, persons
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused
from clientela.records.spec import Spec

Schema = dict[str, Any]
CHOICES = ("notes", "files")


def takes(spec: Spec, action: str) -> bool:
    """Whether `action` is one of these two, and records of this kind are about a person."""
    return action in (persons.EXPORT, persons.ERASE) and persons.of(spec) is not None


def run(
    spec: Spec, record_id: int, action: str, body: dict[str, Any], operation: Operation
) -> HttpResponse | None:
    """Give everything out as a zip, or erase: then None. Raises NotFound, Refused, Invalid."""
    if not persons.may(operation.actor, action, spec):
        raise Refused(_("Only administrators may do this, with a token that reaches notes and files too."))
    if action == persons.EXPORT:
        _only(body, set())
        return _zip(spec, record_id, operation)
    _only(body, {"confirm", *CHOICES})
    typed = body.get("confirm", "")
    if not isinstance(typed, str):
        raise Invalid({"confirm": [_("This must be a text.")]})
    for name in CHOICES:
        if not isinstance(body.get(name, True), bool):
            raise Invalid({name: [_("This must be true or false.")]})
    chosen = {name: body.get(name, True) for name in CHOICES}
    erasing.erase(spec, record_id, typed=typed, **chosen, operation=operation)
    return None


def _zip(spec: Spec, record_id: int, operation: Operation) -> HttpResponse:
    made = exporting.export(spec, record_id, operation=operation)
    name = f"{spec.key}-{record_id}.zip"
    response = FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")
    response.headers["Cache-Control"] = "no-store"
    return cast("HttpResponse", response)


def _only(body: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(body) - known)
    if unknown:
        raise Invalid({name: [_("There is no field “%(field)s”.") % {"field": name}] for name in unknown})


def described(spec: Spec, actor: Actor) -> dict[str, tuple[str, Schema, Schema]]:
    """By name of the action, its words, the schema of its body and its answer where that is no record."""
    label = {"kind": spec.label}
    told = {
        persons.EXPORT: (_("Everything held about a person: %(kind)s") % label, _object({}), _BYTES),
        persons.ERASE: (_("Erase a person for good: %(kind)s") % label, _object(_ERASE, ["confirm"]), {}),
    }
    return {name: each for name, each in told.items() if persons.may(actor, name, spec)}


def _object(fields: Schema, required: list[str] | None = None) -> Schema:
    made: Schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return made | ({"required": required} if required else {})


_BYTES: Schema = {
    "200": {
        "description": "A zip: data.json, data.html and the files",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ERASE: Schema = {
    "confirm": {"type": "string", "description": "The title of the record, as a confirmation."},
    "notes": {"type": "boolean", "default": True, "description": "The notes about the person go too."},
    "files": {"type": "boolean", "default": True, "description": "The files of the person go too."},
}
