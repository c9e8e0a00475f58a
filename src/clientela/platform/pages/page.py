"""One record: its header, path, fields, story and what is tied to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, Exists, ExpressionWrapper, Model, OuterRef, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.access.standing import live_shares
from clientela.platform.duplicates.aliases import merged_into
from clientela.platform.editing import forms
from clientela.platform.lists.listing import neighbours, origin_of, with_query
from clientela.platform.pages import panels, parts
from clientela.platform.pages.actions import offered
from clientela.platform.people import sharing
from clientela.platform.privacy import persons
from clientela.records import display, kinds, query, refs, rights, save, urlnames, write
from clientela.records.display import Reader, Shown
from clientela.records.errors import Invalid, NotFound
from clientela.records.refs import FieldRef
from clientela.records.spec import Related, Section, Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page


@dataclass(frozen=True)
class Field:
    """A field of a section: what it shows and whether it is edited in its place."""

    ref: FieldRef
    shown: Shown
    edit_url: str
    """Where it is edited; empty for those only read."""


@record_view
def record(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """The page of a record, or for htmx all of it that can change; one merged away leads to where it went."""
    actor = actor_from(request)
    try:
        instance = load(spec, record_id, actor)
    except NotFound:
        heir = merged_into(spec, record_id, actor)
        if heir is None:
            raise
        # Nobody keeps it: a merge can be taken apart.
        moved = HttpResponsePermanentRedirect(urlnames.record_url(spec, heir))
        moved.headers["Cache-Control"] = "no-store"
        return moved
    return page(request, "pages/record.html", context_of(request, spec, instance), fragment="record")


def load(spec: Spec, record_id: int, actor: Actor) -> Any:
    """The record with the records it links to, in one query. Raises NotFound."""
    shown = _refs(spec, actor)
    links = {ref.path for ref in shown if ref.kind is kinds.Link and ref.own and ref.field is not None}
    links |= {spec.path.field} if spec.path is not None else set()
    rows = query.annotated(query.visible(spec, actor), [rights.read_by(ref, actor) for ref in shown])
    may = {f"_may_{verb}": _allowed(spec, actor, verb) for verb in ("change", "delete")}
    shares = live_shares().filter(record=spec.key, record_id=OuterRef("pk"))
    rows = rows.annotate(**may, _is_shared=Exists(shares))
    found = rows.select_related(*sorted(links)).filter(pk=record_id).first()
    if found is None:
        raise NotFound(_("There is no such record, or you may not see it."))
    return found


def _allowed(spec: Spec, actor: Actor, verb: str) -> Any:
    """Whether the actor may do it to the row, asked together with the row."""
    if policy.reach(actor, verb, spec) == policy.NONE:
        return Value(value=False, output_field=BooleanField())
    condition = policy.scope(actor, verb, spec)
    if not condition:
        return Value(value=True, output_field=BooleanField())
    return ExpressionWrapper(condition, output_field=BooleanField())


def _refs(spec: Spec, actor: Actor) -> tuple[FieldRef, ...]:
    known = refs.fields_of(spec)
    names = [name for section in _sections(spec) for name in section.fields]
    head = (spec.title, *((spec.subtitle,) if spec.subtitle else ()), *spec.facts, *names)
    return tuple(known[name] for name in dict.fromkeys(head) if name in known)


def _sections(spec: Spec) -> list[Section]:
    """Those of the description; fields that something else provides come after them."""
    known = refs.fields_of(spec)
    sections = list(spec.sections) or [Section(spec.label, tuple(known))]
    placed = {name for section in sections for name in section.fields}
    more = tuple(name for name, ref in known.items() if ref.provided and name not in placed)
    return [*sections, Section(_("More fields"), more)] if more else sections


def context_of(request: HttpRequest, spec: Spec, instance: Any) -> dict[str, Any]:
    """What a record's page shows to the person of the request."""
    actor = actor_from(request)
    reader = display.reader_for(actor)
    shown = read(spec, instance, reader)
    whole = read(spec, instance, display.in_full(reader))
    hanging = [ref for ref in _refs(spec, actor) if ref.many and ref.path in whole]
    whole |= parts.parts_of(hanging, [instance.pk], reader).get(instance.pk, {})
    may_change = instance._may_change and not write.is_locked(spec, instance)
    origin = origin_of(request, spec)
    middle = panels.timeline if spec.timeline else None
    drawn = panels.draw_all(request, spec, instance, reader)
    return {
        "nav": spec.key,
        "spec": spec,
        "instance": instance,
        "title": shown[spec.title].text if spec.title in shown else str(instance),
        "mark": display.link_shown(
            spec, instance.pk, shown[spec.title].text if spec.title in shown else instance
        ),
        "subtitle": shown.get(spec.subtitle),
        "created": getattr(instance, "created_at", None),
        "facts": [(refs.fields_of(spec)[name].label, shown[name]) for name in spec.facts if name in shown],
        "sections": _drawn_sections(spec, instance, whole, actor, may_change=may_change),
        "steps": spec.path.steps(instance) if spec.path is not None else [],
        "actions": offered(spec, instance, actor, may_change=may_change),
        "phone": _phone(whole.values()),
        "may_change": may_change,
        "locked": write.is_locked(spec, instance),
        "went_on": _went_on(spec, instance, whole),
        "personal_data": persons.offered(actor, spec),
        "keeper": _keeper(spec, instance) if not instance._may_change else None,
        "may_delete": instance._may_delete,
        "may_share": instance._may_change and sharing.is_shareable(spec, actor),
        "is_shared": instance._is_shared,
        "access_url": _access_url(spec, instance, actor),
        "panels": drawn,
        "start": next((each for each in drawn if each.starts), None),
        "middle": middle,
        "near_url": urlnames.part_url(spec, instance.pk, "near") + _from(origin)
        if origin is not None
        else "",
        "list_url": with_query(urlnames.list_url(spec), origin or ""),
        "address": urlnames.record_url(spec, instance.pk) + _from(origin),
        **(middle.context(request, instance) if middle is not None else {}),
    }


def _access_url(spec: Spec, instance: Any, actor: Actor) -> str:
    """Where administrators see who may see the record."""
    is_common = spec.access.configuration or not actor.is_admin
    return "" if is_common else urlnames.maybe("record_access", spec.plural, instance.pk)


def _went_on(spec: Spec, instance: Any, shown: dict[str, Shown]) -> list[tuple[Any, Shown]]:
    """Where the story of a closed record goes on: the records that also show its notes, labelled."""
    if not write.is_locked(spec, instance):
        return []
    linked = [(name, refs.fields_of(spec)[name]) for name in spec.timeline_parents if name in shown]
    return [
        (ref.target.label if ref.target is not None else ref.label, shown[name])
        for name, ref in linked
        if shown[name].text
    ]


def _keeper(spec: Spec, instance: Any) -> Any:
    """Whoever looks after the record, to be asked by those who may not change it."""
    return getattr(instance, spec.access.owner, None) if spec.access.owner else None


def _phone(values: Iterable[Shown]) -> Shown | None:
    """A number to call, of the record itself or the first of its lines."""
    each = (item for value in values for item in (value, *value.items[:1]))
    return next((item for item in each if item.kind == "phone" and item.url), None)


def _from(origin: str | None) -> str:
    """The list that the record was opened from, to be remembered in an address."""
    return "" if origin is None else "?" + urlencode({"from": origin})


@record_view
def near(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """The records before and after this one in the list it was opened from: asked for after the page.

    404 for a record that the actor does not see.
    """
    actor, origin = actor_from(request), origin_of(request, spec)
    query.get(spec, record_id, actor)
    return page(request, "pages/_near.html", {"near": neighbours(spec, actor, origin, record_id)})


def read(spec: Spec, instance: Any, reader: Reader) -> dict[str, Shown]:
    """The values of a loaded record, by name; those the reader may not see are not there."""
    columns = display.columns_for(_refs(spec, reader.actor), reader)
    row = columns.row([_walk(instance, each) for each in columns.paths])
    return {ref.path: cell for ref, cell in zip(columns.refs, row, strict=True)}


def _walk(instance: Any, path: str) -> Any:
    """The value at a query path; for a link, the id."""
    value = instance
    for name in [path] if path.startswith("_") else path.split(refs.SEPARATOR):
        value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
        if value is None:
            return None
    return value.pk if isinstance(value, Model) else value


def _drawn_sections(
    spec: Spec, instance: Any, shown: dict[str, Shown], actor: Actor, *, may_change: bool
) -> list[tuple[Section, list[Field]]]:
    known = refs.fields_of(spec)
    names = [name for section in _sections(spec) for name in section.fields]
    editable = {ref.path for ref in forms.editable(spec, names, actor)} if may_change else set()
    # Edited and shown with its amount.
    currencies = {known[name].currency for name in names if name in shown and known[name].kind is kinds.Money}

    def fields(names: Iterable[str]) -> list[Field]:
        return [
            Field(known[name], shown[name], _field_url(spec, instance, name) if name in editable else "")
            for name in names
            if name in shown and name not in currencies and (name in editable or shown[name].text)
        ]

    drawn = ((section, fields(section.fields)) for section in _sections(spec))
    return [(section, found) for section, found in drawn if found]


def _field_url(spec: Spec, instance: Any, name: str) -> str:
    return f"{urlnames.part_url(spec, instance.pk, 'field', name)}?as=field"


@record_view
@require_POST
def move(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """Go to a step of the record's path: POST `to`."""
    if spec.path is None or spec.path.move is None:
        raise Http404
    instance = query.get(spec, record_id, actor_from(request))
    operation = operation_from(request)
    rights.require_field(refs.resolve(spec, spec.path.field), operation.actor)
    try:
        moved = spec.path.move(instance, request.POST.get("to", ""), operation=operation)
    except Invalid as error:
        return with_event(
            with_toast(HttpResponse(status=204), error.message, tone="danger"), "clientela:refresh"
        )
    text = f"{save.title_of(spec, moved)}: {getattr(moved, spec.path.field)}"
    response = with_toast(HttpResponse(status=204), text, undo_url=reverse("undo", args=[operation.id]))
    return with_event(response, "clientela:refresh")


@record_view
@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest, spec: Spec, record_id: int, name: str) -> HttpResponse:
    """One panel by itself, `?all=1` with all of it, `?tie=1` the form that ties records; POST ties them."""
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    found = next((each for each in panels.shown_panels(spec, actor) if panels.name_of(each) == name), None)
    if found is None:
        raise Http404
    if request.method == "POST" and isinstance(found, Related):
        return _tie(request, spec, instance, found)
    limit = panels.MOST if request.GET.keys() & {"all", "tie"} else 0
    drawn = panels.draw(request, spec, instance, found, display.reader_for(actor), limit)
    if "tie" in request.GET and isinstance(found, Related) and drawn.context["may_tie"]:
        return page(request, "pages/_tie.html", {**drawn.context, "instance": instance})
    return page(request, "pages/_one_panel.html", {"drawn": drawn})


def _tie(request: HttpRequest, spec: Spec, instance: Any, found: Related) -> HttpResponse:
    """The submitted lines are all there are: `line` numbers them, each with its `record` and words."""
    wanted: dict[int, dict[str, str]] = {}
    for number in request.POST.getlist("line"):
        chosen = request.POST.get(f"{number}-record", "")
        if chosen.isascii() and chosen.isdigit() and not request.POST.get(f"{number}-delete"):
            said = {name: request.POST.get(f"{number}-{name}", "").strip() for name in found.show}
            wanted[int(chosen)] = said
    operation = operation_from(request, found.label)
    try:
        panels.tie(spec, instance, found, wanted, operation=operation)
    except Invalid as error:
        return with_toast(HttpResponse(status=204), error.message, tone="danger")
    response = with_toast(
        HttpResponse(status=204),
        _("%(panel)s changed") % {"panel": found.label},
        undo_url=reverse("undo", args=[operation.id]),
    )
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")
