"""The search as a job of the worker, every hour around what changed."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django_tasks import task

from clientela.platform.duplicates import comparison, finding
from clientela.platform.duplicates.models import Progress
from clientela.records import registry

EVERY = dt.timedelta(hours=1)
# A search that has not ended by then was broken off.
PATIENCE = dt.timedelta(hours=3)


@task()
def find_duplicates(record: str, whole: bool = False) -> int:
    """Search one kind of record; returns how many pairs were found."""
    spec = registry.find(record)
    compared = comparison.of(spec) if spec is not None else None
    return finding.search(compared, whole=whole).pairs if compared is not None else 0


def ask(record: str, *, whole: bool = False) -> bool:
    """Have a kind of record searched soon; False where that is under way already."""
    now = timezone.now()
    progress, _made = Progress.objects.get_or_create(record=record, defaults={"started_at": now - PATIENCE})
    ended = progress.finished_at is not None and progress.finished_at >= progress.started_at
    if not ended and progress.started_at > now - PATIENCE:
        return False
    # One worker of several takes it.
    taken = Progress.objects.filter(pk=progress.pk, started_at=progress.started_at).update(started_at=now)
    if taken:
        find_duplicates.enqueue(record, whole)
    return bool(taken)


def ask_when_due() -> None:
    """Have every kind searched whose last search ended an hour ago; called by the worker now and then."""
    now = timezone.now()
    recent = set(Progress.objects.filter(finished_at__gt=now - EVERY).values_list("record", flat=True))
    for compared in comparison.every():
        if compared.key not in recent:
            ask(compared.key)
