"""Where the ids of merged records lead."""

from __future__ import annotations

from clientela.access.actor import Actor
from clientela.platform.duplicates.models import Absorbed
from clientela.records import query
from clientela.records.spec import Spec

_HOPS = 50


def heir_of(record: str, record_id: int) -> int:
    """The id under which a record is there now: its own unless it was merged, over several merges too."""
    current, seen = record_id, {record_id}
    for _hop in range(_HOPS):
        rows = Absorbed.objects.filter(
            record=record, record_id=current, merge__undone_at__isnull=True, is_back=False
        ).order_by("-id")
        following = rows.values_list("merge__survivor_id", flat=True).first()
        if following is None or following in seen:
            break
        seen.add(following)
        current = following
    return current


def merged_into(spec: Spec, record_id: int, actor: Actor) -> int | None:
    """The id of the record that this one went into, where `actor` sees that; else None."""
    heir = heir_of(spec.key, record_id)
    if heir == record_id or not query.visible(spec, actor).filter(pk=heir).exists():
        return None
    return heir
