"""What tests of duplicates begin with."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from clientela.access.actor import actor_of
from clientela.platform.timeline.services import add_note
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation


def operation(person) -> Operation:
    return Operation(actor_of(person), PAGE)


def make(kind: str, person, /, **values: Any) -> Any:
    return write.create(registry.get(kind), values, operation=operation(person))


def change(kind: str, record_id: int, person, /, **values: Any) -> Any:
    spec = registry.get(kind)
    instance = spec.model._default_manager.get(pk=record_id)
    return write.change(spec, instance, values, operation=operation(person))


def note(kind: str, instance, person, text: str) -> Any:
    return add_note(registry.get(kind), instance, text, operation=operation(person))


# What a merge leaves behind on purpose, and what says when a row was last touched.
_APART = frozenset(
    (
        "audit.change",
        "audit.seal",
        "audit.sealmark",
        "duplicates.merge",
        "duplicates.absorbed",
        "search.word",
        "duplicates.pair",
        "sessions.session",
    )
)
_TOUCHED = frozenset({"version", "updated_at"})


def snapshot() -> dict[str, list[str]]:
    """Every row of every table as it is stored, but for histories and the mark of the last change."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label_lower in _APART or model._meta.proxy or not model._meta.managed:
            continue
        # Rows between two records and of the index have no life of their own: their ids do not count.
        derived = bool(model._meta.auto_created) or model._meta.label_lower == "search.entry"
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if field.attname not in _TOUCHED and not (derived and field.primary_key)
        ]
        rows = model._base_manager.order_by().values_list(*names)
        found[model._meta.label_lower] = sorted(map(repr, rows))
    return found
