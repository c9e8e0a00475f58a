"""The records of a list counted or measured by a field, as bars, or as columns where it is a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.kit import money
from clientela.kit.dates.words import words_of
from clientela.platform.lists import groups, totals
from clientela.platform.lists.listing import State
from clientela.platform.looks.conditions import leaf_of, records_url
from clientela.records import display, kinds, query, refs
from clientela.records.conditions import is_hidden
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

COUNT = "count"
MOST_BARS, MOST_COLUMNS = 40, 60


@dataclass(frozen=True)
class Bar:
    """One group: `url` leads to its records, `percent` is its measure against the greatest (0-100)."""

    shown: display.Shown
    url: str
    count: int
    text: str
    short: str
    percent: float
    tick: str = ""
    """What stands under a column."""


@dataclass(frozen=True)
class Measured:
    """`bars` are the groups; `rest` how many groups are not drawn; `columns`: drawn as columns over time."""

    bars: list[Bar]
    rest: int
    columns: bool
    total: str
    count: int
    label: str
    by: str
    title: str


def by_choices(spec: Spec, actor: Actor) -> dict[str, str]:
    """Everything a chart can be grouped by: "path" or "path:period", with its words."""
    found: dict[str, str] = {}
    for name in dict.fromkeys((*_chart_fields(spec), *spec.filters, *spec.columns)):
        ref = _seen(spec, name, actor)
        if ref is None or not ref.kind.groups or ref.expression is not None:
            continue
        if ref.kind in (kinds.Date, kinds.DateTime):
            periods = {"month": _("month of %(field)s"), "quarter": _("quarter of %(field)s")}
            periods["year"] = _("year of %(field)s")
            for period, words in periods.items():
                found[f"{name}:{period}"] = _capital(words % {"field": _small(ref.label)})
        else:
            found[name] = str(ref.label)
    return found


def _small(label: Any) -> str:
    """A label inside a sentence: "Importe" is "importe", but "NIF" stays."""
    text = str(label)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _chart_fields(spec: Spec) -> tuple[str, ...]:
    return (spec.chart.group_by.partition(":")[0],) if spec.chart is not None else ()


def _seen(spec: Spec, path: str, actor: Actor) -> FieldRef | None:
    try:
        ref = refs.resolve(spec, path)
    except refs.UnknownField:
        return None
    return None if is_hidden(ref, actor) else ref


def measure_choices(spec: Spec, actor: Actor) -> dict[str, str]:
    """What can be measured: the number of records, or "path:sum" and "path:avg" of a numeric field."""
    found = {COUNT: _("Number of records")}
    for name, ref in refs.fields_of(spec).items():
        if not ref.kind.numeric or is_hidden(ref, actor) or name in ("id", "version"):
            continue
        if ref.kind is kinds.Money and ref.currency and not ref.base:
            continue  # amounts of unlike currencies do not add up
        for aggregate, words in (("sum", _("Sum of %(field)s")), ("avg", _("Average of %(field)s"))):
            if aggregate in ref.kind.aggregates:
                found[f"{name}:{aggregate}"] = words % {"field": _small(ref.label)}
    return found


def measured(state: State, actor: Actor, by: str, measure: str) -> Measured:
    """The chart of a list: three queries. Raises ConditionError where it cannot be grouped by `by`."""
    spec, reader = state.spec, display.reader_for(actor)
    grouping = groups.grouping_for(spec, by, reader)
    assert grouping is not None
    pairs = _pairs(spec, measure)
    rows = state.rows(actor)
    found = _values(rows, grouping, pairs, reader)
    count, _more = query.count(rows, cap=10**9)
    values = [_value(each, pairs) for each in found]
    most = MOST_COLUMNS if grouping.period else MOST_BARS
    greatest = max((value for value in values[:most] if value is not None), default=Decimal(0))
    bars = [
        _bar(state, grouping, pairs, each, value, greatest, reader)
        for each, value in zip(found[:most], values, strict=False)
    ]
    return Measured(
        bars,
        max(len(found) - most, 0),
        bool(grouping.period),
        _total(rows, pairs, reader),
        count,
        label := measure_choices(spec, actor).get(measure, ""),
        name := by_choices(spec, actor).get(by, str(grouping.ref.label)),
        _("%(measure)s by %(field)s") % {"measure": label, "field": _small(name)},
    )


def _pairs(spec: Spec, measure: str) -> totals.Wanted:
    path, _colon, aggregate = measure.partition(":")
    return [(refs.fields_of(spec)[path], aggregate)] if aggregate else []


def _values(
    rows: query.Rows, grouping: groups.Grouping, pairs: totals.Wanted, reader: display.Reader
) -> list[dict[str, Any]]:
    """The groups with their count and measure: in time or in the order of steps, else the greatest first."""
    for ref, _name in pairs:
        rows = query.annotated(rows, [ref])
    keyed = groups.annotated(rows, grouping, reader).order_by()
    counted = keyed.values(*grouping.paths).annotate(_count=Count("pk"), **totals.expressions(pairs))
    if grouping.period or _is_stepped(grouping.ref):
        return list(counted.order_by(*grouping.order)[: groups.MOST])
    first = F("total_0").desc(nulls_last=True) if pairs else F("_count").desc()
    return list(counted.order_by(first, *grouping.order)[: groups.MOST])


def _is_stepped(ref: FieldRef) -> bool:
    return ref.target is not None and ref.target.mark == "status"


def _value(found: dict[str, Any], pairs: totals.Wanted) -> Decimal | None:
    value = found["total_0"] if pairs else found["_count"]
    return None if value is None else Decimal(str(value))


def _bar(
    state: State,
    grouping: groups.Grouping,
    pairs: totals.Wanted,
    found: dict[str, Any],
    value: Decimal | None,
    greatest: Decimal,
    reader: display.Reader,
) -> Bar:
    parts: Sequence[Any] = [found[path] for path in grouping.paths]
    percent = float(value / greatest * 100) if value is not None and value > 0 and greatest > 0 else 0.0
    text = _text(pairs, value, found["_count"], reader)
    return Bar(
        grouping.cell(parts),
        records_url(state, leaf_of(grouping, parts[0])),
        found["_count"],
        text,
        _short(pairs, value, reader) or text,
        round(percent, 2),
        _tick(parts[0], grouping.period, reader),
    )


def _tick(key: Any, period: str, reader: display.Reader) -> str:
    """The period in little room: "ene 26", "T1 26", "2026"; "" for none."""
    if not period or key is None:
        return ""
    year = f"{key.year % 100:02}"
    if period == "month":
        return f"{words_of(reader.locale).short_months[key.month]} {year}"
    quarter = _("Q%(number)s") % {"number": (key.month + 2) // 3}
    return f"{quarter} {year}" if period == "quarter" else str(key.year)


def _text(pairs: totals.Wanted, value: Decimal | None, count: int, reader: display.Reader) -> str:
    if not pairs:
        return kinds.Integer.text(count, reader.locale)
    return "" if value is None else totals.text(pairs[0][0], value, reader)


def _short(pairs: totals.Wanted, value: Decimal | None, reader: display.Reader) -> str:
    if not pairs or value is None or pairs[0][0].kind is not kinds.Money:
        return ""
    return money.format_money_short(value, settings.BASE_CURRENCY, reader.locale)


def _total(rows: query.Rows, pairs: totals.Wanted, reader: display.Reader) -> str:
    if not pairs:
        return ""
    for ref, _name in pairs:
        rows = query.annotated(rows, [ref])
    return "".join(text for _label, text in totals.of(rows, pairs, reader).values())
