"""What people were refused: kept once a minute for a person and a page, so that a loop fills no log."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from clientela.access.models import User
from clientela.platform.audit import security

_EVERY = 60  # seconds


def note(request: HttpRequest) -> None:
    """Keep that a page was refused to whoever is signed in; visitors are in the log of the server."""
    if isinstance(request.user, User):
        note_of(request, request.user)


def note_of(request: HttpRequest, user: User, token: str = "") -> None:
    """Keep that something was refused to `user`, or to the program with his `token` (its first letters)."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    if cache.add(f"refused:{user.pk}:{token}:{request.method}:{view}", True, _EVERY):
        what = f"{request.method} {request.path_info} {token}".strip()
        security.record_event(security.ACCESS_REFUSED, user=user, request=request, detail=what)
