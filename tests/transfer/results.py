"""What tests ask of an import that is done."""

from __future__ import annotations

from clientela.platform.transfer.models import ImportJob


def counts(job: ImportJob) -> tuple[int, int, int, int]:
    """Rows created, updated, skipped and rejected."""
    return job.created, job.updated, job.skipped, job.rejected
