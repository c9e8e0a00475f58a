"""The cards of a board: the first of every column in one query, and the next of one column by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.boards.lanes import board_of, group_ref
from clientela.platform.lists.listing import State
from clientela.records import display, query, refs, urlnames
from clientela.records.display import NOTHING, Reader, Shown
from clientela.records.spec import Lane, Spec

PAGE = 25
"""Cards of a column shown at once."""


@dataclass(frozen=True)
class Card:
    """`facts` are pairs of a value and whether it is late; `days` = how long it stands (0 = not too long)."""

    id: int
    title: str
    url: str
    lines: tuple[Shown, ...] = ()
    facts: tuple[tuple[Shown, bool], ...] = ()
    people: tuple[Shown, ...] = ()
    step: str = ""
    step_date: Shown = NOTHING
    step_late: bool = False
    days: int = 0
    movable: bool = True


@dataclass
class Column:
    """The cards of one column; `after` = the id of the last one where there are more."""

    cards: list[Card] = field(default_factory=list)
    after: int | None = None


def first(state: State, lanes: Sequence[Lane], reader: Reader, size: int = PAGE) -> dict[Any, Column]:
    """The first `size` cards of each column, by the column's value: one query whatever their number."""
    spec, actor = state.spec, reader.actor
    group = group_ref(spec).path
    rows = state.rows(actor)
    # An arm a column, so that each reads no further than its own first rows in the index.
    arms = [
        spec.model._default_manager.filter(
            pk__in=query.ordered(rows.filter(**{group: lane.value}), spec, state.look.sort, actor)[
                : size + 1
            ].values("pk")
        )
        .order_by()
        .values("pk")
        for lane in lanes
    ]
    if not arms:
        return {}
    ids = arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0]
    wanted = spec.model._default_manager.filter(pk__in=ids).order_by()
    drawn = _draw(spec, query.ordered(wanted, spec, state.look.sort, actor), lanes, reader)
    return {lane.value: _paged(drawn.get(lane.value, []), size) for lane in lanes}


def following(state: State, lane: Lane, after: int, reader: Reader, size: int = PAGE) -> Column:
    """The cards of a column that come after the one with the id `after`."""
    spec, actor = state.spec, reader.actor
    rows = state.rows(actor).filter(**{group_ref(spec).path: lane.value})
    rows = query.ordered(_beyond_card(rows, state, after, actor), spec, state.look.sort, actor)
    return _paged(_draw(spec, rows[: size + 1], [lane], reader).get(lane.value, []), size)


def one(state: State, record_id: int, lane: Lane, reader: Reader) -> Card | None:
    """A card as the list shows it now, or None where the list does not hold it."""
    rows = state.rows(reader.actor).filter(pk=record_id)
    return next(iter(_draw(state.spec, rows, [lane], reader).get(lane.value, [])), None)


def _paged(cards: list[Card], size: int) -> Column:
    more = len(cards) > size
    return Column(cards[:size], cards[size - 1].id if more else None)


def _draw(spec: Spec, rows: Any, lanes: Sequence[Lane], reader: Reader) -> dict[Any, list[Card]]:
    """Cards by their column's value, in the order of `rows`."""
    board = board_of(spec)
    by_value = {lane.value: lane for lane in lanes}
    paths = [spec.title, *board.card, *filter(None, (board.step, board.step_date, board.since))]
    columns = display.columns_for([refs.resolve(spec, path) for path in paths], reader)
    rows = query.annotated(rows, columns.refs).annotate(_may=_may(spec, reader))
    found: dict[Any, list[Card]] = {}
    for record_id, value, may, *parts in rows.values_list("pk", group_ref(spec).path, "_may", *columns.paths):
        shown = dict(zip((ref.path for ref in columns.refs), columns.row(parts), strict=True))
        if value in by_value:
            card = _card(spec, record_id, shown, by_value[value], reader, movable=bool(may))
            found.setdefault(value, []).append(card)
    return found


def _may(spec: Spec, reader: Reader) -> Any:
    """Whether the reader may change a row, as an expression."""
    scope = policy.scope(reader.actor, "change", spec)
    if not scope:
        return Value(policy.may(reader.actor, "change", spec), output_field=BooleanField())
    return Case(When(scope, then=Value(True)), default=Value(False), output_field=BooleanField())


def _card(
    spec: Spec, record_id: int, shown: Mapping[str, Shown], lane: Lane, reader: Reader, *, movable: bool
) -> Card:
    board = board_of(spec)
    cells = [(path, shown[path]) for path in board.card if path in shown and shown[path].text]
    step_date = shown.get(board.step_date, NOTHING)
    return Card(
        record_id,
        shown[spec.title].text if spec.title in shown else f"{spec.label} {record_id}",
        urlnames.record_url(spec, record_id),
        lines=tuple(cell for _path, cell in cells if cell.kind not in ("number", "date", "person")),
        facts=tuple(
            (cell, path in board.due and _is_past(cell, reader))
            for path, cell in cells
            if cell.kind in ("number", "date")
        ),
        people=tuple(cell for _path, cell in cells if cell.kind == "person"),
        step=shown.get(board.step, NOTHING).text,
        step_date=step_date,
        step_late=_is_past(step_date, reader),
        days=_standing(shown.get(board.since, NOTHING), lane, reader),
        movable=movable,
    )


def _is_past(cell: Shown, reader: Reader) -> bool:
    return bool(cell.title) and cell.title[:10] < reader.today.isoformat()


def _standing(since: Shown, lane: Lane, reader: Reader) -> int:
    """Days in the column, where they are more than it allows."""
    if not since.title or not lane.stalled_after:
        return 0
    days = (reader.now - dt.datetime.fromisoformat(since.title)).days
    return days if days > lane.stalled_after else 0


Key = tuple[str, bool, bool]


def _beyond_card(rows: Any, state: State, after: int, actor: Actor) -> Any:
    """Only the rows that the sort puts after a record; all of them where it is gone."""
    spec = state.spec
    sort = state.look.sort or spec.default_sort
    sorted_by = [query.sortable(spec, entry.lstrip("-"), actor) for entry in sort]
    rows = query.annotated(rows, sorted_by)
    keys: list[Key] = [
        (ref.sort_path, entry.startswith("-"), query.is_nullable(ref))
        for ref, entry in zip(sorted_by, sort, strict=True)
    ]
    keys.append(("pk", bool(sort) and sort[0].startswith("-"), False))
    last = query.annotated(query.visible(spec, actor), sorted_by).filter(pk=after)
    values = last.values_list(*(path for path, _down, _nullable in keys)).first()
    return rows if values is None else rows.filter(_beyond(keys, values))


def _beyond(keys: Sequence[Key], values: Iterable[Any]) -> Q:
    """After a row with these sort values: further in one key and equal in those before it, empty last."""

    def join(rest: Q | None, pair: tuple[Key, Any]) -> Q:
        (path, down, nullable), value = pair
        if value is None:
            return Q(**{f"{path}__isnull": True}) & (rest or Q())
        further = Q(**{f"{path}__{'lt' if down else 'gt'}": value})
        if nullable:
            further |= Q(**{f"{path}__isnull": True})
        return further if rest is None else further | (Q(**{path: value}) & rest)

    pairs = list(zip(keys, values, strict=True))
    start: Q | None = None
    beyond = reduce(join, reversed(pairs), start)
    assert beyond is not None
    return beyond
