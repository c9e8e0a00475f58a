"""Showing a record to somebody from its page: the dialog with whom, how far and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.access.models import Share, ShareLevel, Team, User
from clientela.platform.audit.models import Change
from clientela.platform.people import sharing
from clientela.records import query, save
from clientela.records.changes import DELETE
from clientela.records.errors import Invalid
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def shares(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """With whom the record is shared, and the form that shares it with one more. POST shares."""
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    sharing.require(spec, instance, operation_from(request))
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            return _share(request, spec, instance)
        except Invalid as error:
            errors = error.errors
    context = {
        "spec": spec,
        "instance": instance,
        "title": save.title_of(spec, instance),
        "shares": sharing.shares_of(spec, instance),
        "levels": ShareLevel.choices,
        "given": request.POST,
        "errors": errors,
    }
    return page(
        request,
        "rights/share.html",
        context,
        fragment="form" if errors else None,
        status=422 if errors else 200,
    )


def _share(request: HttpRequest, spec: Spec, instance: Any) -> HttpResponse:
    whom = _whom(request.POST.dict())
    operation = operation_from(request, _("Record shared"))
    until = _until(request.POST.get("until", ""), operation.actor.time_zone)
    level = request.POST.get("level", ShareLevel.READ)
    made = sharing.share(spec, instance, whom, level=level, until=until, operation=operation)
    back = reverse("record_share_end", args=[spec.plural, instance.pk, made.pk])
    return _told(_("Shared with %(name)s") % {"name": whom.name}, back)


def _told(text: str, back: str) -> HttpResponse:
    """Nothing to draw; the toast's way back asks the same right as the act, so that whoever shared has it."""
    response = with_toast(HttpResponse(status=204), text, undo_url=back)
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")


def _whom(given: Mapping[str, str]) -> User | Team:
    """The one person or team that was chosen. Raises Invalid."""
    person, team = given.get("person", ""), given.get("team", "")
    if bool(person) == bool(team):
        raise Invalid({"person": [_("Choose a person or a team.")]})
    found: User | Team | None = None
    if person.isascii() and person.isdigit():
        found = User.objects.filter(pk=int(person), is_active=True).first()
    elif team.isascii() and team.isdigit():
        found = Team.objects.filter(pk=int(team)).first()
    if found is None:
        raise Invalid({"person" if person else "team": [_("Choose one of the list.")]})
    return found


def _until(text: str, zone: str) -> dt.datetime | None:
    """The end of the day that was given, where the person is. Raises Invalid."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or day.year >= dt.MAXYEAR:
        raise Invalid({"until": [_("This is no date.")]})
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))


@require_POST
@record_view
def end(request: HttpRequest, spec: Spec, record_id: int, share_id: int) -> HttpResponse:
    """Take a share back."""
    instance = query.get(spec, record_id, actor_from(request))
    shared = Share.objects.filter(pk=share_id, record=spec.key, record_id=instance.pk).first()
    operation = operation_from(request, _("Share ended"))
    sharing.require(spec, instance, operation)
    if shared is None:
        raise Http404
    sharing.unshare(shared, operation=operation)
    return _told(
        _("It is not shared any more"), reverse("record_share_again", args=[spec.plural, record_id, share_id])
    )


@require_POST
@record_view
def again(request: HttpRequest, spec: Spec, record_id: int, share_id: int) -> HttpResponse:
    """Share as a share did that was ended, from what its deletion kept."""
    instance = query.get(spec, record_id, actor_from(request))
    operation = operation_from(request, _("Record shared"))
    sharing.require(spec, instance, operation)
    rows = Change.objects.filter(record="share", record_id=share_id, verb=DELETE).order_by("-pk")
    kept: dict[str, Any] = next((each.before for each in rows[:1]), {})
    if (kept.get("record"), kept.get("record_id")) != (spec.key, instance.pk):
        raise Http404
    given = {"person": str(kept.get("user") or ""), "team": str(kept.get("team") or "")}
    try:
        whom = _whom(given)
        until = parse_datetime(kept.get("until") or "")
        made = sharing.share(spec, instance, whom, level=kept["level"], until=until, operation=operation)
    except Invalid as error:
        return with_toast(HttpResponse(status=422), error.message, tone="danger")
    back = reverse("record_share_end", args=[spec.plural, instance.pk, made.pk])
    return _told(_("Shared with %(name)s") % {"name": whom.name}, back)


urlpatterns = [
    path("<slug:plural>/<int:record_id>/share/", shares, name="record_share"),
    path("<slug:plural>/<int:record_id>/share/<int:share_id>/end/", end, name="record_share_end"),
    path("<slug:plural>/<int:record_id>/share/<int:share_id>/again/", again, name="record_share_again"),
]
