"""The list of erasures, in a file of the data folder: a backup that is put back brings the erased back too.

A line says which record, never who it was. Kept apart from backups, it is applied again after one was put
back: `clientela manage erase_again` (GDPR article 17; docs/how-to/administer.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from clientela.platform.audit.models import Change, SecurityEvent
from clientela.platform.privacy.holdings import Held
from clientela.records import changes, registry
from clientela.records.changes import Operation
from clientela.records.spec import Spec

Line = dict[str, Any]
NAME = "erasures.jsonl"


def path() -> Path:
    """Where the list is."""
    return Path(settings.DATA_FOLDER) / NAME


def keep(held: Held, *, notes: bool, files: bool, operation: Operation) -> None:
    """Add an erasure to the list once it is committed, unless it is there already."""
    line = {
        "record": held.spec.key,
        "id": held.record_id,
        "made": made_at(held.spec, held.record_id),
        "notes": notes,
        "files": files,
        "at": timezone.now().isoformat(timespec="seconds"),
        "operation": operation.id.hex,
    }
    transaction.on_commit(lambda: _append(line))


def made_at(spec: Spec, record_id: int) -> str:
    """When the record was made, so that another one that got the same id is not taken for it."""
    there = spec.model._base_manager.filter(pk=record_id).values_list("created_at", flat=True).first()
    if there is not None:
        return str(there.isoformat())
    rows = Change.objects.filter(record=spec.key, record_id=record_id, verb=changes.DELETE)
    before = rows.order_by("-pk").values_list("before", flat=True).first() or {}
    return str(before.get("created_at") or "")


def _append(line: Line) -> None:
    known = {_same(each) for each in read([path()])}
    if _same(line) in known:
        return
    with path().open("a", encoding="utf-8") as file:
        os.chmod(path(), 0o600)
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _same(line: Line) -> tuple[Any, ...]:
    return line["record"], line["id"], line["made"]


def read(paths: Iterable[Path]) -> Iterator[Line]:
    """The lines of these lists, oldest first, each record once for each list."""
    for each in paths:
        if each.is_file():
            for text in each.read_text(encoding="utf-8").splitlines():
                yield json.loads(text)


def is_needed(line: Line) -> bool:
    """Whether the record is here and was not erased in this database."""
    spec = registry.find(line["record"])
    if spec is None or made_at(spec, line["id"])[:19] != line["made"][:19]:
        return False
    done = SecurityEvent.objects.filter(
        kind="personal_data_erased", detail__startswith=f"{spec.key}:{line['id']} "
    )
    return bool(line["made"]) and not done.exists()
