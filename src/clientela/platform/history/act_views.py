"""An act to look at and to take back, and the bin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clientela.platform.audit import leaving, undo
from clientela.platform.history import bin as deleted
from clientela.platform.history import entries, operations
from clientela.records import display, registry, urlnames
from clientela.records.errors import NotFound, Refused
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view, refusal
from clientela.ui.render import page, part


@require_safe
@login_required
def act(request: HttpRequest, operation: UUID) -> HttpResponse:
    """What an act did, what of it would go back and what not."""
    reader = display.reader_for(actor_from(request))
    try:
        made = operations.of(operation, reader)
    except NotFound as error:
        raise Http404(error.message) from error
    if request.headers.get("HX-Target") == "act-progress":
        return _progress(request, operation)
    return page(request, "history/act.html", _context(operation, made, reader))


def _progress(request: HttpRequest, operation: UUID) -> HttpResponse:
    """The moving part of an act that is being undone; once it is over, the page itself."""
    moving = leaving.moving(operation)
    if moving is None:
        return HttpResponse(status=204, headers={"HX-Redirect": request.path})
    context = {"operation": operation, "moving": moving}
    return HttpResponse(part(request, "history/act.html", "progress", context))


def _context(operation: UUID, made: Any, reader: display.Reader) -> dict[str, Any]:
    moving = leaving.moving(operation)
    why_not = "" if moving else operations.why_not(operation, reader)
    would = None if why_not or moving else undo.preview(operation, actor=reader.actor)
    listed = list(made.select_related("actor", "on_behalf_of").order_by("id")[: operations.LISTED + 1])
    return {
        "nav": "",
        "operation": operation,
        "first": listed[0],
        "through": entries.through(listed[0]),
        "counted": operations.counted(made),
        "entries": entries.shown(listed[: operations.LISTED], reader),
        "more": len(listed) > operations.LISTED,
        "why_not": why_not,
        "moving": moving,
        "would": would,
        "held": operations.held(would.stays, reader) if would else [],
        "last_day": undo.last_day(listed[0]),
    }


@require_POST
@login_required
def take_back(request: HttpRequest, operation: UUID) -> HttpResponse:
    """Undo an act: whole, or with `rest` what nothing newer holds; leads to the undo, which can be undone.

    One over very many records is left to the worker, which takes back what nothing newer holds.
    """
    actor = actor_from(request)
    reader = display.reader_for(actor)
    try:
        made = operations.of(operation, reader)
        source = operation_from(request).source
        if address := leaving.leave(operation, actor, source.address):
            return HttpResponseRedirect(address)
        result = undo.undo(operation, actor=actor, source=source, whole="rest" not in request.POST)
    except NotFound as error:
        raise Http404(error.message) from error
    except undo.Held:
        return page(request, "history/act.html", _context(operation, made, reader), status=409)
    except Refused as error:
        return refusal(request, error)
    done = ngettext("%(n)s change undone", "%(n)s changes undone", result.undone) % {"n": result.undone}
    messages.success(request, done)
    return HttpResponseRedirect(reverse("act", args=[result.operation if result.undone else operation]))


@require_safe
@login_required
def bin_index(request: HttpRequest) -> HttpResponse:
    """The bin of the first kind of the menu: people, who are only deactivated, come last."""
    kinds = deleted.offered(actor_from(request))
    if not kinds:
        return refusal(request, Refused(_("You may not do this. Ask whoever looks after this record.")))
    first = next((each for each in kinds if each.menu), kinds[0])
    return HttpResponseRedirect(reverse("bin_kind", args=[first.plural]))


@require_safe
@record_view
def bin_kind(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The deleted records of a kind."""
    actor = actor_from(request)
    kinds = deleted.offered(actor)
    if spec not in kinds:
        raise Refused(_("You may not do this. Ask whoever looks after this record."))
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = deleted.page(spec, actor, text, request.GET.get("after", ""))
    reader = display.reader_for(actor)
    rows = [
        (change, entries.title_of(change, reader), len(operations.hanging(change)) - 1)
        for change in found.rows
    ]
    context = {
        "nav": spec.key,
        "spec": spec,
        "kinds": kinds,
        "rows": rows,
        "text": text,
        "searched": deleted.shows_titles(spec, actor),
        "next": found.after,
        "list_url": urlnames.list_url(spec),
    }
    return page(request, "history/bin.html", context)


@require_POST
@record_view
def bin_restore(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """Bring a record back, with what hung on it, and open it."""
    deleted.restore(spec, record_id, actor=actor_from(request), source=operation_from(request).source)
    return HttpResponseRedirect(urlnames.record_url(registry.get(spec.key), record_id))


urlpatterns = [
    path("acts/<uuid:operation>/", act, name="act"),
    path("acts/<uuid:operation>/undo/", take_back, name="act_undo"),
    path("bin/", bin_index, name="bin"),
    path("bin/<str:plural>/", bin_kind, name="bin_kind"),
    path("bin/<str:plural>/<int:record_id>/restore/", bin_restore, name="bin_restore"),
]
