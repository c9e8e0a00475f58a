"""The only door to rows: what an actor may see, filtered, sorted, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.records import conditions, refs
from clientela.records.errors import ConditionError, NotFound
from clientela.records.rights import visible
from clientela.records.spec import Spec

__all__ = ["annotated", "count", "get", "is_nullable", "matching", "ordered", "page", "sortable", "visible"]

Rows = QuerySet[Any]
SearchLookup = Callable[[Spec, str, Actor], Q]
COUNT_CAP = 10_000


def _plain_search(spec: Spec, text: str, actor: Actor) -> Q:
    found = (conditions.field_for(spec, path, actor) for path in spec.search.weights)
    return reduce(or_, (conditions.containing(ref, text) for ref in found), Q())


search_lookup: SearchLookup = _plain_search


def use_search(lookup: SearchLookup) -> None:
    """Let the search platform answer the search box from its index."""
    global search_lookup
    search_lookup = lookup


def get(spec: Spec, record_id: Any, actor: Actor) -> Model:
    """The record with this id, if `actor` may see it; raises NotFound either way."""
    try:
        found = visible(spec, actor).filter(pk=int(record_id)).first()
    except (ValueError, TypeError, OverflowError):
        found = None
    if found is None:
        raise NotFound(_("There is no such record, or you may not see it."))
    return found  # type: ignore[no-any-return]


def matching(spec: Spec, actor: Actor, condition: Any = None, text: str = "") -> Rows:
    """The visible records that meet `condition` (a JSON tree) and contain `text`. Raises ConditionError."""
    rows = visible(spec, actor)
    if condition:
        compared = conditions.refs_in(spec, condition, actor)
        rows = annotated(rows, compared).filter(conditions.compile_condition(spec, condition, actor))
        if any(ref.many for ref in compared):
            rows = spec.model._default_manager.filter(pk__in=rows.values("pk")).order_by()
    if text.strip():
        rows = rows.filter(search_lookup(spec, text.strip(), actor))
    return rows


def annotated(rows: Rows, found: Iterable[refs.FieldRef]) -> Rows:
    """With the computed ones among the refs, and those that only some may read, under their names."""
    for ref in found:
        wanted = ref.guards()
        if ref.expression is not None:
            wanted = {ref.annotation: ref.expression()}
        fresh = {name: each for name, each in wanted.items() if name not in rows.query.annotations}
        rows = rows.annotate(**fresh) if fresh else rows
    return rows


def ordered(rows: Rows, spec: Spec, sort: Sequence[str], actor: Actor) -> Rows:
    """Sorted by paths ("-" = downwards), empty ones last, the id deciding ties. Raises ConditionError."""
    order: list[Any] = []
    for entry in sort or spec.default_sort:
        ref = sortable(spec, entry.lstrip("-"), actor)
        rows = annotated(rows, [ref])
        order += _direction(ref, descending=entry.startswith("-"))
    return rows.order_by(*order, _tie(sort or spec.default_sort))


def _tie(sort: Sequence[str]) -> str:
    return "-pk" if sort and sort[0].startswith("-") else "pk"


def _direction(ref: refs.FieldRef, *, descending: bool) -> list[Any]:
    """Empty ones last by a key of their own: unlike NULLS LAST it can be indexed on both databases."""
    path = F(ref.sort_path)
    key = path.desc() if descending else path.asc()
    return [IsNull(path, True), key] if is_nullable(ref) else [key]


def is_nullable(ref: refs.FieldRef) -> bool:
    """Whether its sort value can be missing: a nullable column or link on the way to it."""
    if ref.expression is not None or ref.provided or ref.seen is not None:
        return True
    path = ref.sort_path.split(refs.SEPARATOR)
    model: Any = ref.spec.model
    for name in path:
        field = model._meta.get_field(name)
        if field.null:
            return True
        model = field.related_model
    return False


def sortable(spec: Spec, path: str, actor: Actor) -> refs.FieldRef:
    """The ref to sort by; raises ConditionError where it is unknown, hidden or has no order."""
    ref = conditions.field_for(spec, path, actor)
    if ref.many:
        raise ConditionError(_("This list cannot be sorted by “%(field)s”.") % {"field": ref.label}, path)
    return ref


def count(rows: Rows, cap: int = COUNT_CAP) -> tuple[int, bool]:
    """How many rows, counted no further than `cap`; the second value says whether there are more."""
    found = rows.order_by()[: cap + 1].count()
    return min(found, cap), found > cap


def page(rows: Rows, paths: Sequence[str], offset: int, limit: int) -> list[tuple[Any, ...]]:
    """`limit` rows from `offset` as tuples of `paths` (query paths, see `FieldRef.annotation`)."""
    return list(rows.values_list(*paths)[offset : offset + limit])
