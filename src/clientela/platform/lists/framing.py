"""What every way of looking at a list has around it: title, switch, tabs, filters, create and export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists.listing import State
from clientela.records import urlnames
from clientela.records.spec import Spec
from clientela.ui.render import wants_part

Furniture = Callable[[HttpRequest, State, Actor], dict[str, Any]]
_furniture: list[Furniture] = []


def furnish(source: Furniture) -> None:
    """Let the lists platform add its toolbar (`toolbar`: a template, and what that needs)."""
    _furniture.append(source)


def frame(request: HttpRequest, state: State, actor: Actor, current: str = "list") -> dict[str, Any]:
    """Context of records/list_frame.html. `current`: list, board, calendar or chart."""
    spec = state.spec
    context: dict[str, Any] = {
        "nav": spec.key,
        "spec": spec,
        "partial": wants_part(request),
        "state": state,
        "current": current,
        "switch": _switch(state, current),
        "export_url": _url(state, "export") if policy.may(actor, "export", spec) else "",
        **ways_in(spec, actor),
    }
    for source in _furniture:
        context |= source(request, state, actor)
    return context


def ways_in(spec: Spec, actor: Actor) -> dict[str, Any]:
    """How records come in: by hand or from a file, and where one sees the files that came; empty for who
    may not."""
    allowed = policy.may(actor, "import", spec)
    return {
        "can_create": policy.may(actor, "create", spec),
        "create_url": urlnames.create_url(spec),
        "import_url": urlnames.maybe("transfer_import", spec.plural) if allowed else "",
        "imports_url": urlnames.maybe("transfer_imports") if allowed else "",
    }


def _switch(state: State, current: str) -> list[dict[str, Any]]:
    spec = state.spec
    ways = [
        ("list", _("Table"), "table-2", True),
        ("board", _("Board"), "square-kanban", spec.board is not None),
        ("calendar", _("Calendar"), "calendar", spec.calendar is not None),
        ("chart", _("Chart"), "chart-column", spec.chart is not None),
    ]
    return [
        {"label": label, "icon": icon, "href": href, "current": name == current}
        for name, label, icon, offered in ways
        if offered and (href := _url(state, name))
    ]


def _url(state: State, view: str) -> str:
    try:
        return state.url_of(view)
    except NoReverseMatch:
        return ""
