"""Rows under a heading for each value of a field, with what each group counts and adds up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Count, DateField, F, Func, Q, Value
from django.db.models.functions import TruncMonth, TruncQuarter, TruncYear
from django.utils.translation import gettext as _

from clientela.kit import dates
from clientela.platform.lists import totals
from clientela.records import display, kinds, query
from clientela.records.conditions import field_for
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

PERIODS = {"month": TruncMonth, "quarter": TruncQuarter, "year": TruncYear}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST = 500
KEY = "_group"


@dataclass(frozen=True)
class Grouping:
    """`paths`: what to read with each row; the first of them is the key of its group."""

    ref: FieldRef
    period: str
    paths: tuple[str, ...]
    order: tuple[Any, ...]
    cell: display.Cell


@dataclass(frozen=True)
class Group:
    """The records that share a value: how many they are and what they add up to, by column."""

    key: str
    shown: display.Shown
    count: int
    value: Any
    """The key as the database has it; of a period its first day, or first moment."""
    sums: dict[str, tuple[Any, str]] = field(default_factory=dict)


def grouping_for(spec: Spec, text: str, reader: display.Reader) -> Grouping | None:
    """How to group by "path" or "path:period"; raises ConditionError where the field cannot be grouped by."""
    if not text:
        return None
    path, _colon, period = text.partition(":")
    ref = field_for(spec, path, reader.actor)
    if not ref.kind.groups or ref.expression is not None:
        raise ConditionError(_("This list cannot be grouped by “%(field)s”.") % {"field": ref.label}, path)
    if ref.kind in (kinds.Date, kinds.DateTime):
        period = period if period in PERIODS else "month"
        return Grouping(ref, period, (KEY,), (F(KEY).asc(nulls_last=True),), _period_cell(period, reader))
    columns = display.columns_for([ref], reader, marked=False)
    order = (F(ref.sort_path).asc(nulls_last=True), F(ref.annotation).asc(nulls_last=True))
    return Grouping(ref, "", columns.paths, order, columns.cells[0][0])


def _period_cell(period: str, reader: display.Reader) -> display.Cell:
    def cell(parts: Sequence[Any]) -> display.Shown:
        day: dt.date | None = parts[0]
        if day is None:
            return display.NOTHING
        if period == "month":
            return display.Shown("text", dates.format_month(day, reader.locale).capitalize())
        quarter = f"{_('Q%(number)s') % {'number': (day.month + 2) // 3}} " if period == "quarter" else ""
        return display.Shown("text", f"{quarter}{day.year}")

    return cell


def annotated(rows: query.Rows, grouping: Grouping, reader: display.Reader) -> query.Rows:
    """Rows with the key of their group where the database must work it out."""
    rows = query.annotated(rows, [grouping.ref])
    if not grouping.period:
        return rows
    with_key: query.Rows = rows.annotate(**{KEY: _start(grouping, reader)})
    return with_key


def _start(grouping: Grouping, reader: display.Reader) -> Any:
    """The first day of the period. SQLite finds months itself; Django would call Python for each row."""
    path, is_date = grouping.ref.annotation, grouping.ref.kind is kinds.Date
    if is_date and connection.vendor == "sqlite" and grouping.period != "quarter":
        first = Value(f"start of {grouping.period}")
        return Func(F(path), first, function="date", output_field=DateField())
    return PERIODS[grouping.period](path, tzinfo=None if is_date else reader.zone)


def counted(rows: query.Rows, grouping: Grouping, reader: display.Reader) -> list[Group]:
    """Every group with its count, in order: one query."""
    found = (
        annotated(rows, grouping, reader)
        .order_by(*grouping.order)
        .values(*grouping.paths)
        .annotate(_count=Count("*"))[:MOST]
    )
    return [
        Group(
            key_text(values[grouping.paths[0]]),
            grouping.cell([values[path] for path in grouping.paths]),
            values["_count"],
            values[grouping.paths[0]],
        )
        for values in found
    ]


def with_sums(
    found: Sequence[Group],
    rows: query.Rows,
    grouping: Grouping,
    pairs: totals.Wanted,
    reader: display.Reader,
) -> list[Group]:
    """These groups with what their rows add up to: one query, of their rows alone."""
    computed = totals.expressions(pairs)
    if not computed or not found:
        return list(found)
    for ref, _name in pairs:
        rows = query.annotated(rows, [ref])
    key = grouping.paths[0]
    rows = annotated(rows, grouping, reader)
    summed = among(rows, grouping, found).order_by().values(key)
    by_key = {key_text(values[key]): values for values in summed.annotate(**computed)}
    return [replace(group, sums=totals.texts(pairs, by_key.get(group.key, {}), reader)) for group in found]


def window(
    found: Sequence[Group], closed: Sequence[str], offset: int, limit: int
) -> tuple[list[Group], int] | None:
    """The open groups in which the rows from `offset` on are, and the offset in the first of them.

    None where there may be more groups than are known.
    """
    if len(found) == MOST:
        return None
    touched: list[Group] = []
    before = first = 0
    for group in found:
        if (group.key or "-") in closed:
            continue
        if before + group.count > offset and before < offset + limit:
            first = first if touched else before
            touched.append(group)
        before += group.count
    return touched, offset - first if touched else 0


def among(rows: query.Rows, grouping: Grouping, found: Sequence[Group]) -> query.Rows:
    """The rows of these groups, by conditions that an index can answer."""
    if grouping.ref.many:
        return rows
    within: query.Rows = rows.filter(reduce(or_, (_within(grouping, group.value) for group in found)))
    return within


def _within(grouping: Grouping, value: Any) -> Q:
    path = grouping.ref.annotation if grouping.period else grouping.paths[0]
    if value is None:
        return Q(**{f"{path}__isnull": True})
    if not grouping.period:
        return Q(**{path: value})
    year, month = divmod(value.year * 12 + value.month - 1 + MONTHS[grouping.period], 12)
    if year > dt.MAXYEAR:
        return Q(**{f"{path}__gte": value})
    return Q(**{f"{path}__gte": value, f"{path}__lt": value.replace(year=year, month=month + 1)})


def key_text(value: Any) -> str:
    """A group's key as an address has it."""
    return value.isoformat()[:10] if isinstance(value, dt.date) else "" if value is None else str(value)


def closed_out(rows: query.Rows, grouping: Grouping, closed: Sequence[str]) -> query.Rows:
    """Rows without those of the closed groups ("-" stands for those without a value)."""
    keys = [key for key in closed if key != "-"]
    condition = Q(**{f"{grouping.paths[0]}__isnull": True}) if "-" in closed else Q()
    for key in keys:
        condition |= _is_key(grouping, key)
    return rows.exclude(condition) if condition else rows


def _is_key(grouping: Grouping, key: str) -> Q:
    path = grouping.paths[0]
    try:
        if grouping.period:
            day = dt.date.fromisoformat(key)
            return Q(**{f"{path}__date" if grouping.ref.kind is kinds.DateTime else path: day})
        if grouping.ref.kind is kinds.Boolean:
            return Q(**{path: key == "True"})
        return Q(**{path: int(key) if grouping.ref.kind is kinds.Link else key})
    except ValueError:
        return Q()
