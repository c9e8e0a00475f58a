"""`/api/v1/changes`: what happened to a record, and taking it back."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import path, re_path
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.platform.api.endpoint import Call, answer, endpoint
from clientela.platform.api.problems import Problem, bad_parameter
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.history import bin as deleted
from clientela.platform.history import entries, operations, searching
from clientela.records import display, query, registry
from clientela.records.changes import Source
from clientela.records.errors import NotFound
from clientela.records.spec import Spec

PARAMETERS = ("record", "limit", "cursor")
DEFAULT_LIMIT, MOST = 50, 200


def list_changes(call: Call) -> HttpResponse:
    """The changes of a record one may see, or could and may bring back; newest first."""
    unknown = sorted(set(call.request.GET) - set(PARAMETERS))
    if unknown:
        raise bad_parameter(unknown[0], _("There is no parameter “%(name)s”.") % {"name": unknown[0]})
    rows = Change.objects.select_related("actor").order_by("-at", "-id")
    spec, record_id = _record(call)
    if spec is not None:
        _require_seen(spec, record_id, call)
        rows = rows.filter(record=spec.key, record_id=record_id)
    found = searching.page(rows, Q(), call.parameter("cursor"), _limit(call))
    reader = display.reader_for(call.actor)
    items = [entries.json_of(change, reader) for change in found.rows]
    return answer({"items": items, "next": found.after or None})


def _record(call: Call) -> tuple[Spec | None, int]:
    """The record of the parameter; only an administrator may do without."""
    text = call.parameter("record")
    if not text and call.actor.is_admin:
        return None, 0
    key, _colon, number = text.partition(":")
    spec = registry.find(key)
    if spec is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise bad_parameter("record", _("Name a record as account:17."))
    if not policy.may(call.actor, "see", spec):
        raise Problem(404)
    return spec, int(number)


def _require_seen(spec: Spec, record_id: int, call: Call) -> None:
    if query.visible(spec, call.actor).filter(pk=record_id).exists():
        return
    if call.actor.is_admin and Change.objects.filter(record=spec.key, record_id=record_id).exists():
        return
    try:
        deleted.deletion(spec, record_id, call.actor)
    except NotFound as error:
        raise Problem(404, _("There is no such record, or you may not see it.")) from error


def _limit(call: Call) -> int:
    text = call.parameter("limit") or str(DEFAULT_LIMIT)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST):
        raise bad_parameter("limit", _("This must be a whole number from 1 to %(most)s.") % {"most": MOST})
    return int(text)


def undo_change(call: Call, change_id: str) -> HttpResponse:
    """Take one change back, a deletion with what hung on it; with "operation": true the whole act.

    Where something newer holds a part nothing goes back, unless "rest" is true.
    """
    change = Change.objects.filter(pk=int(change_id)).first()
    if change is None:
        raise Problem(404, _("There is no such change."))
    given = _options(call.body())
    try:
        result = undo.undo(
            change.operation,
            actor=call.actor,
            source=Source("api", call.token.prefix, call.request.META.get("REMOTE_ADDR", "") or ""),
            only=None
            if given["operation"]
            else operations.hanging(change)
            if change.verb == "delete"
            else [change.pk],
            whole=not given["rest"],
        )
    except undo.Held as error:
        stays = operations.json_of_held(error.stays, display.reader_for(call.actor))
        raise Problem(409, error.message, stays=stays) from error
    stays = operations.json_of_held(result.stays, display.reader_for(call.actor))
    return answer({"operation": result.operation, "undone": result.undone, "stays": stays})


def _options(given: dict[str, Any]) -> dict[str, bool]:
    found = {"rest": False, "operation": False}
    for name, value in given.items():
        if name not in found or not isinstance(value, bool):
            raise Problem(422, "", {name: [_("Only rest and operation can be said, as true or false.")]})
        found[name] = value
    return found


urlpatterns = [
    path("api/v1/changes", endpoint(GET=list_changes), name="api_changes"),
    re_path(
        r"^api/v1/changes/(?P<change_id>[0-9]{1,18})/undo/?$", endpoint(POST=undo_change), name="api_undo"
    ),
]
