"""Which rows a page of a list holds, found before anything is joined to them.

Sorted by something of a linked record, or by what may be missing, no index gives the order of all rows at
once. It gives that of the rows that have it, and after these come those that lack it: two halves, each of
which is left as soon as the page is full. This goes for both databases.

SQLite's planner knows averages only. It may begin a list of deals with the stages, because these are few, and
sort half a million rows for fifty; or follow the index of the order to its end for somebody who sees ten.
So there the ids of a page are always found first, in one of two ways. Who sees few rows: all of these,
sorted. Who sees many: along the order, until the page is full.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Max, Model, OrderBy, Q
from django.db.models.expressions import RawSQL
from django.db.models.lookups import IsNull

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.records import kinds, query, refs
from clientela.records.query import Rows
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

if TYPE_CHECKING:
    from clientela.platform.lists.listing import State

FEW = 2000
"""To sort so many costs a few milliseconds, whatever else there is."""
LARGE = 10_000
"""Tables with fewer rows are sorted whole in less time than the longer query takes to make."""
REMEMBERED_SECONDS = 600
_sizes: dict[type[Model], tuple[float, int]] = {}
_HALVES = """
    SELECT * FROM ({having} LIMIT {end}) AS having_it
    UNION ALL
    SELECT * FROM ({lacking} LIMIT {end}) AS lacking_it"""
_EITHER = """
    SELECT * FROM ({many} LIMIT (CASE WHEN EXISTS ({beyond}) THEN {size} ELSE 0 END) OFFSET {start})
    UNION ALL
    SELECT * FROM ({few} LIMIT (CASE WHEN EXISTS ({beyond}) THEN 0 ELSE {size} END) OFFSET {start})"""
Sql = tuple[str, list[Any]]


def narrowed(rows: Rows, state: State, actor: Actor, start: int, size: int) -> tuple[Rows, int]:
    """Rows among which `size` from `start` on are, and the place where these begin.

    `rows`: those of the list in its order, perhaps by groups; none twice.
    """
    if _size(state.spec.model) < LARGE:
        return rows, start
    way = _way(rows, state, actor, start, size)
    if connection.vendor != "sqlite" and not (way.is_parted or way.is_over_link):
        return rows, start
    own = _owned(state.spec, actor) if connection.vendor == "sqlite" else None
    try:
        sql, params = _paged(way) if own is None else _either(way, own)
    except EmptyResultSet:
        return rows.none(), 0
    # Django's own SQL, put together.
    return rows.filter(pk__in=RawSQL(sql, params)), 0  # noqa: S611


@dataclass(frozen=True)
class Way:
    """Through which rows a page is reached, sorted by `first` before all else; `is_whole`: through all."""

    rows: Rows
    first: FieldRef
    is_whole: bool
    start: int
    size: int

    @property
    def is_over_link(self) -> bool:
        return self.first.sort_source != self.first.path and self.first.kind is kinds.Link

    @property
    def is_parted(self) -> bool:
        """Whether empty ones come last by a key of their own with which no index of the record begins."""
        order: list[Any] = list(self.rows.query.order_by)
        if not isinstance(order[0], IsNull):
            return False
        begins = [list(index.expressions[:2]) for index in self.rows.model._meta.indexes]
        plain = [order[0], order[1].expression]
        return order[:2] not in begins and (order[1].descending or plain not in begins)


def _way(rows: Rows, state: State, actor: Actor, start: int, size: int) -> Way:
    first = query.sortable(state.spec, state.sort()[0].lstrip("-"), actor)
    is_whole = not (state.look.condition or state.look.group or state.text)
    return Way(rows, first, is_whole, int(start), int(size))


def _size(model: type[Model]) -> int:
    """The highest id, as it was some minutes ago."""
    asked, size = _sizes.get(model, (0.0, 0))
    now = time.monotonic()
    if not asked or now - asked > REMEMBERED_SECONDS:
        size = model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        _sizes[model] = (now, size)
    return size


def _paged(way: Way) -> Sql:
    sql, params = _along(way)
    return f"{sql} LIMIT {way.size} OFFSET {way.start}", params


def _either(way: Way, own: Rows) -> Sql:
    """Few rows sorted, or many along the order, whichever `own` says they are."""
    many, of_many = _along(way)
    few, of_few = _sql(way.rows.filter(pk__in=own[: FEW + 1]))
    beyond, of_beyond = _sql(own[FEW : FEW + 1])
    sql = _EITHER.format(many=many, few=few, beyond=beyond, start=way.start, size=way.size)
    return sql, [*of_many, *of_beyond, *of_few, *of_beyond]


def _along(way: Way) -> Sql:
    """Ids in their order, those of the page among them. Raises EmptyResultSet where there can be none."""
    if not way.is_parted:
        return _from_link(way, *_sql(way.rows))
    having, of_having = _from_link(way, *_sql(_having(way)))
    lacking, of_lacking = _sql(_lacking(way))
    sql = _HALVES.format(having=having, lacking=lacking, end=way.start + way.size)
    return sql, [*of_having, *of_lacking]


def _sql(rows: Rows) -> Sql:
    """A query for ids as SQL, and what goes into it."""
    sql, params = rows.values("pk").query.sql_with_params()
    return sql, list(params)


def _from_link(way: Way, sql: str, params: list[Any]) -> Sql:
    """From the linked records to the rows: SQLite is told so where nothing is filtered."""
    if connection.vendor != "sqlite" or not (way.is_whole and way.is_over_link) or way.first.target is None:
        return sql, params
    own, linked = (model._meta.db_table for model in (way.rows.model, way.first.target.model))
    return sql.replace(
        f'FROM "{own}" INNER JOIN "{linked}" ON', f'FROM "{linked}" CROSS JOIN "{own}" ON'
    ), params


def _having(way: Way) -> Rows:
    """The rows that have what they are sorted by first."""
    order: Sequence[Any] = way.rows.query.order_by
    path = way.first.sort_source
    present = Q(**{f"{path}__isnull": False}) & (way.first.seen or Q())
    return way.rows.filter(present).order_by(OrderBy(F(path), descending=order[1].descending), *order[2:])


def _lacking(way: Way) -> Rows:
    """The rows that lack it: the link itself, which has an index, where its title is never empty."""
    first, path = way.first, way.first.sort_path
    if way.is_over_link and first.seen is None and first.target is not None:
        title = refs.fields_of(first.target)[first.sort_title].field
        path = first.path if title is not None and not title.null else path
    return way.rows.filter(**{f"{path}__isnull": True}).order_by(*way.rows.query.order_by[2:])


def _owned(spec: Spec, actor: Actor) -> Rows | None:
    """All that `actor` sees, where who looks after a record decides that; None where he sees all."""
    if spec.visible is not None or not policy.is_by_owner(actor, "see", spec):
        return None
    scope = policy.scope(actor, "see", spec)
    return spec.model._default_manager.filter(scope).order_by() if scope else None
