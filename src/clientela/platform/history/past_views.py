"""A record and a list as they were at a moment: to be read, not written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_safe

from clientela.access.actor import Actor
from clientela.platform.history import days, past
from clientela.platform.lists import listing, table, totals
from clientela.platform.pages import page as record_page
from clientela.platform.pages import parts
from clientela.records import display, query, refs, urlnames
from clientela.records.conditions import is_hidden
from clientela.records.display import NOTHING, Reader, Shown
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
            return HttpResponseRedirect(days.address(request, spec, record_id, text))
        except ConditionError as refused:
            error = refused.message
    return _asked(request, spec, actor, record_id, error)


def _asked(request: HttpRequest, spec: Spec, actor: Actor, record_id: int | None, error: str) -> HttpResponse:
    """The page that asks for the day, and says what was wrong with the one given."""
    context = {
        "nav": spec.key,
        "spec": spec,
        "back": urlnames.record_url(spec, record_id) if record_id else urlnames.list_url(spec),
        "error": error,
        "bar": days.bar_of(request, spec, actor, record_id, None),
    }
    return page(request, "history/choose.html", context, status=400 if error else 200)


@require_safe
@record_view
def past_list(request: HttpRequest, spec: Spec, moment: str) -> HttpResponse:
    """A list with its columns, filters, sort and totals, as it was."""
    actor = actor_from(request)
    state = listing.state_of(request, spec, actor)
    reader = replace(display.reader_for(actor), whole_dates=True)
    try:
        at = past.moment_of(moment, actor)
        with past.read(spec, at, actor) as pasts:
            found = table.table_for(state, actor, reader)
            summed = _totals(state, reader, found)
    except ConditionError as error:
        return _asked(request, spec, actor, None, error.message)
    found.base, found.after = urlnames.record_url(spec, 0).removesuffix("0/"), f"/as-of/{moment}/"
    context = {
        "nav": spec.key,
        "spec": spec,
        "state": state,
        "table": found,
        "moment": at,
        "bar": days.bar_of(request, spec, actor, None, at),
        "todays": [past_of.spec.label_plural for past_of in pasts.values() if past_of.is_todays],
        "previous": state.at(page=state.page - 1).url() if state.page > 1 else "",
        "next": state.at(page=state.page + 1).url() if found.has_more else "",
        "back": listing.with_query(urlnames.list_url(spec), request.GET.urlencode()),
        **summed,
    }
    return page(request, "history/past_list.html", context)


def _totals(state: listing.State, reader: Reader, found: table.Table) -> dict[str, Any]:
    """How many there were and what they added up to."""
    if found.error:
        return {"count": 0, "more": False, "sums": {}}
    rows = state.rows(reader.actor)
    count, more = query.count(rows)
    shown = [head.ref for head in found.heads]
    wanted = totals.wanted(shown, state.look.totals)
    sums = totals.of(query.annotated(rows, shown), wanted, reader)
    return {"count": count, "more": more, "sums": sums}


@require_safe
@record_view
def past_record(request: HttpRequest, spec: Spec, record_id: int, moment: str) -> HttpResponse:
    """A record with all that it said, beside what it says today."""
    actor = actor_from(request)
    try:
        at = past.moment_of(moment, actor)
        with past.read(spec, at, actor, [record_id]) as pasts:
            then = _read(spec, record_id, actor)
            todays = [each.spec.label_plural for each in pasts.values() if each.is_todays]
    except ConditionError as error:
        return _asked(request, spec, actor, record_id, error.message)
    is_there = query.visible(spec, actor).filter(pk=record_id).exists()
    now = _read(spec, record_id, actor) if is_there else None
    sections = _sections_of(spec, actor, then, now)
    context = {
        "nav": spec.key,
        "spec": spec,
        "title": then[spec.title].text if spec.title in then else str(record_id),
        "sections": sections,
        "differing": sum(each.differs for _section, fields in sections for each in fields),
        "todays": todays,
        "moment": at,
        "bar": days.bar_of(request, spec, actor, record_id, at),
        "back": urlnames.record_url(spec, record_id) if is_there else "",
    }
    return page(request, "history/past_record.html", context)


def _read(spec: Spec, record_id: int, actor: Actor) -> dict[str, Shown]:
    """What the record says in full, as the tables read at this moment."""
    instance = record_page.load(spec, record_id, actor)
    reader = display.in_full(display.reader_for(actor))
    shown = record_page.read(spec, instance, reader)
    known = _known(spec, actor)
    if spec.path is not None and spec.path.field in known:
        shown[spec.path.field] = display.shown(known[spec.path.field], instance, reader)
    many = [ref for ref in known.values() if ref.many and ref.path in shown]
    return shown | parts.parts_of(many, [instance.pk], reader).get(instance.pk, {})


def _known(spec: Spec, actor: Actor) -> dict[str, FieldRef]:
    return {name: ref for name, ref in refs.fields_of(spec).items() if not is_hidden(ref, actor)}


@dataclass(frozen=True, slots=True)
class Field:
    """A field then and now; `now` is None where the record is no more."""

    label: Any
    then: Shown
    now: Shown | None

    @property
    def differs(self) -> bool:
        return self.now is not None and self.now.text != self.then.text


def _sections_of(
    spec: Spec, actor: Actor, then: dict[str, Shown], now: dict[str, Shown] | None
) -> list[tuple[Section, list[Field]]]:
    """The sections of the record with the fields that said something then, or do now."""
    known = _known(spec, actor)
    placed = {name for section in _sections(spec) for name in section.fields}
    ahead = [spec.path.field] if spec.path is not None and spec.path.field in then.keys() - placed else []
    found: list[tuple[Section, list[Field]]] = []
    for section in _sections(spec):
        names = [name for name in section.fields if name in known and name in then]
        names = ahead + names if not found else names
        fields = [
            Field(known[name].label, then[name], now.get(name, NOTHING) if now is not None else None)
            for name in names
        ]
        told = [each for each in fields if each.then.text or each.differs]
        found += [(section, told)] if told else []
    return found


def _sections(spec: Spec) -> list[Section]:
    return list(spec.sections) or [Section(spec.label, tuple(refs.fields_of(spec)))]


urlpatterns = [
    path("<str:plural>/as-of/", choose, name="past_choose"),
    path("<str:plural>/as-of/<str:moment>/", past_list, name="past_list"),
    path("<str:plural>/<int:record_id>/as-of/", choose, name="past_choose_record"),
    path("<str:plural>/<int:record_id>/as-of/<str:moment>/", past_record, name="past_record"),
]
