"""Hand-overs of very much as jobs on the worker."""

from __future__ import annotations

from django.utils import translation
from django_tasks import task

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.handover import running
from clientela.platform.handover.models import HandOver


@task()
def run_handover(job_id: int) -> None:
    """Do it, or go on with it."""
    job = HandOver.objects.select_related("by", "leaver").filter(pk=job_id).first()
    if job is not None:
        running.run(job)


@task()
def undo_handover(job_id: int, user_id: int) -> None:
    """Take it back."""
    job = HandOver.objects.filter(pk=job_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if job is not None and user is not None:
        with translation.override(user.language):
            running.take_back_in_parts(job, actor_of(user))
