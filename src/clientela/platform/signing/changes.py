"""What follows a change of somebody's way in: other sessions end, she is told, and it is kept."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.signing import sessions, tasks
from clientela.platform.signing.clients import client_of, device_name


def password_changed(user: User, request: HttpRequest | None) -> None:
    """A new password: whoever else was in as `user` is out."""
    with transaction.atomic():
        if request is not None and request.user.is_authenticated and request.user.pk == user.pk:
            sessions.end_others(user, request)
        else:
            sessions.end_all(user, request=request)
        security.record_event("password_changed", user=user, request=request)
        _tell(user, "password", request)


def factor_changed(user: User, what: str, request: HttpRequest | None) -> None:
    """A second factor was added, removed or made anew; `what` is allauth's name, as totp_activated."""
    security.record_event("second_factor_changed", user=user, request=request, detail=what)
    if request is not None:
        sessions.check_factor(request)
    _tell(user, what, request)


def factor_taken_away(user: User, *, by: str, request: HttpRequest) -> None:
    """An administrator took the second factor of `user` away: every session ends, and she is told.

    Nothing of the administrator's device is told, as it would be of her own.
    """
    sessions.end_all(user, request=request, detail=by)
    tasks.send_later(
        "notice",
        user=user.pk,
        what="factor_taken_away",
        at=timezone.now().isoformat(),
        base=request.build_absolute_uri("/"),
    )


def device_of(request: HttpRequest | None) -> str:
    """What to call the device of a request."""
    name = device_name(client_of(request).user_agent) if request is not None else ""
    return name or _("Passkey")


def _tell(user: User, what: str, request: HttpRequest | None) -> None:
    if request is None:
        return
    client = client_of(request)
    tasks.send_later(
        "notice",
        user=user.pk,
        what=what,
        at=timezone.now().isoformat(),
        address=client.address,
        user_agent=client.user_agent,
        base=request.build_absolute_uri("/"),
    )
