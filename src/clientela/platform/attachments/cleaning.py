"""Bytes that nothing can bring back any more leave the disk: the one thing that deletes them."""

from __future__ import annotations

import datetime as dt
import logging
import time
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clientela.access.actor import SYSTEM
from clientela.platform.attachments import services, storing
from clientela.platform.attachments.models import Attachment, StoredFile
from clientela.platform.audit import policies
from clientela.platform.audit.models import Change
from clientela.platform.transfer.models import ImportJob
from clientela.records import changes, registry, write
from clientela.records.changes import Operation

EVERY = dt.timedelta(days=1)
LEFT_BEHIND = 24 * 3600
"""Seconds after which bytes without a row are of an upload that was broken off."""
BATCH = 500
_last: list[dt.datetime] = []


def work() -> None:
    """`clean`, once a day in this process."""
    now = timezone.now()
    if _last and now - _last[0] < EVERY:
        return
    _last[:] = [now]
    clean()


def clean() -> int:
    """Delete what is too old to come back; returns how many files' bytes went."""
    edge = timezone.now() - dt.timedelta(days=policies.current().undo_days)
    _let_go_of_lost(edge)
    gone = 0
    hanging = Attachment.objects.filter(stored=OuterRef("token"))
    unused = StoredFile.objects.filter(~Exists(hanging), kept_at__lt=edge)
    kept = _may_come_back(edge)
    for stored in unused.iterator(chunk_size=BATCH):
        if stored.token not in kept:
            storing.forget(stored.token)
            stored.delete()
            gone += 1
    return gone + _sweep_folder()


def _let_go_of_lost(edge: dt.datetime) -> None:
    """Files of records that were deleted longer ago than a deletion can be undone."""
    for spec in registry.every():
        if not spec.timeline:
            continue
        there = spec.model._default_manager.filter(pk=OuterRef("record_id"))
        lost = Attachment.objects.filter(~Exists(there), record=spec.key)
        recent = Change.objects.filter(
            record=spec.key, record_id=OuterRef("record_id"), verb=changes.DELETE, at__gte=edge
        )
        found = list(lost.filter(~Exists(recent), created_at__lt=edge)[:BATCH])
        if found:
            operation = Operation(SYSTEM, changes.SYSTEM)
            write.delete(registry.get(services.KEY), found, operation=operation, trusted=True)


def _may_come_back(edge: dt.datetime) -> set[str]:
    """Tokens of the files whose deletion, or the undo of whose attaching, can still be undone."""
    recent = Change.objects.filter(record=services.KEY, verb=changes.DELETE, at__gte=edge)
    return {str(before.get("stored", "")) for before in recent.values_list("before", flat=True).iterator()}


def _is_of_an_import(found: Path) -> bool:
    """Uploads of imports, and the rows not taken, stay for as long as their import can be undone."""
    kept = policies.current().undo_days * 24 * 3600
    named = ImportJob.objects.filter(Q(path=str(found)) | Q(rejects_path=str(found)))
    return found.stat().st_mtime > time.time() - kept and named.exists()


def _sweep_folder() -> int:
    """Bytes that no row names: of an upload whose transaction did not end well."""
    gone, edge = 0, time.time() - LEFT_BEHIND
    for found in Path(settings.MEDIA_ROOT).glob("*/*"):
        token = found.name.partition(".")[0]
        if found.stat().st_mtime > edge or StoredFile.objects.filter(token=token).exists():
            continue
        if _is_of_an_import(found):
            continue
        found.unlink(missing_ok=True)
        gone += 1
        logging.getLogger(__name__).info("left behind: %s", found.name)
    return gone
