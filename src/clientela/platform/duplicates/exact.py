"""Values put into records as they are, whoever may see them: what a merge moves was kept already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clientela.access.actor import SYSTEM
from clientela.records import changes, draft, save
from clientela.records.changes import Operation
from clientela.records.errors import Invalid
from clientela.records.spec import Spec


def put(spec: Spec, items: Sequence[tuple[Any, Mapping[str, Any]]], *, operation: Operation) -> None:
    """Write JSON values of records read under a lock, with history. Raises Invalid.

    Rights are decided by the caller: a field hidden from the person is merged all the same.
    """
    shared: dict[Any, Any] = {}
    drafts = [
        draft.begin(spec, instance, given, SYSTEM, trusted=True, exact=True, shared=shared)
        for instance, given in items
        if given
    ]
    for made in drafts:
        if made.errors:
            raise Invalid(made.errors)
    if drafts:
        changes.publish(operation, save.many(drafts))


def held(spec: Spec, ids: Sequence[int]) -> dict[int, Any]:
    """The records with these ids, locked until the transaction ends, with their lines."""
    names = [each.name for each in spec.lines]
    rows = spec.model._base_manager.select_for_update().filter(pk__in=list(ids)).order_by("pk")
    return {each.pk: each for each in rows.prefetch_related(*names)}
