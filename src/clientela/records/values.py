"""Values of a record as they are kept in changes, sent over the API and compared: plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings

from clientela.kit import money
from clientela.records import kinds, refs
from clientela.records.refs import FieldRef
from clientela.records.spec import Lines, Spec

_NOT_KEPT = frozenset({"id", "version", "updated_at"})


@refs.until_fields_change
def kept_fields(spec: Spec) -> dict[str, FieldRef]:
    """Fields whose values a change keeps: all that is not computed."""
    return {
        name: ref
        for name, ref in refs.fields_of(spec).items()
        if ref.expression is None and name not in _NOT_KEPT
    }


def json_value(ref: FieldRef, instance: Any) -> Any:
    """The JSON value of a field; lines and many links cost a query each."""
    if ref.lines is not None:
        return line_values(ref.lines, instance)
    if ref.kind is kinds.Links:
        return sorted(each.pk for each in getattr(instance, ref.path).all()) if instance.pk else []
    return ref.kind.to_json(ref.value(instance))


def settled(ref: FieldRef, value: Any) -> Any:
    """A computed amount rounded to the smallest coin of the company's currency; other values as they are."""
    if ref.expression is None or ref.kind is not kinds.Money or value is None:
        return value
    return money.round_amount(Decimal(value), settings.BASE_CURRENCY)


def snapshot(spec: Spec, instance: Any, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The JSON values of `names` (default: every kept field)."""
    kept = kept_fields(spec)
    return {name: json_value(kept[name], instance) for name in (kept if names is None else names)}


def line_model(spec: Spec, lines: Lines) -> Any:
    """The model of the lines."""
    return spec.model._meta.get_field(lines.name).related_model


def line_link(spec: Spec, lines: Lines) -> str:
    """Name of the foreign key from a line to its record."""
    relation: Any = spec.model._meta.get_field(lines.name)
    return str(relation.remote_field.name)


@cache
def line_fields(spec: Spec, lines: Lines) -> dict[str, tuple[Any, kinds.Kind]]:
    """Model field and kind of each field of a line, by name."""
    meta = line_model(spec, lines)._meta
    found = {name: meta.get_field(name) for name in lines.fields}
    return {
        name: (field, kind) for name, field in found.items() if (kind := kinds.kind_of(field)) is not None
    }


def line_values(lines: Lines, instance: Any) -> list[dict[str, Any]]:
    """The lines of a record in order, each with its id."""
    if not instance.pk:
        return []
    return [line_value(lines, line) for line in getattr(instance, lines.name).all()]


def line_value(lines: Lines, line: Any) -> dict[str, Any]:
    """A line as JSON values, by field name, with its id."""
    value: dict[str, Any] = {"id": line.pk}
    for name in lines.fields:
        field = line._meta.get_field(name)
        kind = kinds.kind_of(field)
        assert kind is not None
        value[name] = kind.to_json(getattr(line, field.attname))
    return value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the values that differ, before and after."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in changed}, {name: after[name] for name in changed}
