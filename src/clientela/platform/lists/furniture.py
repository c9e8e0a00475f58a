"""The toolbar over every way of looking at a list: tabs of views, chips of filters, grouping and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.access.actor import Actor
from clientela.platform.lists import chips, words
from clientela.platform.lists.listing import State
from clientela.records import conditions, display


class Choice(NamedTuple):
    """An entry of a menu: its address, and whether it is the one shown."""

    label: str
    url: str
    chosen: bool


def furniture(request: HttpRequest, state: State, actor: Actor) -> dict[str, Any]:
    """Context of lists/_toolbar.html."""
    reader = display.reader_for(actor)
    return {
        "toolbar": "lists/_toolbar.html",
        "tabs": _tabs(state),
        "chips": chips.chips_of(state, reader),
        "typing": request.headers.get("HX-Trigger") == "list-q",
        "query": state.query(),
        "dense_url": replace(state, dense=not state.dense).url(),
        "search_url": state.at(text="").url(),
    }


def _tabs(state: State) -> Sequence[dict[str, Any]]:
    """One tab for each view; its address leaves out what was changed in another."""
    return [
        {
            "key": view.key,
            "label": view.label,
            "current": view.key == state.view.key,
            "shared": view.shared and not view.owned,
            "href": replace(state, view=view, look=view.look, text="", page=1, closed=()).url(),
        }
        for view in state.views
    ]


def grouping_sections(state: State, actor: Actor) -> list[tuple[str, list[tuple[str, list[Choice]]]]]:
    """Ways to group this list: sections of fields, each with one choice, or one for each period of a date.

    First what the list shows, then the dates, then the rest; what has no choice of its own is the way out.
    """
    fields = [field for group in words.field_groups(state.spec, actor, _groups)[:1] for field in group.fields]
    refs = {path: conditions.field_for(state.spec, path, actor) for path, _label in fields}
    dates = [path for path in refs if refs[path].kind.name in ("date", "datetime")]
    shown = [path for path, _width in state.columns() if path in refs and path not in dates]
    placed = {*dates, *shown}
    named = dict(fields)
    parts = (
        (_("Columns"), shown),
        (_("Dates"), dates),
        (_("Other fields"), [path for path in refs if path not in placed]),
    )
    found = [
        (title, [(named[path], _choices(state, path, named[path], path in dates)) for path in paths])
        for title, paths in parts
        if paths
    ]
    none = Choice(_("Not grouped"), state.with_look(group="").url(), not state.look.group)
    return [("", [("", [none])]), *found]


def _choices(state: State, path: str, label: str, is_date: bool) -> list[Choice]:
    periods = (
        ("month", pgettext("grouping", "month")),
        ("quarter", pgettext("grouping", "quarter")),
        ("year", pgettext("grouping", "year")),
    )
    names = [(f"{path}:{period}", words) for period, words in periods] if is_date else [(path, label)]
    return [
        Choice(words, state.with_look(group=text).url(), state.look.group == text) for text, words in names
    ]


def _groups(ref: Any) -> bool:
    return bool(ref.kind.groups and ref.expression is None)
