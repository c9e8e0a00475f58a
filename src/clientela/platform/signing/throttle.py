"""Slowing down whoever guesses, without locking out whom he guesses at.

Failures are counted for an account *from one address* (or from one known device), so a stranger's guesses
never stop the person herself elsewhere. The wait doubles with each failure after the free ones. The counts
are in the database: all processes see the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from clientela.platform.signing.models import Attempts

FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=1)
FORGOTTEN_AFTER = dt.timedelta(hours=24)
_SALT = "clientela.platform.signing.throttle"


@dataclass(frozen=True, slots=True)
class Limit:
    """What is counted, and how often it may fail before one has to wait."""

    what: str
    free: int

    @property
    def key(self) -> str:
        return salted_hmac(_SALT, self.what, algorithm="sha256").hexdigest()


def take(limits: Iterable[Limit]) -> dt.timedelta | None:
    """Count one attempt against each limit; how long to wait where it may not be made at all.

    The attempt counts as a failure until `forgive`: guesses sent at once are all counted.
    """
    # Always in one order, or two could wait on each other.
    limits = sorted(limits, key=lambda limit: limit.key)
    if not Attempts.objects.filter(key=limits[0].key).exists():
        forget_old()
    with transaction.atomic():
        rows = [_row(limit) for limit in limits]
        now = timezone.now()
        waits = [row.blocked_until - now for row in rows if row.blocked_until and row.blocked_until > now]
        if waits:
            return max(waits)
        for limit, row in zip(limits, rows, strict=True):
            _count(limit, row, now)
    return None


def forgive(limits: Iterable[Limit]) -> None:
    """Forget the failures: it was the right person."""
    Attempts.objects.filter(key__in=[limit.key for limit in limits]).delete()


def forget_old() -> int:
    """Drop counts that no longer matter; how many."""
    return Attempts.objects.filter(last_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()[0]


def wait_in_words(wait: dt.timedelta) -> str:
    """ "Too many attempts. Try again in 2 minutes." in the reader's language."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return ngettext(
        "Too many attempts from here. Try again in one minute.",
        "Too many attempts from here. Try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}


def _row(limit: Limit) -> Attempts:
    Attempts.objects.get_or_create(key=limit.key)
    return Attempts.objects.select_for_update().get(key=limit.key)


def _count(limit: Limit, row: Attempts, now: dt.datetime) -> None:
    if row.last_at < now - FORGOTTEN_AFTER:
        row.failures = 0
    row.failures += 1
    row.last_at = now
    doublings = row.failures - limit.free
    if doublings >= 0:
        row.blocked_until = now + min(FIRST_WAIT * 2 ** min(doublings, 10), LONGEST_WAIT)
    row.save()
