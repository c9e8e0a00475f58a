"""What the worker does for the history besides its jobs: seals every minute, puts old rows away every day."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from clientela.platform.audit import purging, sealing

SEAL_EVERY = dt.timedelta(minutes=1)
PURGE_EVERY = dt.timedelta(days=1)
_done: dict[str, dt.datetime] = {}


def work() -> None:
    """Do what is due in this process; several workers may do it at once."""
    if _is_due("seal", SEAL_EVERY):
        sealing.seal()
    if _is_due("purge", PURGE_EVERY):
        purging.purge()


def _is_due(name: str, every: dt.timedelta) -> bool:
    now = timezone.now()
    if name in _done and now - _done[name] < every:
        return False
    _done[name] = now
    return True
