"""JSON Schemas of records, made from their descriptions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clientela.access.actor import Actor
from clientela.records import conditions, kinds, refs, rights, values
from clientela.records.kinds import Kind
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

Schema = dict[str, Any]

_DECIMAL: Schema = {"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"}
_TYPES: dict[str, Schema] = {
    "email": {"type": "string"},
    "url": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int64"},
    "number": _DECIMAL,
    "percent": _DECIMAL,
    "money": _DECIMAL,
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "link": {"type": "integer", "format": "int64"},
    "links": {"type": "array", "items": {"type": "integer", "format": "int64"}},
}
_TEXT: Schema = {"type": "string"}


def name_of(spec: Spec) -> str:
    """The name of a record's schema: "lost-reason" becomes LostReason."""
    return "".join(part.title() for part in spec.key.replace("_", "-").split("-"))


def visible_fields(spec: Spec, actor: Actor) -> list[FieldRef]:
    """The fields of a record that `actor` may see."""
    return [ref for ref in refs.fields_of(spec).values() if not conditions.is_hidden(ref, actor)]


def writable_fields(spec: Spec, actor: Actor) -> list[FieldRef]:
    """The fields of a record that `actor` may write."""
    shown = visible_fields(spec, actor)
    return [ref for ref in shown if not ref.read_only and not rights.is_fixed(ref, actor)]


def item(spec: Spec, actor: Actor) -> Schema:
    """What reading a record answers."""
    fields = visible_fields(spec, actor)
    return {
        "type": "object",
        "description": str(spec.label),
        "properties": {ref.path: _read_schema(spec, ref) for ref in fields},
        "required": [ref.path for ref in fields],
    }


def new(spec: Spec, actor: Actor) -> Schema:
    """What creating a record takes."""
    writable = writable_fields(spec, actor)
    required = [ref.path for ref in writable if ref.required and not _is_filled_in(spec, ref)]
    return _object(spec, writable) | ({"required": required} if required else {})


def changes(spec: Spec, actor: Actor) -> Schema:
    """What changing a record takes: the fields to change and, if one likes, the version that was read."""
    found = _object(spec, writable_fields(spec, actor))
    found["properties"]["version"] = {
        "type": "integer",
        "description": "The version that was read; another one meanwhile answers 409.",
    }
    return found


def _is_filled_in(spec: Spec, ref: FieldRef) -> bool:
    """A record that prepares itself may do without a field that its model needs."""
    return spec.prepare is not None or spec.defaults is not None


def _object(spec: Spec, fields: Iterable[FieldRef]) -> Schema:
    properties = {ref.path: write_schema(spec, ref) for ref in fields}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _read_schema(spec: Spec, ref: FieldRef) -> Schema:
    schema = _plain(spec, ref)
    if ref.lines is not None:
        schema["items"]["properties"] = {"id": {"type": "integer"}, **schema["items"]["properties"]}
    return _described(_or_null(schema) if _may_be_null(ref) else schema, ref)


def write_schema(spec: Spec, ref: FieldRef) -> Schema:
    """What a field takes. Decimals may be numbers or, to keep every digit, strings."""
    schema = _plain(spec, ref)
    if schema.get("format") == "decimal":
        schema = {"type": ["string", "number"], "format": "decimal"}
    if ref.lines is not None:
        schema["items"]["properties"] = {"id": {"type": "integer"}, **schema["items"]["properties"]}
    return _described(_or_null(schema) if _may_be_null(ref) else schema, ref)


def _plain(spec: Spec, ref: FieldRef) -> Schema:
    if ref.lines is not None:
        lines = values.line_fields(spec, ref.lines)
        properties = {name: _of_kind(kind, field) for name, (field, kind) in lines.items()}
        return {"type": "array", "items": {"type": "object", "properties": properties}}
    return _of_kind(ref.kind, ref.field)


def _of_kind(kind: Kind, field: Any) -> Schema:
    schema = dict(_TYPES.get(kind.name, _TEXT))
    choices = [str(value) for value, _label in field.flatchoices] if getattr(field, "choices", None) else []
    if choices and kind is not kinds.Integer:
        schema["enum"] = [*choices, ""] if field.blank and "" not in choices else choices
    elif schema == _TEXT and getattr(field, "max_length", None):
        schema["maxLength"] = field.max_length
    nullable = field is not None and field.null and kind is not kinds.Links
    return _or_null(schema) if nullable else schema


def _may_be_null(ref: FieldRef) -> bool:
    return ref.expression is not None or ref.provided


def _or_null(schema: Schema) -> Schema:
    known = schema.get("type", "string")
    listed = known if isinstance(known, list) else [known]
    found = {**schema, "type": [*listed, "null"] if "null" not in listed else listed}
    return found | ({"enum": [*found["enum"], None]} if "enum" in found else {})


def _described(schema: Schema, ref: FieldRef) -> Schema:
    """With its label, what it links to, and how a filter may compare it."""
    words = [str(ref.label)]
    if ref.target is not None:
        words.append(f"(id of {ref.target.key})")
    if ref.currency:
        words.append(f"(in the currency of `{ref.currency}`)")
    found = schema | {"description": " ".join(words)}
    if ref.kind.operators:
        found["x-operators"] = list(ref.kind.operators)
    return found | ({"readOnly": True} if ref.read_only else {})
