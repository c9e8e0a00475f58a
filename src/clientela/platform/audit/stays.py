"""What an undo leaves as it is: which record, which fields, why, and the newer change that holds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clientela.platform.audit.models import Change
from clientela.records import changes, kinds, registry, values
from clientela.records.spec import Spec


@dataclass(slots=True)
class Stay:
    """One record that does not go back whole.

    `fields`: names of those that stay and may be named to who asks, none where the whole record stays.
    `reason`: words, where there is more to say than that something newer holds the fields. `later`: the
    newest change that does.
    """

    record: str
    record_id: int
    title: str
    fields: list[str] = field(default_factory=list)
    reason: str = ""
    later: Change | None = None

    @property
    def labels(self) -> list[str]:
        """The labels of the fields."""
        kept = values.kept_fields(registry.get(self.record))
        return [str(kept[name].label) for name in self.fields]

    @property
    def reasons(self) -> list[str]:
        """The labels of the fields, and the reason."""
        return self.labels + ([self.reason] if self.reason else [])


def later_changes(spec: Spec, made: Sequence[Change], own: Collection[UUID]) -> dict[int, list[Change]]:
    """By record, the changes that other operations made after these, newest first: one query."""
    if not made:
        return {}
    found = Change.objects.filter(
        record=spec.key,
        record_id__in=[change.record_id for change in made],
        id__gt=min(change.pk for change in made),
    )
    by_record: dict[int, list[Change]] = {}
    for each in found.exclude(operation__in=own).select_related("actor").order_by("-id"):
        by_record.setdefault(each.record_id, []).append(each)
    return by_record


def holding(later: Iterable[Change], change: Change, names: Collection[str]) -> Change | None:
    """The newest of `later` that came after `change` and wrote one of the fields (any, without names)."""
    return next(
        (
            each
            for each in later
            if each.pk > change.pk and (not names or not each.after.keys().isdisjoint(names))
        ),
        None,
    )


def gone_links(
    spec: Spec,
    kept: Sequence[dict[str, Any]],
    coming: UUID | None = None,
    only: Collection[int] | None = None,
) -> dict[str, set[int]]:
    """Ids of linked records that are not there, by the name of the link: one query a link.

    Those that the operation `coming` deleted too come back with it; `only` by these of its changes.
    """
    gone: dict[str, set[int]] = {}
    for name, ref in values.kept_fields(spec).items():
        if ref.kind not in (kinds.Link, kinds.Links) or ref.target is None:
            continue
        wanted = set().union(*(ids_in(row.get(name)) for row in kept))
        if not wanted:
            continue
        there = ref.target.model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)
        missing = wanted - set(there)
        if missing and coming is not None:
            missing -= _deleted_by(coming, ref.target, missing, only)
        if missing:
            gone[name] = missing
    return gone


def ids_in(value: Any) -> set[int]:
    """The ids in the JSON value of a link or of many links."""
    return set(value) if isinstance(value, list) else set() if value is None else {value}


def _deleted_by(operation: UUID, spec: Spec, ids: Collection[int], only: Collection[int] | None) -> set[int]:
    found = Change.objects.filter(
        operation=operation, verb=changes.DELETE, record=spec.key, record_id__in=list(ids)
    )
    found = found if only is None else found.filter(pk__among=only)
    return set(found.values_list("record_id", flat=True))


def moment_of(operation: UUID, otherwise: dt.datetime) -> dt.datetime:
    """When an operation took place: its UUIDv7 says it, even where its changes tell of the past."""
    if operation.version != 7:
        return otherwise
    return dt.datetime.fromtimestamp((operation.int >> 80) / 1000, dt.UTC)
