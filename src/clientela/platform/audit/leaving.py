"""Acts over so many records that whoever asks should not wait: their jobs take them back on the worker."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from clientela.access.actor import Actor
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.records.changes import PAGE

AT_ONCE = 2_000
"""Up to so many changes go back while one waits."""
TakeOver = Callable[[UUID, Actor], str]
_offered: list[TakeOver] = []


def offer(take_over: TakeOver) -> None:
    """Ask `take_over` about large acts: it begins to undo one of its own and returns the address where its
    progress shows, "" for an act of others; raises Refused."""
    if take_over not in _offered:
        _offered.append(take_over)


def leave(operation_id: UUID, actor: Actor) -> str:
    """Leave a large act to the job that did it; the address of that, "" where the act is small or no job's.

    Raises Refused, NotFound as `undo.undo`.
    """
    if len(Change.objects.filter(operation=operation_id).values("pk")[: AT_ONCE + 1]) <= AT_ONCE:
        return ""
    undo.begin(operation_id, actor, PAGE)
    return next(filter(None, (take_over(operation_id, actor) for take_over in _offered)), "")
