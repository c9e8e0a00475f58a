"""The list page and its parts: totals, counts of views, filter builder, grouping, columns."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists import columns, emptiness, filters, listing, table, totals, words
from clientela.platform.lists.framing import frame, ways_in
from clientela.platform.lists.furniture import grouping_sections
from clientela.platform.lists.listing import SIZES, State
from clientela.records import display, query, rights, urlnames
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, record_view
from clientela.ui.render import page

COUNT_CAP = 999


@require_safe
@record_view
def record_list(request: HttpRequest, spec: Spec) -> HttpResponse:
    """A page of rows."""
    actor = actor_from(request)
    state = listing.state_of(request, spec, actor)
    found = table.table_for(state, actor)
    context = frame(request, state, actor) | {
        "table": found,
        "title_place": _title_place(found, spec),
        "toggled": lambda group: table.toggled(state, group),
        "sizes": SIZES,
        "size_url": _size_url(state),
        "previous": state.at(page=state.page - 1).url() if state.page > 1 else "",
        "next": state.at(page=state.page + 1).url() if found.has_more else "",
        "totals_url": state.url_of("totals"),
        "bulk_url": urlnames.maybe("record_bulk", spec.plural),
        "bulk_offers": _bulk(spec, actor),
        "empty": emptiness.at_first(state, actor) if found.is_empty else None,
        "why_url": state.url_of("emptiness"),
    }
    return page(request, "lists/list.html", context, fragment="list")


def _size_url(state: State) -> str:
    """The first page of the list but for the number of rows, which comes after it."""
    url = state.at(size=50).url()
    return f"{url}{'&' if '?' in url else '?'}size="


def _title_place(found: table.Table, spec: Spec) -> int:
    return next((place for place, head in enumerate(found.heads) if head.ref.path == spec.title), 0)


def _bulk(spec: Spec, actor: Actor) -> dict[str, Any]:
    """What the bar over a selection offers."""
    may_bulk = policy.may(actor, "bulk", spec)
    return {
        "fields": may_bulk and bool(spec.inline),
        "owner": may_bulk and bool(spec.access.owner),
        "delete": may_bulk and policy.may(actor, "delete", spec),
        "actions": [action for action in rights.actions(spec, actor) if action.bulk] if may_bulk else [],
    }


@require_safe
@record_view
def record_totals(request: HttpRequest, spec: Spec) -> HttpResponse:
    """How many rows the list has and what they add up to: the foot of its table."""
    actor = actor_from(request)
    state = listing.state_of(request, spec, actor)
    refs = table.visible_columns(state, actor)
    wanted = totals.wanted(refs, state.look.totals)
    reader = display.reader_for(actor)
    try:
        rows = state.rows(actor)
        cap = 10**9 if "exact" in request.GET else query.COUNT_CAP
        count, more = query.count(rows, cap)
        rows = query.annotated(rows, refs)
        sums = totals.of(rows, wanted, reader)
    except ConditionError:
        count, more, sums = 0, False, {}
    exact_url = f"{state.url_of('totals')}{'&' if state.query() else '?'}exact=1" if more else ""
    context = {
        "refs": refs,
        "totalled": totals.paths(wanted),
        "sums": sums,
        "count": count,
        "more": more,
        "exact_url": exact_url,
        "spec": spec,
    }
    return page(request, "lists/totals.html", context)


@require_safe
@record_view
def record_emptiness(request: HttpRequest, spec: Spec) -> HttpResponse:
    """Why a list is empty, and what would help: in the place of its first words."""
    actor = actor_from(request)
    state = listing.state_of(request, spec, actor)
    context = {"spec": spec, "empty": emptiness.explain(state, actor), **ways_in(spec, actor)}
    return page(request, "lists/_empty.html", context)


@require_safe
@record_view
def view_counts(request: HttpRequest, spec: Spec) -> HttpResponse:
    """How many records each view has, up to 999; a view that cannot be followed has none."""
    actor = actor_from(request)
    counts = []
    for view in listing.views_of(spec, actor):
        try:
            rows = query.matching(spec, actor, view.look.condition)
            counts.append((view.key, *query.count(rows, COUNT_CAP)))
        except ConditionError:
            continue
    return page(request, "lists/counts.html", {"counts": counts})


@require_http_methods(["GET", "POST"])
@record_view
def record_filter(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The filter builder; each of its buttons sends the whole form. `apply` leads to the filtered list."""
    actor = actor_from(request)
    reader = display.reader_for(actor)
    state = _state_of_form(request, spec, actor)
    if request.method == "GET":
        layout = filters.layout_of(spec, state.look.condition, reader)
        only = request.GET.get("only", "")
        if not only:
            filters.edit(layout, "add")
        return _builder(request, state, layout, reader, only)
    layout = filters.layout_from(spec, request.POST, reader)
    command = request.POST.get("do", "")
    if command in ("apply", "save"):
        condition = filters.condition_from(spec, layout, reader)
        if condition is not None:
            return go_to(state.with_look(condition=condition))
    else:
        filters.edit(layout, command)
    return _builder(request, state, layout, reader, request.POST.get("only", ""))


def _builder(
    request: HttpRequest, state: State, layout: filters.Layout, reader: display.Reader, only: str
) -> HttpResponse:
    usable = words.field_groups(state.spec, reader.actor, lambda ref: bool(ref.kind.operators))
    options = {
        row.place: words.value_options(row.ref, row.values, reader.actor)
        for row in layout.rows
        if row.ref is not None and row.operand == "choices"
    }
    context = {
        "state": state,
        "spec": state.spec,
        "layout": layout,
        "groups": usable,
        "options": options,
        "operators": words.OPERATORS,
        "periods": words.PERIODS,
        "only": only,
        "way": _way(request),
    }
    return page(request, "lists/filter.html", context)


@require_safe
@record_view
def list_grouping(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The menu of fields to group by."""
    actor = actor_from(request)
    state = _state_of_form(request, spec, actor)
    return page(request, "lists/grouping.html", {"sections": grouping_sections(state, actor)})


@require_http_methods(["GET", "POST"])
@record_view
def record_columns(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The column chooser; a POST of one width keeps it for the person, one of `columns` leads to the list."""
    actor = actor_from(request)
    state = _state_of_form(request, spec, actor)
    if request.method == "GET":
        return page(request, "lists/columns.html", columns.context(state, actor) | {"way": _way(request)})
    if "width" in request.POST:
        columns.keep_width(state, actor, request.POST.get("column", ""), request.POST.get("width", ""))
        return HttpResponse(status=204)
    return go_to(columns.chosen(state, request.POST))


def _state_of_form(request: HttpRequest, spec: Spec, actor: Actor) -> State:
    """The list that a form was opened from: its query is in `from`, else in the address."""
    given = request.POST.get("from") if request.method == "POST" else None
    state = listing.read(spec, actor, request.GET if given is None else given)
    path = state.path_of(_way(request))
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    aside = listing.aside_of(QueryDict(shown.query)) if shown.path == path else {}
    return replace(state, path=path, aside=aside)


def _way(request: HttpRequest) -> str:
    way = (request.POST if request.method == "POST" else request.GET).get("way", "list")
    return way if way in ("list", "board", "calendar", "chart") else "list"


def go_to(state: State) -> HttpResponse:
    """Lead htmx to another state of the list, drawn into the same place."""
    place = {"path": state.url(), "target": "#content", "swap": "innerHTML show:none"}
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(place)})


urlpatterns = [
    path("<str:plural>/", record_list, name="record_list"),
    path("<str:plural>/totals/", record_totals, name="record_totals"),
    path("<str:plural>/emptiness/", record_emptiness, name="record_emptiness"),
    path("<str:plural>/counts/", view_counts, name="record_counts"),
    path("<str:plural>/filter/", record_filter, name="record_filter"),
    path("<str:plural>/grouping/", list_grouping, name="record_grouping"),
    path("<str:plural>/columns/", record_columns, name="record_columns"),
]
