"""Changes to very many records as jobs on the worker."""

from __future__ import annotations

from django.utils import translation
from django_tasks import task

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.editing import jobs
from clientela.platform.editing.models import BulkJob


@task()
def run_bulk(job_id: int) -> None:
    """Do it, or go on with it."""
    job = BulkJob.objects.filter(pk=job_id).first()
    if job is not None:
        jobs.run(job)


@task()
def undo_bulk(job_id: int, user_id: int) -> None:
    """Take it back."""
    job = BulkJob.objects.filter(pk=job_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if job is not None and user is not None:
        with translation.override(actor_of(user).language):
            jobs.undo_job(job, actor_of(user))
