"""Files of old history written anew without personal data, so that the chain of seals still holds.

As `redacting` does with the rows of the database: the line changes, its hash as it was sealed is kept signed.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from clientela.platform.audit import canonical, guard, redacting
from clientela.platform.audit.models import Change, Purge, Redaction
from clientela.platform.audit.purging import FOLDER


def rewrite(without: Callable[[Change], None], operation: UUID) -> list[Redaction]:
    """Write each file of old changes that is still here anew, as `without` leaves its rows.

    In the caller's transaction; the old files go after its commit, and `drop` takes the new ones away where
    it fails. Returns what was signed.
    """
    made: list[Redaction] = []
    for purge in Purge.objects.filter(log=redacting.LOG).order_by("pk"):
        if (Path(settings.DATA_FOLDER) / purge.file).exists():
            made += _rewrite(purge, without, operation)
    return made


def drop(operation: UUID) -> None:
    """Delete the files that this operation wrote."""
    for path in (Path(settings.DATA_FOLDER) / FOLDER).glob(f"*.{operation.hex}.*"):
        path.unlink(missing_ok=True)


def _rewrite(purge: Purge, without: Callable[[Change], None], operation: UUID) -> list[Redaction]:
    old = Path(settings.DATA_FOLDER) / purge.file
    new = old.with_name(f"{purge.log}-{purge.first}-{purge.last}.{operation.hex}.jsonl.gz")
    made: list[Redaction] = []
    with new.open("wb") as raw:
        os.chmod(new, 0o600)
        with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            for line in _lines(old):
                now = _without(line, without)
                file.write(now + b"\n")
                if now != line:
                    made.append(_signed(purge.log, line, now, operation))
        raw.flush()
        os.fsync(raw.fileno())
    if not made:
        new.unlink()
        return []
    _put_in_place(purge, old, new)
    return Redaction.objects.bulk_create(made)


def _put_in_place(purge: Purge, old: Path, new: Path) -> None:
    """The note of what was put away says the new file; it goes by the door as rows of the history do."""
    with guard.open_door():
        Purge.objects.filter(pk=purge.pk).delete()
        purge.file = str(new.relative_to(settings.DATA_FOLDER))
        purge.sha256 = canonical.hash_of_file(new)
        purge.save(force_insert=True)
    transaction.on_commit(lambda: old.unlink(missing_ok=True))


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def _without(line: bytes, without: Callable[[Change], None]) -> bytes:
    row = json.loads(line)
    change = Change(**{**row, "operation": UUID(row["operation"])})
    without(change)
    told = {"title": change.title, "label": change.label, "before": change.before, "after": change.after}
    if all(row[name] == value for name, value in told.items()):
        return line
    row |= told
    return canonical.form(list(row), list(row.values()))


def _signed(log: str, before: bytes, now: bytes, operation: UUID) -> Redaction:
    number = json.loads(before)["id"]
    return redacting.signed(log, number, sha256(before).hexdigest(), sha256(now).hexdigest(), operation)
