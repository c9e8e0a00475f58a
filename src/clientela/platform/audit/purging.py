"""Old history goes into a compressed file, then out of the database: the one thing that deletes it."""

from __future__ import annotations

import datetime as dt
import gzip
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clientela.platform.audit import canonical, guard, policies, security
from clientela.platform.audit.models import Purge, Seal

FOLDER = "history"
MONTH = dt.timedelta(days=30.44)
AT_ONCE = 200
"""Blocks that go in one transaction: some 200,000 rows."""


def purge() -> int:
    """Put away what the company's rule says is too old; returns how many rows. Nothing where it keeps all.

    Only whole sealed blocks go, and nothing that could still be undone.
    """
    rule = policies.current()
    if not rule.keep_months:
        return 0
    kept = max(rule.keep_months * MONTH, dt.timedelta(days=rule.undo_days))
    gone = 0
    for log in canonical.LOGS:
        while together := _old_blocks(log, timezone.now() - kept):
            gone += _put_away(log, together)
    return gone


def _old_blocks(log: str, moment: dt.datetime) -> list[Seal]:
    """The oldest blocks sealed before `moment`; a block was written before it was sealed."""
    edge = Purge.objects.filter(log=log).order_by("-last").values_list("last", flat=True).first() or 0
    blocks = Seal.objects.filter(log=log, last__gt=edge, sealed_at__lt=moment).order_by("last")
    return list(blocks.defer("fingerprints")[:AT_ONCE])


def _put_away(log: str, blocks: Sequence[Seal]) -> int:
    first, last = blocks[0].first, blocks[-1].last
    path = _file_for(log, first, last)
    count = _write(path, log, first, last)
    name = str(path.relative_to(settings.DATA_FOLDER))
    with transaction.atomic():
        with guard.open_door():
            canonical.LOGS[log]._default_manager.filter(pk__gte=first, pk__lte=last).delete()
        digest = canonical.hash_of_file(path)
        Purge.objects.create(log=log, first=first, last=last, count=count, file=name, sha256=digest)
        security.record_event("audit_purged", detail=f"{name}: {count}")
    return count


def _file_for(log: str, first: int, last: int) -> Path:
    folder = Path(settings.DATA_FOLDER) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{log}-{first}-{last}.jsonl.gz"


def _write(path: Path, log: str, first: int, last: int) -> int:
    """The rows in their canonical form, one a line, safely on the disk before anything is deleted."""
    count, half = 0, path.with_suffix(".part")
    with half.open("wb") as raw:
        os.chmod(half, 0o600)
        with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            for _number, row in canonical.rows(log, first, last):
                file.write(row + b"\n")
                count += 1
        raw.flush()
        os.fsync(raw.fileno())
    half.replace(path)
    return count
