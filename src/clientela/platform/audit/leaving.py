"""Undoing what is over so many records that whoever asks should not wait: left to the worker, with progress.

What a job did its own job takes back; any other large act has a `LargeUndo` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor, actor_of
from clientela.access.models import User
from clientela.platform.audit import longacts, undo
from clientela.platform.audit.longacts import LongAct
from clientela.platform.audit.models import Change, LargeUndo
from clientela.records.changes import PAGE, Source
from clientela.records.errors import NotFound, RecordError, Refused

AT_ONCE = 2_000
"""Up to so many changes go back while one waits."""
TakeOver = Callable[[UUID, Actor], str]
_offered: list[TakeOver] = []


def offer(take_over: TakeOver) -> None:
    """Ask `take_over` about large acts: it begins to undo one of its own and returns the address where its
    progress shows, "" for an act of others; raises Refused."""
    if take_over not in _offered:
        _offered.append(take_over)


def is_large(operation_id: UUID, only: Collection[int] | None = None) -> bool:
    """Whether so many changes go back that nobody should wait for it."""
    made = Change.objects.filter(operation=operation_id).values("pk")
    return len(made[: AT_ONCE + 1] if only is None else only) > AT_ONCE


def leave(operation_id: UUID, actor: Actor, address: str = "") -> str:
    """Leave the undo of a large act to the worker; where its progress shows, "" where the act is small.

    `address`: of whoever asks. Raises Refused, NotFound as `undo.undo`.
    """
    if not is_large(operation_id):
        return ""
    undo.begin(operation_id, actor, PAGE)
    if undo.is_undone(operation_id):
        raise Refused(_("This was undone already."))
    taken = next(filter(None, (take_over(operation_id, actor) for take_over in _offered)), "")
    return taken or _begin(operation_id, actor, address)


def take_back(job: LongAct, actor: Actor, source: Source, only: Collection[int] | None = None) -> undo.Undone:
    """Undo what a job did, part by part, and tell it how far it is; one broken off goes on where it was."""
    result = undo.Undone(job.operation)
    job.put(undone=0)
    try:
        for part in undo.undo_in_parts(job.operation, actor=actor, source=source, only=only):
            result = part
            job.put(undone=part.undone)
    except NotFound:
        pass  # It changed nothing.
    return result


# --- acts that no job did -------------------------------------------------------------------------------


def _begin(operation_id: UUID, actor: Actor, address: str) -> str:
    if actor.user_id is None:
        raise Refused(_("You may not undo this."))
    with transaction.atomic():
        job, _made = LargeUndo.objects.select_for_update().get_or_create(
            operation=operation_id, defaults={"user_id": actor.user_id, "status": longacts.UNDONE}
        )
        if job.is_moving and not job.is_stale:
            raise Refused(_("This was undone already, or it is still running."))
        job.user_id, job.address = actor.user_id, address
        job.total = Change.objects.filter(operation=operation_id).count()
        job.undone, job.report, job.error = 0, {}, ""
        job.save()
        _enqueue(job)
    return reverse("act", args=[operation_id])


def _enqueue(job: LargeUndo) -> None:
    from clientela.platform.audit.tasks import undo_act

    job.put(status=longacts.UNDOING)
    transaction.on_commit(lambda: undo_act.enqueue(job.pk))


def resume_interrupted() -> int:
    """Give the worker those whose process is gone; returns how many."""
    found = LargeUndo.broken_off()
    for job in found:
        _enqueue(job)
    return len(found)


def run(job: LargeUndo) -> None:
    """Take the act back for whoever asked, with the rights that she has now."""
    user = User.objects.filter(pk=job.user_id, is_active=True).first()
    try:
        if user is None:
            raise Refused(_("You may not undo this."))
        source = Source("undo", reference=str(job.operation), address=job.address)
        result = take_back(job, actor_of(user), source)
    except RecordError as error:
        job.put(status=longacts.FAILED, error=error.message[:500], finished_at=timezone.now())
    else:
        report = {"conflicts": [list(each) for each in result.conflicts[:100]]}
        job.put(status=longacts.UNDONE, report=report, finished_at=timezone.now())


def moving(operation_id: UUID) -> LargeUndo | None:
    """The undo of an act that is under way."""
    found = LargeUndo.objects.filter(operation=operation_id, status=longacts.UNDOING).first()
    return found if found is not None and not found.is_stale else None
