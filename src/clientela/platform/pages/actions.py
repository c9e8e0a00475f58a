"""Doing things to a record: the actions of its description, and deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.access.actor import Actor
from clientela.platform.editing import forms
from clientela.records import query, refs, rights, save, urlnames, values, write
from clientela.records.errors import Invalid
from clientela.records.spec import Action, Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page


@dataclass(frozen=True)
class Offer:
    """A button: `url` answers a form, or runs the action by POST where `direct`."""

    action: Action
    url: str
    direct: bool


def offered(spec: Spec, instance: Any, actor: Actor, *, may_change: bool) -> list[Offer]:
    """The actions that `actor` can do to the record as it is now."""
    if not may_change:
        return []
    return [_offer(spec, instance, each) for each in rights.actions(spec, actor) if each.available(instance)]


def _offer(spec: Spec, instance: Any, action: Action) -> Offer:
    if action.view:
        return Offer(action, reverse(action.view, args=[instance.pk]), direct=False)
    url = urlnames.part_url(spec, instance.pk, "action", action.name)
    return Offer(action, url, direct=not action.comment and not missing(spec, instance, action))


def missing(spec: Spec, instance: Any, action: Action) -> list[str]:
    """The fields that the action asks for and the record has nothing in."""
    known = refs.fields_of(spec)
    return [name for name in action.asks if values.json_value(known[name], instance) in (None, "", [])]


@record_view
@require_http_methods(["GET", "POST"])
def action(request: HttpRequest, spec: Spec, record_id: int, name: str) -> HttpResponse:
    """GET the form of an action, asking only for what is missing; POST does it."""
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    found = next((each for each in spec.actions if each.name == name and not each.view), None)
    if found is None:
        raise Http404
    write.require(spec, instance, actor)
    rights.require_action(spec, found, actor)
    if not found.available(instance):
        text = _("This can no longer be done: the record has changed.")
        return HttpResponse(text, status=409, content_type="text/plain; charset=utf-8")
    return (
        _run(request, spec, instance, found)
        if request.method == "POST"
        else _form(request, spec, instance, found)
    )


def _run(request: HttpRequest, spec: Spec, instance: Any, action: Action) -> HttpResponse:
    given, errors = forms.parse(spec, action.asks, request.POST, actor_from(request), instance)
    needed = set(action.requires) & set(missing(spec, instance, action))
    for name in needed - errors.keys():
        if given.get(name) in (None, "", []):
            errors[name] = [_("This field is needed.")]
    if errors:
        return _form(request, spec, instance, action, errors)
    more = {"comment": request.POST.get("comment", "").replace("\r\n", "\n")} if action.comment else {}
    operation = operation_from(request, action.done or action.label)
    try:
        action.run(instance, operation=operation, **given, **more)
    except Invalid as error:
        return _form(request, spec, query.get(spec, instance.pk, actor_from(request)), action, error.errors)
    text = f"{action.done or action.label}: {save.title_of(spec, instance)}"
    response = with_toast(HttpResponse(status=204), text, undo_url=reverse("undo", args=[operation.id]))
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")


def _form(
    request: HttpRequest, spec: Spec, instance: Any, action: Action, errors: forms.Errors | None = None
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = forms.Form(actor_from(request), f"{action.name}-{instance.pk}", data, errors or {})
    names: Sequence[str] = missing(spec, instance, action)
    # An amount is asked with its currency, which is there already.
    pairs = [ref.currency for name in names if (ref := refs.fields_of(spec)[name]).currency]
    start = values.snapshot(spec, instance, [*names, *pairs])
    context = {
        "spec": spec,
        "action": action,
        "title": save.title_of(spec, instance),
        "address": urlnames.part_url(spec, instance.pk, "action", action.name),
        "boxes": [_marked(box, action) for box in forms.editors(spec, [*names, *pairs], form, start)],
        "comment": request.POST.get("comment", ""),
        "problems": [text for name, each in (errors or {}).items() if name not in names for text in each],
    }
    response = page(request, "pages/action.html", context, fragment="form" if errors else None)
    response.status_code = 422 if errors else 200
    return response


def _marked(box: forms.Editor, action: Action) -> forms.Editor:
    """The editor, needing an answer where the action does."""
    return replace(box, ref=replace(box.ref, required=box.name in action.requires))


@record_view
@require_POST
def delete(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """Delete a record and go back to its list, where it can be undone."""
    instance = query.get(spec, record_id, actor_from(request))
    title = save.title_of(spec, instance)
    operation = operation_from(request, _("Deleted"))
    write.delete(spec, [instance], operation=operation)
    undo_url = reverse("undo", args=[operation.id])
    messages.success(request, _("%(title)s deleted") % {"title": title}, extra_tags=undo_url)
    return HttpResponse(status=204, headers={"HX-Redirect": urlnames.list_url(spec)})
