"""`GET /api/v1/<records>`: filtered, searched, sorted, paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clientela.platform.api import cursors, reading
from clientela.platform.api.endpoint import Call, read_json
from clientela.platform.api.problems import Problem, bad_parameter
from clientela.records import query
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec

PARAMETERS = ("filter", "q", "sort", "fields", "limit", "cursor", "as_of")
DEFAULT_LIMIT, MOST = 50, 200


@dataclass(frozen=True, slots=True)
class Page:
    """`count`: rows in all pages, exact up to `query.COUNT_CAP` and that number when there are more."""

    items: list[reading.Item]
    next: str | None
    count: int


def page(spec: Spec, call: Call) -> Page:
    """The page of the list that the parameters ask for. Raises Problem for any that cannot be read."""
    unknown = sorted(set(call.request.GET) - set(PARAMETERS))
    if unknown:
        raise bad_parameter(unknown[0], _("There is no parameter “%(name)s”.") % {"name": unknown[0]})
    fields = reading.fields_for(spec, call.actor, call.parameter("fields"))
    sort = [part.strip() for part in call.parameter("sort").split(",") if part.strip()]
    keys = cursors.keys_of(spec, sort, call.actor)
    limit = _limit(call.parameter("limit"))
    rows = _matching(spec, call)
    count, _more = query.count(rows)
    found = _rows(spec, call, rows, fields, sort, keys, limit)
    next_cursor = cursors.write(sort, found[limit - 1][1]) if len(found) > limit else None
    return Page([item for item, _values in found[:limit]], next_cursor, count)


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= number <= MOST:
        raise bad_parameter("limit", _("The limit is a number from 1 to %(most)s.") % {"most": MOST})
    return number


def _matching(spec: Spec, call: Call) -> query.Rows:
    text = call.parameter("filter")
    condition = _condition(text) if text else None
    try:
        return query.matching(spec, call.actor, condition, call.parameter("q").replace("\x00", ""))
    except ConditionError as error:
        names = {"filter": [error.message]} | ({error.field: [error.message]} if error.field else {})
        raise Problem(400, error.message, names) from error


def _condition(text: str) -> Any:
    try:
        found = read_json(text)
    except Problem as problem:
        raise bad_parameter("filter", problem.detail) from problem
    if not isinstance(found, dict):
        raise bad_parameter("filter", _("A condition must be an object."))
    return found


def _rows(
    spec: Spec,
    call: Call,
    rows: query.Rows,
    fields: list[Any],
    sort: list[str],
    keys: list[cursors.Key],
    limit: int,
) -> list[tuple[reading.Item, tuple[Any, ...]]]:
    """One row more than the limit, where there is one."""
    for key in keys:
        rows = key.annotate(rows, spec)
    extra = [key.path for key in keys]
    cursor = call.parameter("cursor")
    if not cursor:
        rows = rows.order_by(*cursors.order_of(keys))
        return reading.read(spec, rows[: limit + 1], fields, extra)
    rows = rows.order_by(*cursors.order_of(keys, within=True))
    found: list[tuple[reading.Item, tuple[Any, ...]]] = []
    for condition in cursors.phases(keys, cursors.read(cursor, sort, keys)):
        if len(found) <= limit:
            found += reading.read(spec, rows.filter(condition)[: limit + 1 - len(found)], fields, extra)
    return found
