"""Changes to very many records: kept, done by the worker part by part under one operation, undone as one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.access.actor import Actor, actor_of
from clientela.access.models import User
from clientela.platform.audit import leaving
from clientela.platform.editing import acts
from clientela.platform.editing.models import BulkJob, BulkStatus
from clientela.platform.lists import listing
from clientela.records import registry
from clientela.records.changes import Operation, Source
from clientela.records.errors import ConditionError, NotFound, RecordError, Refused
from clientela.records.spec import Spec

PART = 500
ONLY_HERE = ("csrfmiddlewaretoken", "ids", "confirmed", "all_matching", "from")


def begin(spec: Spec, post: QueryDict, *, operation: Operation, total: int) -> BulkJob:
    """Keep what was confirmed, and leave it to the worker. The records made from now on stay out of it."""
    asked = post.copy()
    for name in ONLY_HERE:
        asked.pop(name, None)
    actor, origin = operation.actor, post.get("from", "")
    last = listing.read(spec, actor, origin).rows(actor).order_by().aggregate(last=Max("pk"))["last"]
    job = BulkJob.objects.create(
        record=spec.key,
        user_id=_person(actor),
        request=asked.urlencode(),
        origin=origin,
        label=operation.label[:200],
        address=operation.source.address,
        operation=operation.id,
        total=total,
        highest=last or 0,
        heartbeat_at=timezone.now(),
    )
    enqueue(job)
    return job


def _person(actor: Actor) -> int:
    """The id of the person who acts: these are always somebody's."""
    if actor.user_id is None:
        raise Refused(_("You may not do this."))
    return actor.user_id


def enqueue(job: BulkJob) -> None:
    """Give it to the worker, once it is committed."""
    from clientela.platform.editing.tasks import run_bulk

    job.put(status=BulkStatus.WAITING)
    transaction.on_commit(lambda: run_bulk.enqueue(job.pk))


def enqueue_undo(job: BulkJob, actor: Actor) -> None:
    """Raises Refused where it runs, or where nothing is there to take back."""
    from clientela.platform.editing.tasks import undo_bulk

    if not job.is_over:
        raise Refused(_("This was undone already, or it is still running."))
    job.put(status=BulkStatus.UNDOING)
    transaction.on_commit(lambda: undo_bulk.enqueue(job.pk, _person(actor)))


def take_over(operation_id: UUID, actor: Actor) -> str:
    """For `leaving`: the address of the job that did an act and now takes it back. Raises Refused."""
    job = BulkJob.objects.filter(operation=operation_id).first()
    if job is None or job.status == BulkStatus.UNDONE:
        return ""
    enqueue_undo(job, actor)
    return reverse("bulk_job", args=[job.pk])


def job_for(job_id: int, actor: Actor) -> BulkJob:
    """One's own, or any for an administrator; raises NotFound."""
    found = BulkJob.objects.filter(pk=job_id).first()
    if found is None or not (actor.is_admin or found.user_id == actor.user_id):
        raise NotFound(_("There is no such change."))
    return found


def resume_interrupted() -> int:
    """Give the worker those whose process is gone; returns how many."""
    found = BulkJob.broken_off()
    for job in found:
        if job.status == BulkStatus.UNDOING:
            enqueue_undo(job, actor_of(User.objects.get(pk=job.user_id)))
        else:
            enqueue(job)
    return len(found)


def run(job: BulkJob) -> None:
    """Do it, or go on with it. What goes wrong is kept in the job, with what was done until then."""
    if not job.claim():
        return
    with translation.override(actor_of(User.objects.get(pk=job.user_id)).language):
        _work(job)


def _work(job: BulkJob) -> None:
    try:
        while _part(job):
            pass
    except (RecordError, ConditionError) as error:
        job.end(BulkStatus.FAILED, error.message)
    except Exception:
        job.end(BulkStatus.FAILED, _("Something went wrong. What was done until here can be undone."))
        raise
    else:
        job.end(BulkStatus.DONE)


def _actor(job: BulkJob) -> Actor:
    """The person as they are now: one who left, or lost a right, changes nothing more."""
    user = User.objects.filter(pk=job.user_id, is_active=True).first()
    if user is None:
        raise Refused(_("You may not do this."))
    return actor_of(user)


def _part(job: BulkJob) -> bool:
    """One part in one transaction, with its count; False where nothing is left."""
    spec, actor, post = registry.get(job.record), _actor(job), QueryDict(job.request)
    act = acts.act_of(spec, actor, post)
    matching = listing.read(spec, actor, job.origin).rows(actor)
    waiting = matching.filter(pk__gt=job.last, pk__lte=job.highest).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:PART])
    if not ids:
        return False
    with transaction.atomic():
        job.hold()
        rows = acts.rows_of(spec, actor, post.get("do", ""), ids)
        job.done += act(rows, _operation(job, actor))
        job.last, job.seen, job.heartbeat_at = ids[-1], job.seen + len(ids), timezone.now()
        job.save(update_fields=["done", "last", "seen", "heartbeat_at"])
    return True


def _operation(job: BulkJob, actor: Actor) -> Operation:
    return Operation(actor, Source("page", address=job.address), label=job.label, id=job.operation)


def undo_job(job: BulkJob, actor: Actor) -> None:
    """Take all of it back, part by part; one that was broken off goes on where it was.

    Where it is refused, it is done as before and says why: nobody takes it up again.
    """
    try:
        result = leaving.take_back(job, actor, Source("undo", reference=str(job.operation)))
    except RecordError as error:
        job.put(status=BulkStatus.DONE, error=error.message[:500])
        return
    report = {"conflicts": [list(each) for each in result.conflicts[:100]]}
    job.put(status=BulkStatus.UNDONE, report=report, finished_at=timezone.now())
