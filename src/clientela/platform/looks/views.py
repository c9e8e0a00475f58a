"""The pages of a list's chart and calendar."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from clientela.kit.dates.words import words_of
from clientela.platform.lists import addresses, listing
from clientela.platform.lists.framing import frame
from clientela.platform.lists.listing import State, state_of
from clientela.platform.looks import chart as charts
from clientela.platform.looks import month
from clientela.records import conditions, display, kinds, refs
from clientela.records.conditions import is_hidden
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, record_view
from clientela.ui.formats import language
from clientela.ui.render import page


@require_GET
@record_view
def chart(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The list as a chart: `by` ("stage", "close_date:month") and `measure` ("count", "amount:sum")."""
    if spec.chart is None:
        raise Http404
    actor = actor_from(request)
    state = state_of(request, spec, actor)
    by_choices, measures = charts.by_choices(spec, actor), charts.measure_choices(spec, actor)
    by = _chosen(request.GET.get("by") or state.look.group, by_choices, spec.chart.group_by)
    usual = f"{spec.chart.measure}:sum" if spec.chart.measure else charts.COUNT
    measure = _chosen(request.GET.get("measure", ""), measures, usual)
    context: dict[str, Any] = frame(request, state, actor, "chart")
    context |= {
        "by": _links(request, state, "by", by_choices, by),
        "measures": _links(request, state, "measure", measures, measure),
        "list_url": state.url_of("list"),
    }
    try:
        context["chart"] = charts.measured(state, actor, by, measure)
    except ConditionError as error:
        context["problem"] = listing.describe_error(error)
    return page(request, "looks/chart.html", context, fragment="list")


def _chosen(wanted: str, choices: dict[str, str], usual: str) -> str:
    """What was asked for where there is such a choice, else the usual one, else the first."""
    return next((each for each in (wanted, usual) if each in choices), next(iter(choices)))


def _links(
    request: HttpRequest, state: State, name: str, choices: dict[str, str], chosen: str
) -> list[dict[str, Any]]:
    """One address for each choice; the rest of the address stays."""
    kept = {each: request.GET[each] for each in ("by", "measure") if each in request.GET}
    return [
        {
            "label": label,
            "href": _with(state, request.path, {**kept, name: value}),
            "current": value == chosen,
        }
        for value, label in choices.items()
    ]


@require_GET
@record_view
def calendar(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The list as a month (`month=2026-03`), by the description's date or another one (`date=`)."""
    if spec.calendar is None:
        raise Http404
    actor = actor_from(request)
    state = state_of(request, spec, actor)
    reader = display.reader_for(actor)
    dates = {
        name: str(ref.label)
        for name, ref in refs.fields_of(spec).items()
        if ref.kind in (kinds.Date, kinds.DateTime) and ref.expression is None and not is_hidden(ref, actor)
    }
    if not dates:
        raise Http404
    path = _chosen(request.GET.get("date", ""), dates, spec.calendar.date)
    first = month.first_of(request.GET.get("month", ""), conditions.today_for(actor))
    context: dict[str, Any] = frame(request, state, actor, "calendar")
    context |= {
        "first": first,
        "today": reader.today,
        "date_label": dates[path],
        "words": words_of(language()),
        "dates": [
            {
                "label": label,
                "href": _month_url(spec, state, first.strftime("%Y-%m"), name),
                "current": name == path,
            }
            for name, label in dates.items()
        ],
        "today_url": _month_url(spec, state, "", path),
    }
    try:
        shown = month.month_of(state, actor, path, first)
    except ConditionError as error:
        context["problem"] = listing.describe_error(error)
    else:
        context |= {
            "month": shown,
            "previous_url": _month_url(spec, state, shown.before, path),
            "next_url": _month_url(spec, state, shown.after, path),
            "date_name": path,
        }
    return page(request, "looks/calendar.html", context, fragment="list")


def _with(state: State, path: str, more: dict[str, str]) -> str:
    """An address with the state of the list and a few words of one's own; empty ones are left out."""
    words = [state.query(), addresses.query({key: value for key, value in more.items() if value})]
    return listing.with_query(path, "&".join(filter(None, words)))


def _month_url(spec: Spec, state: State, name: str, path: str) -> str:
    more = {"month": name, "date": path if path != (spec.calendar and spec.calendar.date) else ""}
    return _with(state, reverse("record_calendar", args=[spec.plural]), more)
