"""The column chooser: which columns, in which order, how wide, and what stands under them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from clientela.access.actor import Actor
from clientela.platform.lists import table, totals, words
from clientela.platform.lists.listing import WIDEST, State
from clientela.records import kinds

WidthKeeper = Callable[[State, Actor, str, int], None]
_keepers: list[WidthKeeper] = []
NARROWEST = 48


def keep_widths(keeper: WidthKeeper) -> None:
    """Let the saved views keep the width a person gives a column."""
    _keepers.append(keeper)


def keep_width(state: State, actor: Actor, path: str, width: str) -> None:
    """Keep a width that somebody dragged, if it is one and the column is there."""
    if table.find(state.spec, path, actor) is None or not (width.isascii() and width.isdigit()):
        return
    for keeper in _keepers:
        keeper(state, actor, path, min(max(int(width), NARROWEST), WIDEST))


def context(state: State, actor: Actor) -> dict[str, Any]:
    """What lists/columns.html draws."""
    wanted = dict(word.partition(":")[::2] for word in state.look.totals)
    widths = dict(state.columns())
    shown = [
        {
            "path": ref.path,
            "label": words.field_label(ref),
            "width": widths.get(ref.path) or "",
            "total": wanted.get(ref.path, "sum" if not wanted and ref.kind is kinds.Money else ""),
            "totals": [(name, totals.AGGREGATES[name][1]) for name in ref.kind.aggregates],
            "fixed": ref.path == state.spec.title,
        }
        for ref in table.visible_columns(state, actor)
    ]
    groups = words.field_groups(state.spec, actor, lambda ref: ref.kind is not kinds.LineItems)
    added = {column["path"] for column in shown}
    return {"spec": state.spec, "state": state, "shown": shown, "groups": groups, "added": added}


def chosen(state: State, given: QueryDict) -> State:
    """The list with the columns, widths and totals that the chooser sent; "reset" gives the view's own."""
    if given.get("do") == "reset":
        own = state.view.look
        return state.with_look(columns=own.columns, totals=own.totals)
    paths = list(dict.fromkeys(given.getlist("columns")))[:60]
    columns = tuple((path, _width(given.get(f"width-{path}", ""))) for path in paths)
    chosen_totals = tuple(
        f"{path}:{name}" for path in paths if (name := given.get(f"total-{path}", "")) in totals.AGGREGATES
    )
    return state.with_look(columns=columns, totals=chosen_totals)


def _width(text: str) -> int:
    return (
        min(max(int(text), NARROWEST), WIDEST) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    )
