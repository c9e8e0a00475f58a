"""The toolbar over every way of looking at a list: tabs of views, chips of filters, grouping and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.lists import chips, words
from clientela.platform.lists.listing import State
from clientela.records import conditions, display


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


def grouping_choices(state: State, actor: Actor) -> list[tuple[str, str, bool]]:
    """(label, address, chosen) of every way to group this list."""
    found = [(_("Not grouped"), state.with_look(group="").url(), not state.look.group)]
    periods = (("month", _("by month")), ("quarter", _("by quarter")), ("year", _("by year")))
    for group in words.field_groups(state.spec, actor, _groups)[:1]:
        for path, label in group.fields:
            ref = conditions.field_for(state.spec, path, actor)
            names = [("", "")] if ref.kind.name not in ("date", "datetime") else periods
            for period, words_of_it in names:
                text = f"{path}:{period}" if period else path
                url = state.with_look(group=text).url()
                found.append((f"{label} {words_of_it}".strip(), url, state.look.group == text))
    return found


def _groups(ref: Any) -> bool:
    return bool(ref.kind.groups and ref.expression is None)
