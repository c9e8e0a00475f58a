"""The records of a list on the days of a month, with what each week adds up to."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber, TruncDate

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists import totals
from clientela.platform.lists.listing import State
from clientela.platform.looks.conditions import records_url
from clientela.records import display, kinds, query, refs, rights, urlnames
from clientela.records.conditions import is_hidden
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

A_DAY = 3
FIRST_YEAR, LAST_YEAR = 1900, 2999
DAY, PLACE = "_day", "_place"


@dataclass(frozen=True)
class Entry:
    """One record on its day. `move_url`: where its date is changed ("" = the actor may not)."""

    id: int
    title: str
    second: str
    color: str
    color_label: str
    url: str
    move_url: str


@dataclass
class Day:
    """A day of the calendar: the entries that fit, and how many more there are."""

    date: dt.date
    inside: bool
    """Whether it belongs to the month that is shown."""
    entries: list[Entry] = field(default_factory=list)
    more: int = 0
    url: str = ""


@dataclass
class Sums:
    """How many records and, by label, what they add up to (as written)."""

    count: int = 0
    values: dict[int, Decimal] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    percent: float = 0.0

    def add(self, count: int, values: Iterable[tuple[int, Any]]) -> None:
        self.count += count
        for place, value in values:
            self.values[place] = self.values.get(place, Decimal(0)) + Decimal(str(value or 0))


@dataclass
class Week:
    """Seven days, with the ISO number of the week and what they add up to."""

    number: int
    days: list[Day]
    sums: Sums


@dataclass(frozen=True)
class Month:
    """The weeks that a month touches."""

    first: dt.date
    weeks: list[Week]
    sums: Sums
    legend: list[tuple[str, str]]

    @property
    def before(self) -> str:
        return (self.first - dt.timedelta(days=1)).strftime("%Y-%m")

    @property
    def after(self) -> str:
        return (self.first + dt.timedelta(days=31)).strftime("%Y-%m")


def first_of(text: str, today: dt.date) -> dt.date:
    """The first day of the month "2026-03"; of the current one where that is no month of these times."""
    try:
        first = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if FIRST_YEAR <= first.year <= LAST_YEAR else today.replace(day=1)


def month_of(state: State, actor: Actor, path: str, first: dt.date) -> Month:
    """The month that starts on `first`, by the date field `path`: two queries. Raises ConditionError."""
    spec, reader = state.spec, display.reader_for(actor)
    ref = refs.fields_of(spec)[path]
    dates = calendar.Calendar().monthdatescalendar(first.year, first.month)
    pairs = _pairs(spec, actor)
    rows = _between(state.rows(actor), ref, dates[0][0], dates[-1][-1], reader)
    for pair, _name in pairs:
        rows = query.annotated(rows, [pair])
    sums = _sums_by_day(rows, pairs)
    entries, legend = _entries(rows, state, ref, actor, reader)
    weeks = [_week(state, days, first, ref, sums, entries) for days in dates]
    whole = Sums()
    for day, (count, values) in sums.items():
        if (day.year, day.month) == (first.year, first.month):
            whole.add(count, values)
    _write([*(week.sums for week in weeks), whole], pairs, reader)
    return Month(first, weeks, whole, legend)


def _pairs(spec: Spec, actor: Actor) -> totals.Wanted:
    """What is added up: the chart's measure and the board's weighted one, as far as the actor sees them."""
    names = [spec.chart.measure if spec.chart is not None else "", spec.board.weighted if spec.board else ""]
    found = [refs.fields_of(spec).get(name) for name in dict.fromkeys(names)]
    seen = [ref for ref in found if ref is not None and not is_hidden(ref, actor)]
    return [(ref, "sum") for ref in seen if ref.base or ref.expression is not None or not ref.currency]


def _between(
    rows: query.Rows, ref: FieldRef, start: dt.date, end: dt.date, reader: display.Reader
) -> query.Rows:
    if ref.kind is kinds.Date:
        dated: query.Rows = rows.filter(**{f"{ref.path}__range": (start, end)}).annotate(**{DAY: F(ref.path)})
        return dated
    first = dt.datetime.combine(start, dt.time(), reader.zone)
    after = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(), reader.zone)
    rows = rows.filter(**{f"{ref.path}__gte": first, f"{ref.path}__lt": after})
    timed: query.Rows = rows.annotate(**{DAY: TruncDate(ref.path, tzinfo=reader.zone)})
    return timed


DaySums = dict[dt.date, tuple[int, list[tuple[int, Any]]]]


def _sums_by_day(rows: query.Rows, pairs: totals.Wanted) -> DaySums:
    found = rows.order_by().values(DAY).annotate(_count=Count("pk"), **totals.expressions(pairs))
    return {
        each[DAY]: (each["_count"], [(place, each[f"total_{place}"]) for place in range(len(pairs))])
        for each in found
    }


def _entries(
    rows: query.Rows, state: State, ref: FieldRef, actor: Actor, reader: display.Reader
) -> tuple[dict[dt.date, list[Entry]], list[tuple[str, str]]]:
    """The first few of each day, and the colours among them with their words, in the order of the steps."""
    spec = state.spec
    columns = _columns(spec, reader)
    color = spec.calendar.color if spec.calendar is not None else ""
    may_move = not ref.read_only and not rights.is_fixed(ref, actor) and policy.may(actor, "change", spec)
    tone = rights.read_by(refs.resolve(spec, color), actor) if color else None
    rows = query.annotated(rows, [*columns.refs, *([tone] if tone else [])])
    place = Window(RowNumber(), partition_by=[F(DAY)], order_by=[F("pk")])
    owner = spec.access.owner or "pk"
    step = columns.refs[-1].sort_path if color else "pk"
    read = ("pk", DAY, owner, tone.annotation if tone else "pk", step, *columns.paths)
    found = rows.annotate(**{PLACE: place}).filter(**{f"{PLACE}__lte": A_DAY}).order_by(DAY, PLACE)
    mine = set(_changeable(spec, actor, found)) if may_move else set()
    entries: dict[dt.date, list[Entry]] = {}
    legend: dict[str, tuple[Any, str]] = {}
    for record_id, day, _owner, hue, rank, *parts in found.values_list(*read):
        cells = columns.row(parts)
        hue = str(hue or "gray") if color else "gray"
        label = cells[-1].text if color else ""
        if label:
            legend.setdefault(hue, (rank, label))
        move = urlnames.part_url(spec, record_id, "field", ref.path) if record_id in mine else ""
        second = cells[1].text if len(cells) > 2 else ""
        entry = Entry(
            record_id, cells[0].text, second, hue, label, urlnames.record_url(spec, record_id), move
        )
        entries.setdefault(day, []).append(entry)
    ordered = sorted(legend.items(), key=lambda each: each[1][0])
    return entries, [(hue, label) for hue, (_rank, label) in ordered]


def _changeable(spec: Spec, actor: Actor, found: query.Rows) -> Sequence[int]:
    ids = [record_id for record_id, *_rest in found.values_list("pk")]
    return list(query.visible(spec, actor, "change").filter(pk__in=ids).values_list("pk", flat=True))


def _columns(spec: Spec, reader: display.Reader) -> display.Columns:
    """The title, the measure where there is one, and what the colour stands for."""
    color = spec.calendar.color.rpartition("__")[0] if spec.calendar is not None else ""
    names = [spec.title, spec.chart.measure if spec.chart is not None else "", color]
    return display.columns_for([refs.resolve(spec, name) for name in names if name], reader)


def _week(
    state: State,
    dates: Sequence[dt.date],
    first: dt.date,
    ref: FieldRef,
    sums: DaySums,
    entries: Mapping[dt.date, list[Entry]],
) -> Week:
    week = Sums()
    days = []
    for date in dates:
        count, values = sums.get(date, (0, []))
        week.add(count, values)
        day = Day(date, date.month == first.month, entries.get(date, []))
        day.more = count - len(day.entries)
        if day.more > 0:
            leaf = {"field": ref.path, "op": "is", "value": date.isoformat()}
            day.url = records_url(state, leaf)
        days.append(day)
    return Week(dates[0].isocalendar().week, days, week)


def _write(every: Sequence[Sums], pairs: totals.Wanted, reader: display.Reader) -> None:
    """Put what was added up into words, and each week's share of the greatest week."""
    greatest = max((each.values.get(0, Decimal(0)) for each in every[:-1]), default=Decimal(0))
    for each in every:
        each.texts = [
            (str(ref.label), totals.text(ref, each.values[place], reader))
            for place, (ref, _name) in enumerate(pairs)
            if place in each.values
        ]
        share = each.values.get(0, Decimal(0)) / greatest * 100 if greatest > 0 else Decimal(0)
        each.percent = round(float(share), 1)
