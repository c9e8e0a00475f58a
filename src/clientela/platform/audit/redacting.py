"""Rows of the history written anew without personal data, so that the chain of seals still holds.

A row goes through the one door of the guard and comes back with its id and less in it. What it was sealed
as is kept as a signed hash: whoever verifies counts that hash in its place (docs/adr/0051-erasure.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from clientela.platform.audit import canonical, guard
from clientela.platform.audit.models import Redaction, Seal

SOURCE = "erasure"
"""Through what the change came that erased: it can never be undone."""
LOG = "changes"
BATCH = 500


def redact(
    rows: Iterable[int], without: Callable[[Any], None], operation: UUID, log: str = LOG
) -> list[Redaction]:
    """Write the rows of a log with these ids anew, each as `without` leaves it; in the caller's transaction.

    Returns what was signed about the rows that are different now; the others are not touched.
    """
    made: list[Redaction] = []
    with transaction.atomic(), guard.open_door():
        ids = sorted(set(rows))
        for start in range(0, len(ids), BATCH):
            made += _redact(ids[start : start + BATCH], without, operation, log)
    return made


def _redact(ids: list[int], without: Callable[[Any], None], operation: UUID, log: str) -> list[Redaction]:
    rows = canonical.LOGS[log]._default_manager
    before = hashes(ids, log)
    changed = [each for each in rows.filter(pk__in=ids) if _differs(each, without)]
    numbers = [each.pk for each in changed]
    rows.filter(pk__in=numbers).delete()
    rows.bulk_create(changed)
    after = hashes(numbers, log)
    made = [signed(log, row, before[row], after[row], operation) for row in numbers]
    return Redaction.objects.bulk_create(made)


def _differs(row: Any, without: Callable[[Any], None]) -> bool:
    names = [field.attname for field in row._meta.concrete_fields]
    before = [row.__dict__[name] for name in names]
    without(row)
    return [row.__dict__[name] for name in names] != before


def hashes(ids: Iterable[int], log: str = LOG) -> dict[int, str]:
    """By id, what each of these rows of a log hashes to as it is now."""
    names = canonical.columns(log)
    found = canonical.LOGS[log]._default_manager.filter(pk__in=list(ids)).values_list(*names)
    place = names.index("id")
    return {values[place]: sha256(canonical.form(names, values)).hexdigest() for values in found}


def signed(log: str, row: int, sealed: str, now: str, operation: UUID) -> Redaction:
    """What proves that a row was written anew by this installation; not saved yet."""
    signature = _signature(log, row, sealed, now, operation)
    return Redaction(log=log, row=row, sealed=sealed, now=now, operation=operation, signature=signature)


def _signature(log: str, row: int, sealed: str, now: str, operation: UUID, secret: str | None = None) -> str:
    text = f"{log} {row} {sealed} {now} {operation.hex}"
    return salted_hmac("clientela.audit.redaction", text, secret, algorithm="sha256").hexdigest()


def is_genuine(redaction: Redaction) -> bool:
    """Whether this installation signed it, with its secret key or an earlier one that it still knows."""
    told = (redaction.log, redaction.row, redaction.sealed, redaction.now, redaction.operation)
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(_signature(*told, key), redaction.signature) for key in keys)


class Sealed:
    """The hashes with which the rows of a block were sealed, through their redactions."""

    def __init__(self, seal: Seal) -> None:
        found = Redaction.objects.filter(log=seal.log, row__gte=seal.first, row__lte=seal.last)
        self._before = {
            (each.row, each.now): bytes.fromhex(each.sealed) for each in found if is_genuine(each)
        }
        self._marks: dict[int, bytes] = canonical.marks(bytes(seal.fingerprints)) if self._before else {}

    def hash_of(self, number: int, row: bytes) -> bytes:
        """Of the row as it is or, where that was redacted since, as it was sealed."""
        own = sha256(row).digest()
        for _step in range(len(self._before)):
            if own[: canonical.MARK] == self._marks.get(number):
                break
            before: Any = self._before.get((number, own.hex()))
            if before is None:
                break
            own = before
        return own
