"""Mails as jobs, so that no page waits for a mail server nor tells by its slowness whom it knows."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib

from django.utils import timezone
from django_tasks import task

WAITS = (60, 300, 1800, 7200)  # seconds before each further try
log = logging.getLogger(__name__)


@task()
def send(letter: str, arguments: dict[str, str | int], tried: int = 0) -> None:
    """Write and send a letter of `letters`; a server that does not answer is asked again later."""
    from clientela.platform.signing import letters

    try:
        letters.send(letter, **arguments)
    except (smtplib.SMTPException, OSError) as error:
        if tried >= len(WAITS):
            raise
        log.warning("Mail “%s” was not taken (%s); it is tried again.", letter, error)
        later = timezone.now() + dt.timedelta(seconds=WAITS[tried])
        send.using(run_after=later).enqueue(letter, arguments, tried + 1)


def send_later(letter: str, **arguments: str | int) -> None:
    """Send a letter once the transaction is written: the job is a row of it."""
    send.enqueue(letter, arguments)
