"""A record and a list as they were at a moment: to be read, not written."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clientela.access.actor import Actor
from clientela.platform.history import past
from clientela.platform.lists import listing, table, totals
from clientela.platform.pages import page as record_page
from clientela.platform.pages import parts
from clientela.records import display, query, refs, urlnames
from clientela.records.conditions import is_hidden
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Section, Spec
from clientela.records.views.base import actor_from, record_view
from clientela.ui.render import page


@require_safe
@record_view
def choose(request: HttpRequest, spec: Spec, record_id: int | None = None) -> HttpResponse:
    """Asks for a date; `?date=` leads to the list or the record as it was then.

    404 for a record that the actor does not see.
    """
    actor = actor_from(request)
    if record_id is not None:
        query.get(spec, record_id, actor)
    text, error = request.GET.get("date", "").strip(), ""
    if text:
        try:
            past.moment_of(text, actor)
            return HttpResponseRedirect(_address(request, spec, record_id, text))
        except ConditionError as refused:
            error = refused.message
    context = {
        "nav": spec.key,
        "spec": spec,
        "back": urlnames.record_url(spec, record_id) if record_id else urlnames.list_url(spec),
        "kept": [(name, value) for name, value in request.GET.items() if name != "date"],
        "date": text,
        "error": error,
        "yesterday": (timezone.now() - dt.timedelta(days=1)).date(),
    }
    return page(request, "history/choose.html", context, status=400 if error else 200)


def _address(request: HttpRequest, spec: Spec, record_id: int | None, text: str) -> str:
    if record_id is not None:
        return reverse("past_record", args=[spec.plural, record_id, text])
    left = request.GET.copy()
    left.pop("date", None)
    return listing.with_query(reverse("past_list", args=[spec.plural, text]), left.urlencode())


def _moment(request: HttpRequest, spec: Spec, text: str, actor: Actor) -> dt.datetime | HttpResponse:
    try:
        return past.moment_of(text, actor)
    except ConditionError as error:
        return _refused(request, spec, error)


def _refused(request: HttpRequest, spec: Spec, error: ConditionError) -> HttpResponse:
    context = {
        "nav": spec.key,
        "spec": spec,
        "back": urlnames.list_url(spec),
        "kept": [],
        "error": error.message,
    }
    context |= {"date": "", "yesterday": (timezone.now() - dt.timedelta(days=1)).date()}
    return page(request, "history/choose.html", context, status=400)


@require_safe
@record_view
def past_list(request: HttpRequest, spec: Spec, moment: str) -> HttpResponse:
    """A list with its columns, filters, sort and totals, as it was."""
    actor = actor_from(request)
    at = _moment(request, spec, moment, actor)
    if isinstance(at, HttpResponse):
        return at
    state = listing.state_of(request, spec, actor)
    try:
        with past.read(spec, at, actor) as pasts:
            found = table.table_for(state, actor)
            summed = _totals(state, actor, found)
    except ConditionError as error:
        return _refused(request, spec, error)
    found.base, found.after = urlnames.record_url(spec, 0).removesuffix("0/"), f"/as-of/{moment}/"
    context = {
        "nav": spec.key,
        "spec": spec,
        "state": state,
        "table": found,
        "moment": at,
        "todays": [past_of.spec.label_plural for past_of in pasts.values() if past_of.is_todays],
        "previous": state.at(page=state.page - 1).url() if state.page > 1 else "",
        "next": state.at(page=state.page + 1).url() if found.has_more else "",
        "back": listing.with_query(urlnames.list_url(spec), request.GET.urlencode()),
        **summed,
    }
    return page(request, "history/past_list.html", context)


def _totals(state: listing.State, actor: Actor, found: table.Table) -> dict[str, Any]:
    """How many there were and what they added up to."""
    if found.error:
        return {"count": 0, "more": False, "sums": {}}
    rows = state.rows(actor)
    count, more = query.count(rows)
    shown = [head.ref for head in found.heads]
    wanted = totals.wanted(shown, state.look.totals)
    sums = totals.of(query.annotated(rows, shown), wanted, display.reader_for(actor))
    return {"count": count, "more": more, "sums": sums}


@require_safe
@record_view
def past_record(request: HttpRequest, spec: Spec, record_id: int, moment: str) -> HttpResponse:
    """A record with all that it said, what has changed since marked."""
    actor = actor_from(request)
    at = _moment(request, spec, moment, actor)
    if isinstance(at, HttpResponse):
        return at
    try:
        with past.read(spec, at, actor, [record_id]) as pasts:
            context = _record(spec, record_id, actor, pasts[spec].changed.get(record_id, set()))
    except ConditionError as error:
        return _refused(request, spec, error)
    is_there = query.visible(spec, actor).filter(pk=record_id).exists()
    context |= {"moment": at, "back": urlnames.record_url(spec, record_id) if is_there else ""}
    return page(request, "history/past_record.html", context)


def _record(spec: Spec, record_id: int, actor: Actor, changed: set[str]) -> dict[str, Any]:
    instance = record_page.load(spec, record_id, actor)
    reader = display.in_full(display.reader_for(actor))
    known = {name: ref for name, ref in refs.fields_of(spec).items() if not is_hidden(ref, actor)}
    shown = record_page.read(spec, instance, reader)
    many = [ref for ref in known.values() if ref.many and ref.path in shown]
    shown |= parts.parts_of(many, [instance.pk], reader).get(instance.pk, {})
    return {
        "nav": spec.key,
        "spec": spec,
        "title": shown[spec.title].text if spec.title in shown else str(record_id),
        "sections": [
            (section, fields)
            for section in _sections(spec)
            if (fields := _fields(section, known, shown, changed))
        ],
        "changed": sorted(str(known[name].label) for name in changed if name in known),
    }


def _sections(spec: Spec) -> list[Section]:
    return list(spec.sections) or [Section(spec.label, tuple(refs.fields_of(spec)))]


def _fields(
    section: Section, known: dict[str, FieldRef], shown: dict[str, display.Shown], changed: set[str]
) -> list[tuple[FieldRef, display.Shown, bool]]:
    """Those that had a value, or have one since."""
    return [
        (known[name], shown[name], name in changed)
        for name in section.fields
        if name in known and name in shown and (shown[name].text or name in changed)
    ]


urlpatterns = [
    path("<str:plural>/as-of/", choose, name="past_choose"),
    path("<str:plural>/as-of/<str:moment>/", past_list, name="past_list"),
    path("<str:plural>/<int:record_id>/as-of/", choose, name="past_choose_record"),
    path("<str:plural>/<int:record_id>/as-of/<str:moment>/", past_record, name="past_record"),
]
