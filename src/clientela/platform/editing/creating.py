"""Making a record: the short form over any page, what it resembles, and what its links may choose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.editing import duplicates, forms
from clientela.records import query, refs, save, urlnames, write
from clientela.records.errors import Invalid, Refused
from clientela.records.spec import Section, Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page, wants_part

OFFERED = 20
FORM = "editing/_create_form.html"


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def create(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The form for a new record, filled from the address (`?account=17`); POST makes it.

    `then`: "more" draws the form again with every field, "again" a fresh one after making it. `for=link`:
    a link field waits for the new record.
    """
    actor = actor_from(request)
    if not policy.may(actor, "create", spec):
        raise Refused(_("You may not create records of this kind."))
    if request.method != "POST":
        template = "editing/create_dialog.html" if wants_part(request) else "editing/create.html"
        return page(request, template, _context(request, spec, _prefilled(spec, request.GET)))
    if request.POST.get("then") == "more":
        return _form(request, spec, {}, status=200)
    return _make(request, spec)


def _make(request: HttpRequest, spec: Spec) -> HttpResponse:
    actor = actor_from(request)
    operation = operation_from(request, _("New %(kind)s") % {"kind": str(spec.label).lower()})
    given, errors = forms.parse(spec, refs.fields_of(spec), request.POST, actor)
    if errors:
        return _form(request, spec, errors, status=422)
    try:
        made = write.create(spec, given, operation=operation)
    except Invalid as error:
        return _form(request, spec, error.errors, status=422)
    label = save.title_of(spec, made)
    text = _("%(kind)s created: %(name)s") % {"kind": spec.label, "name": label}
    return _made(request, spec, made, label, text, reverse("undo", args=[operation.id]))


def _made(request: HttpRequest, spec: Spec, made: Any, label: str, text: str, undo_url: str) -> HttpResponse:
    again = request.POST.get("then") == "again"
    if request.POST.get("for") == "link":
        created = with_event(HttpResponse(status=204), "clientela:created", {"id": made.pk, "label": label})
        return with_toast(created, text, undo_url=undo_url)
    if again and wants_part(request):
        fresh = page(request, FORM, _context(request, spec, QueryDict(), again=True))
        return with_event(with_toast(fresh, text, undo_url=undo_url), "clientela:refresh")
    messages.success(request, text, extra_tags=undo_url)
    target = urlnames.create_url(spec) if again else urlnames.record_url(spec, made.pk)
    if not wants_part(request):
        return redirect(target)
    return HttpResponse(status=204, headers={"HX-Redirect": target})


def _form(request: HttpRequest, spec: Spec, errors: forms.Errors, status: int) -> HttpResponse:
    template = FORM if wants_part(request) else "editing/create.html"
    return page(request, template, _context(request, spec, QueryDict(), errors), status=status)


def _context(
    request: HttpRequest,
    spec: Spec,
    given: QueryDict,
    errors: forms.Errors | None = None,
    *,
    again: bool = False,
) -> dict[str, Any]:
    actor, data = actor_from(request), request.POST if request.method == "POST" and not again else None
    whole = not spec.quick or bool(data and (data.get("whole") or data.get("then") == "more"))
    form = forms.Form(actor, f"new-{spec.key}", data or None, errors or {})
    start = _start(spec, actor) | _as_json(spec, forms.parse(spec, given, given, actor)[0])
    start |= _mirrored(spec, data) if whole and data else {}
    sections = _sections(spec, whole, [*given, *(data or {})])
    drawn = [(part, forms.editors(spec, part.fields, form, start)) for part in sections]
    _focus_first(drawn)
    shown = {box.ref.path for _part, boxes in drawn for box in boxes}
    return {
        "nav": spec.key,
        "spec": spec,
        "action": urlnames.create_url(spec),
        "sections": [(part.label, part.open, boxes) for part, boxes in drawn if boxes],
        "whole": whole,
        "for_link": (data or request.GET).get("for") == "link",
        "errors": [text for name, texts in (errors or {}).items() if name not in shown for text in texts],
        "looks_for_duplicates": bool(spec.duplicates.name or shown & set(spec.duplicates.exact)),
        "duplicates_url": reverse("record_duplicates", args=[spec.plural]),
    }


def _focus_first(drawn: list[tuple[Section, list[forms.Editor]]]) -> None:
    boxes = next((boxes for _part, boxes in drawn if boxes), None)
    if boxes:
        boxes[0] = replace(boxes[0], focus=True)


def _sections(spec: Spec, whole: bool, given: list[str]) -> list[Section]:
    """The quick fields and any that came filled; or every section, led by quick fields that are in none."""
    if not whole:
        known = [name for name in given if name in refs.fields_of(spec) and name not in spec.quick]
        return [Section("", (*spec.quick, *known))]
    placed = {name for section in spec.sections for name in section.fields}
    mirrored = {own for lines in spec.lines if lines.name in placed for own, _name in lines.mirror}
    loose = tuple(name for name in spec.quick if name not in placed | mirrored)
    return [Section("", loose), *spec.sections]


def _mirrored(spec: Spec, data: QueryDict) -> dict[str, Any]:
    """What was typed into the short form's fields, as the first of the lines that hold it."""
    return {
        lines.name: [{lines.main: True, **{name: data.get(own, "") for own, name in lines.mirror}}]
        for lines in spec.lines
        if lines.name not in data and any(data.get(own) for own, _name in lines.mirror)
    }


def _start(spec: Spec, actor: Actor) -> dict[str, Any]:
    """What a new record starts with: the defaults of its columns, then its own."""
    columns = {
        name: ref.kind.to_json(ref.field.get_default())
        for name, ref in refs.fields_of(spec).items()
        if ref.field is not None and not ref.many and ref.field.has_default()
    }
    return columns | (dict(spec.defaults(actor)) if spec.defaults is not None else {})


def _as_json(spec: Spec, found: dict[str, Any]) -> dict[str, Any]:
    known = refs.fields_of(spec)
    return {
        name: known[name].kind.to_json(value) if value is not None else None for name, value in found.items()
    }


def _prefilled(spec: Spec, given: QueryDict) -> QueryDict:
    """The values of the address; a title that the quick form has no place for goes into its first field."""
    filled = given.copy()
    if spec.quick and spec.title in filled and spec.title not in spec.quick:
        filled[spec.quick[0]] = filled.pop(spec.title)[-1]
    return filled


@require_POST
@record_view
def alike(request: HttpRequest, spec: Spec) -> HttpResponse:
    """What the record being typed resembles, as the part of the form that says so. Writes nothing."""
    actor = actor_from(request)
    given, _errors = forms.parse(spec, refs.fields_of(spec), request.POST, actor)
    found = duplicates.alike(spec, given, actor)
    context = {
        "found": found,
        "spec": spec,
        "duplicates_url": request.path,
        "for_link": request.POST.get("for") == "link",
    }
    return page(request, "editing/_create_duplicates.html", context)


@require_GET
@record_view
def options(request: HttpRequest, spec: Spec) -> HttpResponse:
    """Candidates of a link to this kind (`?q=`), for the combobox; `?take=5` gives the combobox that one."""
    actor = actor_from(request)
    if "take" in request.GET:
        taken = query.get(spec, request.GET["take"], actor)
        detail = {"id": taken.pk, "label": save.title_of(spec, taken)}
        return with_event(HttpResponse(status=204), "clientela:created", detail)
    text = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    rows = query.ordered(query.matching(spec, actor, spec.offered, text), spec, (), actor)
    second = forms.second_line(spec, actor)
    rows = query.annotated(rows, [second]) if second else rows
    paths = ["pk", spec.title, *([second.sort_path] if second else [])]
    found = [
        (row[0], row[1], forms.option_text(second, row[2]) if second else "")
        for row in query.page(rows, paths, 0, OFFERED)
    ]
    may_create = bool(text and spec.quick and policy.may(actor, "create", spec))
    context = {"spec": spec, "found": found, "text": text, "may_create": may_create}
    return page(request, "editing/_options.html", context)
