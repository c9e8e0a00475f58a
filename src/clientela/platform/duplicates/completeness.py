"""How much of what matters of a record is filled, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, IntegerField, Model, Q, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.duplicates import comparison
from clientela.platform.editing import forms
from clientela.records import kinds, refs, registry, urlnames, write
from clientela.records.conditions import is_hidden
from clientela.records.refs import FieldRef
from clientela.records.spec import Computed, Spec
from clientela.records.views.base import actor_from

NAME = "completeness"


@dataclass(frozen=True)
class Completeness:
    """`share`: 0 to 100 of the weights of the fields that the reader sees; `missing`: the empty ones."""

    share: int
    missing: tuple[FieldRef, ...]


def of(spec: Spec, instance: Any, actor: Actor) -> Completeness:
    """Of one loaded record, without any query."""
    compared = comparison.of(spec)
    weights = compared.weights if compared is not None else {}
    known = refs.fields_of(spec)
    seen = {known[name]: weight for name, weight in weights.items() if not is_hidden(known[name], actor)}
    missing = [ref for ref in seen if ref.value(instance) in (None, "")]
    total = sum(seen.values())
    filled = total - sum(seen[ref] for ref in missing)
    return Completeness(round(100 * filled / total) if total else 100, tuple(missing))


def panel_context(request: HttpRequest, instance: Any) -> dict[str, Any]:
    """The share, and each missing field with the address where it is written."""
    spec = registry.of_model(type(instance))
    assert spec is not None
    actor = actor_from(request)
    found = of(spec, instance, actor)
    may = policy.can(actor, "change", spec, instance) and not write.is_locked(spec, instance)
    names = [ref.path for ref in found.missing]
    editable = {ref.path for ref in forms.editable(spec, names, actor)} if may else set()
    missing = [
        (ref.label, f"{urlnames.part_url(spec, instance.pk, 'field', ref.path)}?as=field")
        if ref.path in editable
        else (ref.label, "")
        for ref in found.missing
    ]
    tone = "ok" if found.share >= 80 else "warn"
    return {"share": found.share, "tone": tone, "missing": missing, "worst_url": worst_url(spec)}


def worst_url(spec: Spec) -> str:
    """The list of these records, the emptiest first; "" where the list has no such column."""
    if NAME not in refs.fields_of(spec):
        return ""
    columns = dict.fromkeys([spec.columns[0], NAME, *spec.columns[1:]])
    return urlnames.list_url(spec, view="all", sort=NAME, columns=",".join(columns))


def column(model: type[Model], weights: Mapping[str, int]) -> Computed:
    """The share as a column to list, sort and filter by; hidden where one of the fields is."""
    total = sum(weights.values())

    def expression() -> Any:
        parts = [
            Case(
                When(_is_empty(model, name), then=Value(0)),
                default=Value(weight),
                output_field=IntegerField(),
            )
            for name, weight in weights.items()
        ]
        return reduce(add, parts) * Value(100) / Value(total)

    return Computed(NAME, _("Completeness"), kinds.Integer, expression, needs=tuple(weights))


def _is_empty(model: type[Model], name: str) -> Q:
    field: Any = model._meta.get_field(name)
    return Q(**{f"{name}__isnull": True}) if field.null else Q(**{name: ""})
