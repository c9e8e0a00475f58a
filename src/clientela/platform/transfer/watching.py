"""Imports that nobody works at any more are noticed, and gone on with."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob, Status
from clientela.platform.transfer.tasks import undo_import


def resume_interrupted() -> int:
    """Give the worker the imports whose process is gone; returns how many."""
    found = ImportJob.broken_off()
    for job in found:
        if job.status == Status.UNDOING:
            job.put()
            undo_import.enqueue(job.pk, job.user_id)
        else:
            services.enqueue(job, dry_run=job.dry_run)
    return len(found)


def broken_off() -> Iterator[str]:
    """A line for each import that was broken off, for `doctor`."""
    for job in ImportJob.broken_off():
        yield _("Import %(id)s was broken off (%(file)s)") % {"id": job.pk, "file": job.file_name}
