"""Titles of records named by their ids in a change: all kinds in one query."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast

from clientela.access.actor import Actor
from clientela.records import query
from clientela.records.spec import Spec

Titles = dict[tuple[str, int], str]


def titles_of(wanted: dict[Spec, set[int]], actor: Actor) -> Titles:
    """The title of each record that `actor` may see, by (kind, id)."""
    parts = [_part(spec, ids, actor) for spec, ids in wanted.items() if ids]
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(key, record_id): title for key, record_id, title in rows}


def _part(spec: Spec, ids: set[int], actor: Actor) -> Any:
    return (
        query.visible(spec, actor)
        .filter(pk__in=ids)
        .annotate(
            _key=Cast(Value(spec.key), CharField()),
            _id=F("pk"),
            _title=Cast(F(spec.title), CharField()),
        )
        .values_list("_key", "_id", "_title")
    )
