"""Imports as jobs on the worker."""

from __future__ import annotations

from django.utils import translation
from django_tasks import task

from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob


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
            services.undo_job(job, actor)
