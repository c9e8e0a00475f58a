"""Which rows a page of a list holds, found on SQLite before anything is joined to them.

SQLite's planner knows averages only. It may begin a list of deals with the stages, because these are few, and
sort half a million rows for fifty; or follow the index of the order to its end for somebody who sees ten.
So the ids of a page are found first, in the record's own table, in one of two ways. Who sees few rows: all of
these, sorted. Who sees many: along the order, until the page is full. PostgreSQL chooses well by itself.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Max, Model
from django.db.models.expressions import RawSQL

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.records.query import Rows
from clientela.records.spec import Spec

FEW = 2000
"""To sort so many costs a few milliseconds, whatever else there is."""
LARGE = 10_000
"""Tables with fewer rows are sorted whole in less time than the longer query takes to make."""
REMEMBERED_SECONDS = 600
_sizes: dict[type[Model], tuple[float, int]] = {}
_EITHER = """
    SELECT * FROM ({many} LIMIT (CASE WHEN EXISTS ({beyond}) THEN {size} ELSE 0 END) OFFSET {start})
    UNION ALL
    SELECT * FROM ({few} LIMIT (CASE WHEN EXISTS ({beyond}) THEN 0 ELSE {size} END) OFFSET {start})"""


def is_needed(spec: Spec) -> bool:
    """Whether the database must be told: SQLite, where there are many records of this kind."""
    return connection.vendor == "sqlite" and _size(spec.model) >= LARGE


def _size(model: type[Model]) -> int:
    """The highest id, as it was some minutes ago."""
    asked, size = _sizes.get(model, (0.0, 0))
    now = time.monotonic()
    if not asked or now - asked > REMEMBERED_SECONDS:
        size = model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        _sizes[model] = (now, size)
    return size


def narrowed(rows: Rows, spec: Spec, actor: Actor, start: int, size: int) -> Rows:
    """`size` rows from `start` on of those that `actor` sees, in their order; none may be in `rows` twice."""
    own = _owned(spec, actor)
    if own is None:
        return rows.filter(pk__in=rows.values("pk")[start : start + size])
    few = rows.filter(pk__in=own[: FEW + 1])
    try:
        (many, *of_many), (few, *of_few), (beyond, *of_beyond) = map(
            _sql, (rows.values("pk"), few.values("pk"), own[FEW : FEW + 1])
        )
    except EmptyResultSet:
        return rows.none()
    sql = _EITHER.format(many=many, few=few, beyond=beyond, start=int(start), size=int(size))
    # Django's own SQL, put together.
    return rows.filter(pk__in=RawSQL(sql, [*of_many, *of_beyond, *of_few, *of_beyond]))  # noqa: S611


def _sql(rows: Rows) -> tuple[Any, ...]:
    """A query as SQL, and after it what goes into it."""
    sql, params = rows.query.sql_with_params()
    return sql, *params


def _owned(spec: Spec, actor: Actor) -> Rows | None:
    """Ids of all that `actor` sees, where who looks after a record decides that; None where he sees all."""
    if spec.visible is not None or not policy.is_by_owner(actor, "see", spec):
        return None
    scope = policy.scope(actor, "see", spec)
    return spec.model._default_manager.filter(scope).order_by().values("pk") if scope else None
