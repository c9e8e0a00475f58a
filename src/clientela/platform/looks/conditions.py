"""From a bar, a column or a day back to its records: the condition that says which they are."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import Any

from clientela.platform.lists.groups import Grouping
from clientela.platform.lists.listing import State
from clientela.records import kinds

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def records_url(state: State, leaf: dict[str, Any]) -> str:
    """Address of the list narrowed to the records that also meet `leaf`."""
    return state.with_look(condition=both(state.look.condition, leaf), group="").url_of("list")


def both(condition: Mapping[str, Any], leaf: dict[str, Any]) -> dict[str, Any]:
    """The condition that a record meets when it meets `condition` (of any version) and `leaf`."""
    tree = {name: value for name, value in condition.items() if name != "version"}
    if not tree:
        return leaf
    parts = tree["all"] if list(tree) == ["all"] and isinstance(tree["all"], list) else [tree]
    return {"all": [*parts, leaf]}


def leaf_of(grouping: Grouping, key: Any) -> dict[str, Any]:
    """The condition that the records of one group meet; `key` is the value they have in common."""
    path = grouping.ref.path
    if key is None or key == "":
        return {"field": path, "op": "empty"}
    if grouping.period:
        start, end = period_of(_day(key), grouping.period)
        return {"field": path, "op": "between", "value": [start.isoformat(), end.isoformat()]}
    if grouping.ref.kind is kinds.Boolean:
        return {"field": path, "op": "is_true" if key else "is_false"}
    return {"field": path, "op": "in", "value": [key]}


def _day(key: Any) -> dt.date:
    return key.date() if isinstance(key, dt.datetime) else key


def period_of(start: dt.date, period: str) -> tuple[dt.date, dt.date]:
    """First and last day of the month, quarter or year that starts on `start`."""
    last = start.month - 1 + _MONTHS[period] - 1
    year, month = start.year + last // 12, last % 12 + 1
    return start, dt.date(year, month, calendar.monthrange(year, month)[1])
