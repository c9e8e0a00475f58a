"""The story of a record, and writing, changing and deleting notes in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.access import policy
from clientela.platform.timeline import feed, services
from clientela.records import query, registry, urlnames, write
from clientela.records.display import reader_for
from clientela.records.errors import Invalid
from clientela.records.spec import Panel, Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_toast
from clientela.ui.render import page, part

PAGE = "timeline/_timeline.html"
NOTES = "notes"


def context_of(request: HttpRequest, instance: Any) -> dict[str, Any]:
    """What the timeline of a record is drawn with."""
    spec = registry.of_model(type(instance))
    assert spec is not None
    actor = actor_from(request)
    show = request.GET.get("show", feed.ALL)
    reader = reader_for(actor)
    return {
        "timeline_spec": spec,
        "timeline_record": instance.pk,
        "show": show if show in (feed.ALL, feed.NOTES, feed.CHANGES) else feed.ALL,
        "feed": feed.feed(spec, instance.pk, reader, show=show, after=request.GET.get("after", "")),
        "may_write": policy.may(actor, "create", registry.get("note")),
        "body": "",
        "errors": [],
        "answered": False,
    }


PANEL = Panel("timeline", "", PAGE, context_of)


@record_view
@require_GET
def timeline(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """A page of the timeline alone (?show=notes|changes, ?after=)."""
    context = context_of(request, query.get(spec, record_id, actor_from(request)))
    block = "page" if request.GET.get("after") else "feed"
    return HttpResponse(part(request, PAGE, block, context))


@record_view
@require_POST
def write_note(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """A note from the composer; answers the timeline and the emptied composer."""
    instance = query.get(spec, record_id, actor_from(request))
    body = _text(request)
    operation = operation_from(request)
    try:
        services.add_note(spec, instance, body, operation=operation)
    except Invalid as error:
        wrong = {"body": body, "errors": [error.message], "answered": True}
        return page(request, PAGE, context_of(request, instance) | wrong, status=422)
    response = page(request, PAGE, context_of(request, instance) | {"answered": True})
    return with_toast(response, _("Note kept"), undo_url=reverse("undo", args=[operation.id]))


def _text(request: HttpRequest) -> str:
    return request.POST.get("body", "").replace("\r\n", "\n")


@record_view
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, spec: Spec, note_id: int) -> HttpResponse:
    """A note whole; POST gives it other words."""
    found = _note(request, spec, note_id)
    if request.method == "POST":
        operation = operation_from(request)
        try:
            services.change_note(found, _text(request), operation=operation)
        except Invalid as error:
            return _editor(request, found, _text(request), error.message, status=422)
        response = _entry(request, found)
        return with_toast(response, _("Note changed"), undo_url=reverse("undo", args=[operation.id]))
    return _entry(request, found)


@record_view
@require_GET
def edit_note(request: HttpRequest, spec: Spec, note_id: int) -> HttpResponse:
    """The form that takes a note's place."""
    found = _note(request, spec, note_id)
    return _editor(request, found, found.body)


@record_view
@require_POST
def pin_note(request: HttpRequest, spec: Spec, note_id: int) -> HttpResponse:
    """Keep a note on top, or no longer."""
    found = _note(request, spec, note_id)
    operation = operation_from(request)
    write.change(spec, found, {"pinned": not found.pinned}, operation=operation)
    text = _("Note pinned") if found.pinned else _("Note no longer pinned")
    return _gone(text, operation.id)


@record_view
@require_POST
def delete_note(request: HttpRequest, spec: Spec, note_id: int) -> HttpResponse:
    """Delete a note, with an offer to bring it back."""
    operation = operation_from(request)
    services.delete_note(_note(request, spec, note_id), operation=operation)
    return _gone(_("Note deleted"), operation.id)


def _gone(text: str, operation_id: Any) -> HttpResponse:
    response = HttpResponse("")
    response.headers["HX-Trigger"] = '{"clientela:refresh": true}'
    return with_toast(response, text, undo_url=reverse("undo", args=[operation_id]))


def _note(request: HttpRequest, spec: Spec, note_id: int) -> Any:
    return query.get(spec, note_id, actor_from(request))


def _entry(request: HttpRequest, found: Any) -> HttpResponse:
    entry = feed.note_entry(found, reader_for(actor_from(request)), whole=True)
    return page(request, "timeline/_entry.html", {"entry": entry})


def _editor(request: HttpRequest, found: Any, body: str, error: str = "", status: int = 200) -> HttpResponse:
    context = {"note": found, "body": body, "errors": [error] if error else []}
    return page(request, "timeline/_editor.html", context, status=status)


@record_view
@require_GET
def show_note(request: HttpRequest, spec: Spec, note_id: int) -> HttpResponse:
    """A note stands on the page of a record that it is about, the first that the reader sees."""
    actor = actor_from(request)
    for link in _note(request, spec, note_id).links.all():
        subject = registry.find(link.record)
        if subject is not None and query.visible(subject, actor).filter(pk=link.record_id).exists():
            return redirect(f"{urlnames.record_url(subject, link.record_id)}#note-{note_id}")
    return _entry(request, _note(request, spec, note_id))


def _for_notes(view: Any) -> Any:
    """`view` of the kind "note", whatever the address says."""

    def wrapped(request: HttpRequest, note_id: int) -> HttpResponse:
        answer: HttpResponse = view(request, NOTES, note_id=note_id)
        return answer

    return wrapped


urls = [
    path("timeline/<str:plural>/<int:record_id>/", timeline, name="timeline"),
    path("timeline/<str:plural>/<int:record_id>/note/", write_note, name="timeline_note"),
    path("notes/<int:note_id>/", _for_notes(show_note), name="note_page"),
    path("note/<int:note_id>/", _for_notes(note), name="note"),
    path("note/<int:note_id>/edit/", _for_notes(edit_note), name="note_edit"),
    path("note/<int:note_id>/pin/", _for_notes(pin_note), name="note_pin"),
    path("note/<int:note_id>/delete/", _for_notes(delete_note), name="note_delete"),
]
