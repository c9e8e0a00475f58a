"""Which columns a board has, and what stands over each: how many records and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Sum

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.kit import money, numbers
from clientela.records import query, refs, urlnames
from clientela.records.conditions import is_hidden
from clientela.records.display import Reader
from clientela.records.refs import FieldRef
from clientela.records.spec import Board, Lane, Sheet, Spec


@dataclass(frozen=True)
class Head:
    """What stands over a column; `sum` and `weighted` are amounts as written, "" where there are none."""

    lane: Lane
    count: int = 0
    sum: str = ""
    weighted: str = ""
    weighted_short: str = ""


def board_of(spec: Spec) -> Board:
    """The board of a kind of record; callers have answered 404 where there is none."""
    assert spec.board is not None
    return spec.board


def group_ref(spec: Spec) -> FieldRef:
    """The field whose values are the board's columns."""
    return refs.resolve(spec, board_of(spec).group_by)


def sheets_of(spec: Spec, actor: Actor) -> Sequence[Sheet]:
    """The sheets of a board; where none are described, one with every choice of its field."""
    board = board_of(spec)
    if board.sheets is not None:
        return board.sheets(actor)
    choices = group_ref(spec).choices
    return [Sheet("", "", tuple(Lane(value, label) for value, label in choices.items()))]


def chosen(sheets: Sequence[Sheet], key: str) -> Sheet | None:
    """The sheet named in the address, else the first; None where there is none at all."""
    return next((sheet for sheet in sheets if sheet.key == key), sheets[0] if sheets else None)


def edit_url(spec: Spec, actor: Actor, lane: Lane) -> str:
    """Where the record behind a column is edited in place, for who may."""
    target = group_ref(spec).target
    if target is None or not policy.may(actor, "change", target):
        return ""
    return urlnames.maybe("settings_word", target.plural, lane.value)


def heads(spec: Spec, rows: query.Rows, sheet: Sheet, reader: Reader) -> list[Head]:
    """The columns with their counts and sums: one query, whatever there is."""
    group = group_ref(spec).path
    board = board_of(spec)
    shown = {
        name: refs.expression_of(ref)
        for name, path in (("sum", board.sum), ("weighted", board.weighted))
        if path and not is_hidden(ref := refs.resolve(spec, path), reader.actor)
    }
    # The sums get names of their own, since "sum" and "count" could be fields.
    found = {
        row["_lane"]: row
        for row in rows.filter(**{f"{group}__in": [lane.value for lane in sheet.lanes]})
        .order_by()
        .values(_lane=F(group))
        .annotate(_count=Count("pk"), **{f"_{name}": Sum(each) for name, each in shown.items()})
    }
    return [_head(lane, found.get(lane.value, {}), shown, reader) for lane in sheet.lanes]


def _head(lane: Lane, row: dict[str, Any], shown: dict[str, Any], reader: Reader) -> Head:
    amounts = {name: numbers.round_half_up(Decimal(row.get(f"_{name}") or 0), 2) for name in shown}
    texts = {name: _amount(amount, reader) for name, amount in amounts.items()}
    short = _short(amounts["weighted"], reader) if "weighted" in amounts else ""
    return Head(lane, row.get("_count", 0), weighted_short=short, **texts)


def _amount(amount: Decimal, reader: Reader) -> str:
    """Of the company's currency, in whole units."""
    return money.format_money(amount, settings.BASE_CURRENCY, reader.locale, "none")


def _short(amount: Decimal, reader: Reader) -> str:
    return money.format_money_short(amount, settings.BASE_CURRENCY, reader.locale)
