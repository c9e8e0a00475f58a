"""What every view of records starts with: the spec, the actor, and refusals as pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor, actor_of
from clientela.access.models import User
from clientela.records import registry
from clientela.records.changes import Operation, Source
from clientela.records.errors import Conflict, NotFound, Refused
from clientela.records.spec import Spec
from clientela.ui.render import page

P = ParamSpec("P")
RecordView = Callable[Concatenate[HttpRequest, Spec, P], HttpResponse]


def actor_from(request: HttpRequest) -> Actor:
    """The signed-in person; views behind `record_view` always have one."""
    assert isinstance(request.user, User)
    return actor_of(request.user)


def operation_from(request: HttpRequest, label: Any = "") -> Operation:
    """A new operation of the signed-in person, through a page."""
    source = Source("page", address=request.META.get("REMOTE_ADDR", "") or "")
    return Operation(actor_from(request), source, label=str(label))


def record_view(view: RecordView[P]) -> Callable[..., HttpResponse]:
    """Sign-in, the spec of the address, the right to see its kind, and refusals turned into pages."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, plural: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        spec = registry.by_plural(plural)
        if spec is None or not policy.may(actor_from(request), "see", spec):
            raise Http404
        try:
            return view(request, spec, *args, **kwargs)
        except NotFound as error:
            raise Http404(error.message) from error
        except Refused as error:
            return refusal(request, error)
        except Conflict as error:
            return overtaken(error)

    return wrapped


def overtaken(error: Conflict) -> HttpResponse:
    """409: somebody was faster. It is said, and the page reads what is there now."""
    response = HttpResponse(error.message, status=409, content_type="text/plain; charset=utf-8")
    response.headers["HX-Reswap"] = "none"
    return with_event(with_toast(response, error.message, tone="danger"), "clientela:refresh")


def refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """403, as a page or, inside a page, as a message."""
    response = page(request, "ui/refused.html", {"message": error.message}, status=403)
    return with_toast(response, error.message, tone="danger")


def with_toast(response: HttpResponse, text: Any, *, undo_url: str = "", tone: str = "") -> HttpResponse:
    """Tell the person what happened, with a way back."""
    toast = {"text": str(text), "undo_url": undo_url, "tone": tone, "undo_label": _("Undo")}
    return with_event(response, "toast", {name: value for name, value in toast.items() if value})


def with_event(response: HttpResponse, name: str, detail: Any = True) -> HttpResponse:
    """Add an event to those that htmx raises when the answer arrives."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**events, name: detail}, ensure_ascii=True)
    return response
