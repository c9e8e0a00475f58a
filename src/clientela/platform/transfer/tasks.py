"""Imports as jobs on the worker."""

from __future__ import annotations

from django.utils import translation
from django_tasks import task

from clientela.access.actor import SYSTEM, Actor, actor_of
from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob, Status
from clientela.records.errors import RecordError


@task(queue_name="transfer")
def run_import(job_id: int) -> None:
    """Do an import, or go on with it."""
    job = ImportJob.objects.filter(pk=job_id).first()
    if job is not None:
        services.run(job)


@task(queue_name="transfer")
def undo_import(job_id: int, user_id: int | None) -> None:
    """Take an import back; without a person, as the system, whose import it was."""
    job = ImportJob.objects.filter(pk=job_id).first()
    actor = _whoever_it_is(user_id)
    if job is not None and actor is not None:
        with translation.override(actor.language):
            _undo(job, actor)


def _whoever_it_is(user_id: int | None) -> Actor | None:
    from clientela.access.models import User

    if user_id is None:
        return SYSTEM
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return actor_of(user) if user is not None else None


def _undo(job: ImportJob, actor: Actor) -> None:
    """Where it is refused, the import is done as before and says why: nobody takes it up again."""
    try:
        services.undo_job(job, actor)
    except RecordError as error:
        undoing = ImportJob.objects.filter(pk=job.pk, status=Status.UNDOING)
        undoing.update(status=Status.DONE, error=str(error))
