"""One field, edited where it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clientela.access.actor import Actor
from clientela.platform.editing import forms
from clientela.platform.pages import parts
from clientela.records import display, query, refs, rights, urlnames, values, write
from clientela.records.errors import Conflict, Invalid
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import part

TEMPLATE = "editing/editor.html"
SEEN = "_seen_"


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def field(request: HttpRequest, spec: Spec, record_id: int, name: str) -> HttpResponse:
    """GET the editor of one field (`?as=cell|field`); POST it to get the new value back, as it is read.

    422 and 409 answer the editor again: with what is wrong, or with what somebody else wrote meanwhile.
    """
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    found = forms.editable(spec, [name], actor)
    if not found:
        raise Http404
    write.require(spec, instance, actor)
    if request.method == "POST":
        return _save(request, spec, instance, found[0])
    return _editor(request, instance, found[0], _form(request, instance))


def _place(request: HttpRequest) -> str:
    return "field" if request.GET.get("as") == "field" else "cell"


def _form(request: HttpRequest, instance: Any, errors: forms.Errors | None = None) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    return forms.Form(actor_from(request), f"e{instance.pk}", data, errors or {}, short=True)


def _names(ref: FieldRef) -> list[str]:
    """The field, and the currency that is written with it."""
    pair = [ref.path, ref.currency] if ref.currency else [ref.path]
    return [name for name in pair if name in refs.fields_of(ref.spec)]


def _save(request: HttpRequest, spec: Spec, instance: Any, ref: FieldRef) -> HttpResponse:
    keep = request.POST.get("keep")
    if keep == "theirs":
        return _value(request, instance, ref)
    actor, operation = actor_from(request), operation_from(request, ref.label)
    given, errors = forms.parse(spec, [ref.path], request.POST, actor, instance)
    if errors:
        return _again(request, instance, ref, errors)
    before = values.snapshot(spec, instance, _names(ref))
    expected = None if keep == "mine" else _seen(request, ref)
    try:
        saved = write.apply(
            spec,
            instance,
            given,
            actor=actor,
            source=operation.source,
            operation=operation,
            expected=expected,
        )
    except Invalid as error:
        return _again(request, query.get(spec, instance.pk, actor), ref, _all_here(error.errors, ref))
    except Conflict:
        return _conflict(request, query.get(spec, instance.pk, actor), ref)
    return _saved(request, saved, ref, before, operation.id)


def _all_here(errors: dict[str, list[str]], ref: FieldRef) -> forms.Errors:
    """There is one place to show errors, so those of the record and its other fields come here too."""
    return {ref.path: [text for texts in errors.values() for text in texts]}


def _seen(request: HttpRequest, ref: FieldRef) -> dict[str, Any]:
    """The JSON values that stood there when the editor was opened."""
    found = {}
    for name in _names(ref):
        try:
            found[name] = json.loads(request.POST[f"{SEEN}{name}"])
        except (KeyError, ValueError):
            continue
    return found


def _as_read(spec: Spec, instance: Any, held: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The values without links to records, and lines about them, that `actor` does not see."""
    found = dict(held)
    for name, value in held.items():
        if value is not None and (gone := rights.unseen(refs.fields_of(spec)[name], instance, actor)):
            kept = [each for each in value if _id(each) not in gone] if isinstance(value, list) else None
            found[name] = kept
    return found


def _id(each: Any) -> Any:
    return each["id"] if isinstance(each, dict) else each


def _editor(
    request: HttpRequest, instance: Any, ref: FieldRef, form: forms.Form, status: int = 200, **more: Any
) -> HttpResponse:
    actor = actor_from(request)
    held = values.snapshot(ref.spec, instance, _names(ref))
    now = _as_read(ref.spec, instance, held, actor)
    place = _place(request)
    box = forms.with_currency(forms.editor(ref, now[ref.path], form), now, form, refs.fields_of(ref.spec))
    context = {
        "box": box,
        "place": place,
        "action": f"{_url(ref, instance.pk)}?as={place}",
        "seen": [(name, json.dumps(value)) for name, value in now.items() if value == held[name]],
        **more,
    }
    return HttpResponse(part(request, TEMPLATE, "editor", context), status=status)


def _url(ref: FieldRef, record_id: Any) -> str:
    return urlnames.part_url(ref.spec, record_id, "field", ref.path)


def _again(request: HttpRequest, instance: Any, ref: FieldRef, errors: forms.Errors) -> HttpResponse:
    return _editor(request, instance, ref, _form(request, instance, errors), status=422)


def _conflict(request: HttpRequest, instance: Any, ref: FieldRef) -> HttpResponse:
    """Both values, and the choice between them; saving again compares with what is there now."""
    theirs = display.shown(ref, instance, display.reader_for(actor_from(request), full=True))
    form = _form(request, instance, {ref.path: [""]})
    return _editor(request, instance, ref, form, status=409, theirs=theirs)


def _value(request: HttpRequest, instance: Any, ref: FieldRef) -> HttpResponse:
    place = _place(request)
    reader = display.reader_for(actor_from(request), full=place == "field")
    context = {
        "ref": ref,
        "place": place,
        "shown": parts.shown(ref, instance, reader),
        "edit_url": f"{_url(ref, instance.pk)}?as=field",
    }
    return HttpResponse(part(request, TEMPLATE, "value", context).strip())


def _saved(
    request: HttpRequest, instance: Any, ref: FieldRef, before: dict[str, Any], operation: UUID
) -> HttpResponse:
    response = _value(request, instance, ref)
    if before != values.snapshot(ref.spec, instance, _names(ref)):
        text = _("%(field)s changed") % {"field": ref.label}
        response = with_toast(response, text, undo_url=reverse("undo", args=[operation]))
    return with_event(response, "clientela:changed", {"record": ref.spec.key, "id": instance.pk})
