"""Which acts may be taken back before others: those that no later one has to do with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from clientela.platform.audit.models import Change
from clientela.records import kinds, registry, values

Touched = tuple[set[tuple[str, int]], set[tuple[str, int]]]


def free(standing: Sequence[UUID]) -> list[UUID]:
    """Of operations in their order, those that may be undone now."""
    return [
        each
        for place, each in enumerate(standing)
        if not any(_meet(touched_by(each), touched_by(later)) for later in standing[place + 1 :])
    ]


@cache
def touched_by(operation: UUID) -> Touched:
    """The records that an act changed, and those that its changes name."""
    changed, named = set(), set()
    for change in Change.objects.filter(operation=operation):
        changed.add((change.record, change.record_id))
        for told in (change.before, change.after):
            named |= set(_named(change.record, told))
    return changed, named | changed


def _meet(one: Touched, other: Touched) -> bool:
    return not one[0].isdisjoint(other[1]) or not one[1].isdisjoint(other[0])


def _named(key: str, told: dict[str, Any]) -> Iterator[tuple[str, int]]:
    targets = _targets(key)
    for name, value in told.items():
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                yield from (
                    (targets[f"{name}.{part}"], each)
                    for part, each in row.items()
                    if each is not None and f"{name}.{part}" in targets
                )
                if row.get("record"):
                    yield row["record"], row["record_id"]
            elif row is not None and name in targets:
                yield targets[name], row
    if told.get("record") and "record_id" in told:
        yield told["record"], told["record_id"]


@cache
def _targets(key: str) -> dict[str, str]:
    """By name of a link, or of a link in a line, the kind that it names."""
    spec = registry.get(key)
    kept = values.kept_fields(spec)
    found = {name: ref.target.key for name, ref in kept.items() if ref.target is not None}
    for lines in spec.lines:
        for name, (field, kind) in values.line_fields(spec, lines).items():
            target = registry.of_model(field.related_model) if kind is kinds.Link else None
            if target is not None:
                found[f"{lines.name}.{name}"] = target.key
    return found
