"""The sessions of a person: begun at one door, seen, and ended one by one or all together."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import login, logout
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.signing import devices, factors, notices, tasks
from clientela.platform.signing.clients import client_of
from clientela.platform.signing.models import OpenSession

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SEEN_EVERY = 300
LONGEST = dt.timedelta(days=30)
_SEEN, _BEGAN, _MISSING = "signing_seen", "signing_began", "signing_factor_missing"
_SALT = "clientela.platform.signing.sessions"
_LINK_HOLDS = dt.timedelta(days=30)


def sign_in(request: HttpRequest, response: HttpResponseBase, user: User, method: str) -> None:
    """Sign somebody in who has shown who she is, outside the password form: by a link of ours."""
    login(request, user, backend=BACKEND)
    begun(request, response, user, method)


def begun(request: HttpRequest, response: HttpResponseBase, user: User, method: str) -> OpenSession:
    """Note a session that Django has just begun, its device, and tell the person of a new one."""
    if not request.session.session_key:
        request.session.save()
    client = client_of(request)
    with transaction.atomic():
        OpenSession.objects.filter(user=user, seen_at__lt=_alive_since()).delete()
        found, _made = OpenSession.objects.update_or_create(
            session_key=request.session.session_key,
            defaults={
                "user": user,
                "method": method,
                "address": client.address,
                "user_agent": client.user_agent,
                "began_at": timezone.now(),
                "seen_at": timezone.now(),
            },
        )
        is_new = devices.remember(request, response, user)
        security.record_event(security.SIGNED_IN, user=user, request=request, detail=method)
        if is_new and method != "invitation" and notices.wants(user):
            tasks.send_later("new_device", session=found.pk, base=request.build_absolute_uri("/"))
    request.session[_SEEN] = request.session[_BEGAN] = int(time.time())
    request.session[_MISSING] = factors.is_missing(user)
    return found


def touch(request: HttpRequest) -> None:
    """Note every few minutes that a session is in use; end one that is too old or no longer listed."""
    seen = request.session.get(_SEEN)
    now = int(time.time())
    if seen is None or now - seen < SEEN_EVERY:
        return
    listed = OpenSession.objects.filter(session_key=request.session.session_key)
    too_old = now - request.session.get(_BEGAN, 0) > LONGEST.total_seconds()
    if too_old or not listed.update(seen_at=timezone.now(), address=client_of(request).address):
        listed.delete()
        logout(request)
        return
    request.session[_SEEN] = now
    check_factor(request)


def confirmed_at(request: HttpRequest) -> float:
    """When the person of this session last showed anew who she is (seconds since 1970); 0 if never."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    return max((each["at"] for each in records if each.get("reauthenticated")), default=0.0)


def renew(request: HttpRequest) -> None:
    """Give the session another key, as after each proof of who one is: an older copy of it opens nothing."""
    old = request.session.session_key or ""
    request.session.cycle_key()
    OpenSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def check_factor(request: HttpRequest) -> None:
    """Look anew whether the person of this session needs a second factor and has none."""
    request.session[_MISSING] = isinstance(request.user, User) and factors.is_missing(request.user)


def lacks_factor(request: HttpRequest) -> bool:
    """Whether somebody has to set up a second factor first; asked anew until she has."""
    if not request.session.get(_MISSING):
        return False
    if isinstance(request.user, User) and factors.is_missing(request.user):
        return True
    request.session[_MISSING] = False
    return False


def of_user(user: User) -> QuerySet[OpenSession]:
    """The sessions of `user` that may still be used, last used first."""
    return OpenSession.objects.filter(user=user, seen_at__gte=_alive_since())


def _alive_since() -> dt.datetime:
    return timezone.now() - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)


def end(user: User, session_id: int, *, request: HttpRequest | None = None) -> bool:
    """End one session of `user`; whether there was one."""
    return _end(OpenSession.objects.filter(user=user, pk=session_id), user, request) == 1


def end_others(user: User, request: HttpRequest) -> int:
    """End all sessions of `user` but the one of `request`; how many."""
    others = OpenSession.objects.filter(user=user).exclude(session_key=request.session.session_key or "")
    return _end(others, user, request)


def end_all(user: User, *, request: HttpRequest | None = None, detail: str = "") -> int:
    """End every session of `user`, as an administrator does or when she leaves; how many."""
    return _end(OpenSession.objects.filter(user=user), user, request, detail)


def left(request: HttpRequest) -> None:
    """The session of `request` is being ended by its person."""
    if request.user.is_authenticated and isinstance(request.user, User):
        OpenSession.objects.filter(session_key=request.session.session_key or "").delete()
        security.record_event(security.SIGNED_OUT, user=request.user, request=request)


def _end(sessions: QuerySet[OpenSession], user: User, request: HttpRequest | None, detail: str = "") -> int:
    with transaction.atomic():
        keys = list(sessions.values_list("session_key", flat=True))
        if keys:
            sessions.delete()
            _delete(keys)
            security.record_event(
                "sessions_ended", user=user, request=request, detail=detail or str(len(keys))
            )
    return len(keys)


def _delete(keys: Iterable[str]) -> None:
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store().delete(key)


def ending_token(session: OpenSession) -> str:
    """What a mail carries to end this session, and only this one, without signing in."""
    return signing.dumps([session.pk, session.user_id], salt=_SALT)


def find_by_token(token: str) -> OpenSession | None:
    """The session that a mail's link would end; None when the link is forged, old or the session is over."""
    try:
        pk, user_id = signing.loads(token, salt=_SALT, max_age=_LINK_HOLDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return OpenSession.objects.select_related("user").filter(pk=pk, user_id=user_id).first()
