"""Taking back an act, from its toast."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from clientela.platform.audit import leaving
from clientela.platform.audit.undo import Undone, undo
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.views.base import actor_from, operation_from, with_event, with_toast


@require_POST
@login_required
def undo_operation(request: HttpRequest, operation: UUID) -> HttpResponse:
    """Take an operation back and say so; what could not go back is named. The undo can itself be undone.

    One over very many records is left to the worker.
    """
    actor, source = actor_from(request), operation_from(request).source
    try:
        if leaving.leave(operation, actor, source.address):
            return with_toast(HttpResponse(status=204), _("So much is undone in the background."))
        result = undo(operation, actor=actor, source=source)
    except (NotFound, Refused, Invalid) as error:
        status = 404 if isinstance(error, NotFound) else 409
        return HttpResponse(error.message, status=status, content_type="text/plain; charset=utf-8")
    again = reverse("undo", args=[result.operation]) if result.undone else ""
    tone = "" if result.undone else "danger"
    toast = {"text": _words(result), "undo_url": again, "tone": tone, "undo_label": _("Redo")}
    response = with_event(
        HttpResponse(status=204), "toast", {name: said for name, said in toast.items() if said}
    )
    return with_event(response, "clientela:refresh")


def _words(result: Undone) -> str:
    done = ngettext("%(n)s change undone", "%(n)s changes undone", result.undone) % {"n": result.undone}
    if not result.conflicts:
        return done
    title, fields = result.conflicts[0]
    kept = _("“%(title)s” has something newer: %(fields)s") % {"title": title, "fields": ", ".join(fields)}
    more = len(result.conflicts) - 1
    rest = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more} if more else ""
    return f"{done}. {kept} {rest}".strip()
