"""How many calls one person or token may make in a minute: generous, so that only a loop meets it.

Counted in the cache and nowhere else: no query. Without Redis each server process counts for itself.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from clientela.access.models import User
from clientela.platform.audit import security

MINUTE = 60  # seconds


def seconds_to_wait(who: str) -> int:
    """Count one call of `who` ("user:7", "token:3"); 0 where it may go on, else the rest of the minute."""
    most = settings.CALLS_PER_MINUTE
    if not most:
        return 0
    minute, passed = divmod(int(time.time()), MINUTE)
    return MINUTE - passed if _count(f"calls:{who}:{minute}") > most else 0


def _count(key: str) -> int:
    if cache.add(key, 1, 2 * MINUTE):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # dropped by the cache in between
        return 1


def note(request: HttpRequest, user: User, who: str) -> None:
    """Keep that somebody was too quick, once in five minutes."""
    if cache.add(f"too-quick:{who}", True, 5 * MINUTE):
        security.record_event("too_many_attempts", user=user, request=request, detail=f"calls {who}")
