"""Every kind of record there is, by key, plural and model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.utils.text import camel_case_to_spaces

from clientela.records.spec import Computed, Record, Spec

R = TypeVar("R", bound=type[Record[Any]])
_specs: dict[str, Spec] = {}
_by_plural: dict[str, Spec] = {}
_by_model: dict[type[Model], Spec] = {}
_attached: dict[type[Model], list[Any]] = {}
_FIELDS = {each.name for each in dataclasses.fields(Spec)}


def register(record: R) -> R:
    """Turn a description class into a `Spec`; an attribute that `Spec` does not have fails here."""
    body = {name: value for name, value in vars(record).items() if not name.startswith("__")}
    unknown = set(body) - _FIELDS
    if unknown:
        raise ImproperlyConfigured(f"{record.__name__} has unknown attributes: {', '.join(sorted(unknown))}")
    add(_spec_of(body))
    return record


def _spec_of(body: dict[str, Any]) -> Spec:
    model = body["model"]
    meta = model._meta
    columns = body.get("columns", ())
    computed = (*body.pop("computed", ()), *(column for column in columns if isinstance(column, Computed)))
    names = tuple(column.name if isinstance(column, Computed) else column for column in columns)
    key = body.pop("key", camel_case_to_spaces(meta.object_name).replace(" ", "-"))
    plural = body.pop("plural", f"{key[:-1]}ies" if key.endswith("y") else f"{key}s")
    return Spec(
        **{
            "key": key,
            "plural": plural,
            "label": meta.verbose_name,
            "label_plural": meta.verbose_name_plural,
            **body,
            "columns": names,
            "computed": computed,
        }
    )


def add(spec: Spec) -> Spec:
    """Add a ready `Spec`; a key or plural in use is an error."""
    if spec.key in _specs or spec.plural in _by_plural:
        raise ImproperlyConfigured(f"A record named {spec.key} or {spec.plural} is there already")
    _specs[spec.key] = _by_plural[spec.plural] = _by_model[spec.model] = spec
    return spec


def remove(spec: Spec) -> None:
    """Take a record out again (records described by users come and go)."""
    _specs.pop(spec.key, None)
    _by_plural.pop(spec.plural, None)
    _by_model.pop(spec.model, None)


def attach(model: type[Model], *panels: Any) -> None:
    """Hang panels of a higher app on a lower record."""
    _attached.setdefault(model, []).extend(panels)


def panels_of(spec: Spec) -> tuple[Any, ...]:
    """The panels of a record: its own, then those hung on it by higher apps."""
    return (*spec.panels, *_attached.get(spec.model, ()))


def get(key: str) -> Spec:
    """The spec named `key`; raises KeyError."""
    return _specs[key]


def find(key: str) -> Spec | None:
    """The spec named `key`, or None."""
    return _specs.get(key)


def by_plural(plural: str) -> Spec | None:
    """The spec with this plural, as addresses have it, or None."""
    return _by_plural.get(plural)


def of_model(model: type[Model]) -> Spec | None:
    """The spec of this model, or None."""
    return _by_model.get(model)


def every() -> Iterator[Spec]:
    """Every spec, in the order they were registered."""
    return iter(tuple(_specs.values()))
