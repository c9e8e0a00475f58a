"""Devices one has signed in with before: a cookie of its own, good for nothing but being recognised."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from clientela.access.models import User
from clientela.kit.ids import hash_token, new_token
from clientela.platform.signing.clients import client_of
from clientela.platform.signing.models import KnownDevice

_AGE = 400 * 24 * 3600  # the longest that browsers keep a cookie (RFC 6265bis §5.5)


def cookie_name() -> str:
    """The name of the cookie; under HTTPS bound to this host (RFC 6265bis, 4.1.3)."""
    return "__Host-device" if settings.HTTPS else "device"


def find(request: HttpRequest, email: str) -> KnownDevice | None:
    """The device of this request, if somebody with this e-mail has signed in with it before."""
    secret = request.COOKIES.get(cookie_name(), "")
    if not secret:
        return None
    return KnownDevice.objects.filter(hash=hash_token(secret), user__email__iexact=email.strip()).first()


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> bool:
    """Know this device of `user` from now on; whether it was unknown."""
    secret = request.COOKIES.get(cookie_name(), "")
    now = timezone.now()
    known = KnownDevice.objects.filter(user=user, hash=hash_token(secret)) if secret else None
    if known is not None and known.update(seen_at=now):
        return False
    # Another person's browser keeps its secret; one that never was here gets one.
    if not KnownDevice.objects.filter(hash=hash_token(secret)).exists():
        secret = new_token()
    KnownDevice.objects.create(
        user=user, hash=hash_token(secret), user_agent=client_of(request).user_agent, seen_at=now
    )
    response.set_cookie(
        cookie_name(), secret, max_age=_AGE, secure=settings.HTTPS, httponly=True, samesite="Lax", path="/"
    )
    return True


def forget_all(user: User) -> None:
    """Every device is new again, as after a stolen password."""
    KnownDevice.objects.filter(user=user).delete()
