"""Doing a hand-over, in one transaction where it is small, else by the worker in parts; taking it back.

One that was broken off is gone on with from where its last part ended, so that in the end all of it is done.
All its changes are of one operation, whose source says which hand-over it was.
"""

from __future__ import annotations

from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.access.actor import Actor, actor_of
from clientela.access.models import User
from clientela.platform.audit import leaving, undo
from clientela.platform.audit.models import Change
from clientela.platform.handover import letters, planned, work
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.handover.planning import Plan
from clientela.platform.people import lifecycle
from clientela.records import write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, NotFound, RecordError, Refused

TOGETHER = 2_000
"""Up to so many records are given at once, while one waits."""
PART = 500
MOST_LEFT = 200
SOURCE = "hand-over"


def begin(plan: Plan, *, operation: Operation, deactivates: bool = False, base: str = "") -> HandOver:
    """Do what the plan says, or leave it to the worker where it is much. Raises Refused, Invalid."""
    lifecycle.require_administrator(operation.actor)
    if not plan.total:
        raise Invalid({"": [_("There is nothing to hand over as it is chosen now.")]})
    with transaction.atomic():
        if _moving(plan.wish.leaver).exists():
            raise Refused(_("A hand-over of this person is under way."))
        job = HandOver.objects.create(
            leaver=plan.wish.leaver,
            by_id=person_id(operation.actor),
            plan=plan.as_data(),
            deactivates=deactivates,
            address=operation.source.address,
            operation=operation.id,
            total=plan.total,
            heartbeat_at=timezone.now(),
            base=base,
        )
        if plan.total > TOGETHER:
            enqueue(job)
        else:
            job.status, job.started_at = Status.RUNNING, timezone.now()
            job.save()
            while part(job):
                pass
            _finish(job)
    return job


def person_id(actor: Actor) -> int:
    """The id of the person who acts: hand-overs are always somebody's. Raises Refused."""
    if actor.user_id is None:
        raise Refused(_("You may not do this."))
    return actor.user_id


def _moving(leaver: User) -> Any:
    return HandOver.objects.filter(leaver=leaver, status__in=(Status.WAITING, Status.RUNNING, Status.UNDOING))


def enqueue(job: HandOver) -> None:
    """Give it to the worker, once it is committed."""
    from clientela.platform.handover.tasks import run_handover

    job.put(status=Status.WAITING)
    transaction.on_commit(lambda: run_handover.enqueue(job.pk))


def resume_interrupted() -> int:
    """Give the worker those whose process is gone, and those whose day has come; returns how many."""
    found = HandOver.broken_off()
    for job in found:
        if job.status == Status.UNDOING:
            enqueue_undo(job, actor_of(job.by))
        else:
            enqueue(job)
    return len(found) + _begin_due()


def _begin_due() -> int:
    """Several workers may look at once: only one of them finds each still planned."""
    due = HandOver.objects.filter(status=Status.PLANNED, due_at__lte=timezone.now())
    begun = 0
    for job in due.order_by("due_at", "pk"):
        with transaction.atomic():
            if HandOver.objects.filter(pk=job.pk, status=Status.PLANNED).update(status=Status.WAITING):
                enqueue(job)
                begun += 1
    return begun


def run(job: HandOver) -> None:
    """Do it, or go on with it. What goes wrong is kept in the job, with what was done until then."""
    if not job.claim():
        return
    with translation.override(job.by.language):
        try:
            _renew(job)
            while _committed_part(job):
                pass
            with transaction.atomic():
                _finish(job)
        except RecordError as error:
            _stop(job, error.message)
        except Exception:
            _stop(job, _("Something went wrong. What was done until here can be undone."))
            raise


def _renew(job: HandOver) -> None:
    """One that was planned for today is planned anew before its first record; what was given stays given."""
    if job.due_at is None or job.done:
        return
    with transaction.atomic():
        job.hold()
        planned.renew(job, _actor(job))


def _committed_part(job: HandOver) -> bool:
    """One part in a transaction of its own, unless another process has taken the job over."""
    with transaction.atomic():
        job.hold()
        return part(job)


def part(job: HandOver) -> bool:
    """Give the next records of the plan; False where none are left. Inside a transaction."""
    items = list(islice(job.items(), job.done, job.done + PART))
    if not items:
        return False
    actor = _actor(job)
    operation = Operation(actor, source_of(job), label=label_of(job.leaver), id=job.operation)
    kinds = {kind.key: kind for kind in work.kinds()}
    receivers = {receiver for _key, receiver, _pk in items}
    active = set(User.objects.filter(pk__in=receivers, is_active=True).values_list("pk", flat=True))
    for (key, receiver), together in groupby(items, key=lambda item: item[:2]):
        ids = [item[2] for item in together]
        if receiver in active:
            job.left += _give(kinds[key], job.leaver_id, receiver, ids, operation)
        else:
            job.left += _kept(kinds[key], ids)
    job.left = job.left[:MOST_LEFT]
    job.done, job.heartbeat_at = job.done + len(items), timezone.now()
    job.save(update_fields=["done", "left", "heartbeat_at"])
    return True


def _give(
    kind: work.Kind, leaver: int, receiver: int, ids: list[int], operation: Operation
) -> list[list[Any]]:
    """Make the receiver the owner of those that are still the leaver's; returns what could not be given."""
    held = kind.spec.model._default_manager.select_for_update(of=("self",)).filter(pk__in=ids)
    names = [lines.name for lines in kind.spec.lines]
    mine = held.filter(**{kind.owner: leaver}).prefetch_related(*names).order_by("pk")
    instances = list(mine)
    items = [(instance, {kind.owner: receiver}) for instance in instances]
    outcome = write.apply_many(kind.spec, items, operation=operation, trusted=True)
    return [
        [kind.key, instances[place].pk, str(instances[place])[:200], Invalid(errors).message[:300]]
        for place, errors in outcome.errors.items()
    ]


def _kept(kind: work.Kind, ids: list[int]) -> list[list[Any]]:
    """What stays because whoever should get it was deactivated meanwhile."""
    reason = _("Whoever should get it was deactivated meanwhile.")
    held = kind.spec.model._default_manager.filter(pk__in=ids).order_by("pk")
    return [[kind.key, each.pk, str(each)[:200], reason] for each in held]


def source_of(job: HandOver) -> Source:
    """Through what the changes came."""
    return Source(SOURCE, reference=str(job.pk), address=job.address)


def label_of(leaver: User) -> str:
    """What the act is called in the history."""
    return _("Hand-over of %(name)s") % {"name": leaver.name}


def _actor(job: HandOver) -> Actor:
    """Who asked for it, as she is now: one who may no longer do it changes nothing more."""
    by = User.objects.filter(pk=job.by_id, is_active=True).first()
    if by is None or not actor_of(by).is_admin:
        raise Refused(_("Whoever began this may no longer do it."))
    return actor_of(by)


def _finish(job: HandOver) -> None:
    """It is done; who leaves is deactivated, where that was asked for, in an act of its own."""
    job.status, job.finished_at = Status.DONE, timezone.now()
    if job.deactivates:
        operation = Operation(
            _actor(job), source_of(job), label=_("%(name)s left") % {"name": job.leaver.name}
        )
        try:
            with transaction.atomic():
                lifecycle.deactivate(job.leaver, operation=operation)
        except Refused as error:
            job.error = error.message[:500]
    job.save(update_fields=["status", "finished_at", "error"])
    letters.tell_later(job)


def _stop(job: HandOver, error: str) -> None:
    with transaction.atomic():
        if job.end(Status.FAILED, error):
            job.refresh_from_db()
            letters.tell_later(job)


# --- taking it back --------------------------------------------------------------------------------


def changes_of(job: HandOver, receiver: int | None = None) -> Any:
    """The changes that it made; only those of what one receiver got, where one is named."""
    made = Change.objects.filter(operation=job.operation)
    if receiver is None:
        return made
    to = [Q(record=kind.key, **{f"after__{kind.owner}": receiver}) for kind in work.kinds()]
    return made.filter(Q(*to, _connector=Q.OR))


def taken_back(job: HandOver) -> dict[int, int]:
    """By id of the receiver, how many of the records that were given to her went back."""
    takers = Change.objects.filter(undoes=job.operation).order_by().values_list("operation", flat=True)
    active = [taker for taker in takers.distinct() if not undo.is_undone(taker)]
    gone = set(Change.objects.filter(operation__in=active).values_list("record", "record_id"))
    found: dict[int, int] = {}
    for key, receiver, record in job.items() if gone else ():
        found[receiver] = found.get(receiver, 0) + ((key, record) in gone)
    return found


def take_back(job: HandOver, *, actor: Actor, receiver: int | None = None) -> undo.Undone:
    """Undo all of it, or only what one receiver got, in one transaction. Raises Refused, NotFound."""
    lifecycle.require_administrator(actor)
    if job.is_moving:
        raise Refused(_("This is still under way."))
    only = changes_to(job, receiver)
    if only is not None and not only:
        raise NotFound(_("There is nothing to undo."))
    return undo.undo(job.operation, actor=actor, source=_undoing(job), only=only)


def changes_to(job: HandOver, receiver: int | None) -> set[int] | None:
    """Ids of the changes by which one receiver got something; None for all of them."""
    return None if receiver is None else set(changes_of(job, receiver).values_list("pk", flat=True))


def _undoing(job: HandOver) -> Source:
    return Source("undo", reference=str(job.operation), address=job.address)


def enqueue_undo(job: HandOver, actor: Actor, receiver: int | None = None) -> None:
    """Leave it to the worker to take it back, or what one receiver got. Raises Refused where it runs."""
    from clientela.platform.handover.tasks import undo_handover

    lifecycle.require_administrator(actor)
    if not job.is_over:
        raise Refused(_("This is still under way."))
    job.put(status=Status.UNDOING, undone=0)
    transaction.on_commit(lambda: undo_handover.enqueue(job.pk, person_id(actor), receiver))


def take_over(operation_id: UUID, actor: Actor) -> str:
    """For `leaving`: the address of the hand-over that an act was and that goes back now. Raises Refused."""
    job = HandOver.objects.filter(operation=operation_id).first()
    if job is None:
        return ""
    enqueue_undo(job, actor)
    return reverse("handover_result", args=[job.pk])


def take_back_in_parts(job: HandOver, actor: Actor, receiver: int | None = None) -> None:
    """All of it, or what one receiver got, part by part; one that was broken off goes on where it was."""
    try:
        leaving.take_back(job, actor, _undoing(job), changes_to(job, receiver))
    finally:
        job.put(status=Status.DONE, finished_at=timezone.now())
