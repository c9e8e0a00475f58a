"""Where the ids of merged records lead."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from clientela.access.actor import Actor
from clientela.platform.duplicates import comparison
from clientela.platform.duplicates.models import Absorbed
from clientela.records import query
from clientela.records.spec import Spec

_HOPS = 50
_LARGEST_ID = 2**63 - 1


def heir_of(record: str, record_id: int) -> int:
    """The id under which a record is there now: its own unless it was merged, over several merges too."""
    return heirs_of(record, [record_id]).get(record_id, record_id)


def heirs_of(record: str, ids: Collection[int]) -> dict[int, int]:
    """By those of `ids` that were merged, the id under which each is there now.

    One query where none was; one more for each merge that followed upon another.
    """
    leads: dict[int, int] = {}
    asked: set[int] = set()
    possible = {each for each in ids if abs(each) <= _LARGEST_ID}
    for _hop in range(_HOPS):
        open_ids = {*possible, *leads.values()} - asked
        if not open_ids:
            break
        asked |= open_ids
        rows = Absorbed.objects.filter(
            record=record, record_id__in=open_ids, merge__undone_at__isnull=True, is_back=False
        )
        leads |= dict(rows.order_by("id").values_list("record_id", "merge__survivor_id"))
    return {each: _end(each, leads) for each in ids if each in leads}


def _end(record_id: int, leads: dict[int, int]) -> int:
    """Where one comes to by following the merges; a circle is cut where it closes."""
    seen = {record_id}
    while (following := leads.get(record_id)) is not None and following not in seen:
        seen.add(following)
        record_id = following
    return record_id


def in_conditions(spec: Spec, ids: list[Any]) -> dict[int, int]:
    """For `conditions.use_heirs`: kinds that are never merged are not asked about."""
    known = [each for each in ids if isinstance(each, int)]
    return heirs_of(spec.key, known) if known and comparison.of(spec) is not None else {}


def merged_into(spec: Spec, record_id: int, actor: Actor) -> int | None:
    """The id of the record that this one went into, where `actor` sees that; else None."""
    heir = heir_of(spec.key, record_id)
    if heir == record_id or not query.visible(spec, actor).filter(pk=heir).exists():
        return None
    return heir
