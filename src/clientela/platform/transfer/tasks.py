"""Imports as jobs on the worker."""

from __future__ import annotations

from django.utils import translation
from django_tasks import task

from clientela.access.actor import Actor
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
def undo_import(job_id: int, user_id: int) -> None:
    """Take an import back."""
    from clientela.access.actor import actor_of
    from clientela.access.models import User

    job = ImportJob.objects.filter(pk=job_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if job is not None and user is not None:
        actor = actor_of(user)
        with translation.override(actor.language):
            _undo(job, actor)


def _undo(job: ImportJob, actor: Actor) -> None:
    """Where it is refused, the import is done as before and says why: nobody takes it up again."""
    try:
        services.undo_job(job, actor)
    except RecordError as error:
        undoing = ImportJob.objects.filter(pk=job.pk, status=Status.UNDOING)
        undoing.update(status=Status.DONE, error=str(error))
