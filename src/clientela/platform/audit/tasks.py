"""Large undos as jobs on the worker."""

from __future__ import annotations

from django.utils import translation
from django_tasks import task

from clientela.platform.audit import leaving
from clientela.platform.audit.models import LargeUndo


@task()
def undo_act(job_id: int) -> None:
    """Take a large act back, or go on with it."""
    job = LargeUndo.objects.select_related("user").filter(pk=job_id).first()
    if job is not None:
        with translation.override(job.user.language):
            leaving.run(job)
