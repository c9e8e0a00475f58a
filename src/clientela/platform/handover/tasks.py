"""Hand-overs of very much as jobs on the worker."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone, translation
from django_tasks import task

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.handover import letters, running
from clientela.platform.handover.models import HandOver

WAITS = (60, 300, 1800, 7200)  # seconds before each further try of a mail
log = logging.getLogger(__name__)


@task()
def run_handover(job_id: int) -> None:
    """Do it, or go on with it."""
    job = HandOver.objects.select_related("by", "leaver").filter(pk=job_id).first()
    if job is not None:
        running.run(job)


@task()
def undo_handover(job_id: int, user_id: int, receiver: int | None = None) -> None:
    """Take it back, or what one receiver got."""
    job = HandOver.objects.filter(pk=job_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if job is not None and user is not None:
        with translation.override(user.language):
            running.take_back_in_parts(job, actor_of(user), receiver)


@task()
def tell(job_id: int, user_id: int, status: str, tried: int = 0) -> None:
    """Mail one person how it ended; a server that does not answer is asked again later."""
    job = HandOver.objects.select_related("by", "leaver").filter(pk=job_id).first()
    person = User.objects.filter(pk=user_id).first()
    if job is None or person is None:
        return
    try:
        letters.send_once(job, person, status)
    except OSError as error:  # what mail servers refuse is one too
        if tried >= len(WAITS):
            raise
        log.warning("A mail about a hand-over was not taken (%s); it is tried again.", error)
        later = timezone.now() + dt.timedelta(seconds=WAITS[tried])
        tell.using(run_after=later).enqueue(job_id, user_id, status, tried + 1)
