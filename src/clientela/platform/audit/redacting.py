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
from clientela.platform.audit.models import Change, Redaction, Seal

SOURCE = "erasure"
"""Through what the change came that erased: it can never be undone."""
LOG = "changes"
BATCH = 500


def redact(rows: Iterable[int], without: Callable[[Change], None], operation: UUID) -> list[Redaction]:
    """Write the changes with these ids anew, each as `without` leaves it; in the caller's transaction.

    Returns what was signed about the rows that are different now.
    """
    made: list[Redaction] = []
    with transaction.atomic(), guard.open_door():
        ids = sorted(set(rows))
        for start in range(0, len(ids), BATCH):
            made += _redact(ids[start : start + BATCH], without, operation)
    return made


def _redact(ids: list[int], without: Callable[[Change], None], operation: UUID) -> list[Redaction]:
    before = _hashes(ids)
    found = list(Change.objects.filter(pk__in=ids))
    for change in found:
        without(change)
    Change.objects.filter(pk__in=ids).delete()
    Change.objects.bulk_create(found)
    after = _hashes(ids)
    made = [
        _signed(row, before[row], after[row], operation) for row in ids if before.get(row) != after.get(row)
    ]
    return Redaction.objects.bulk_create(made)


def _hashes(ids: list[int]) -> dict[int, str]:
    names = canonical.columns(LOG)
    found = Change.objects.filter(pk__in=ids).values_list(*names)
    place = names.index("id")
    return {values[place]: sha256(canonical.form(names, values)).hexdigest() for values in found}


def _signed(row: int, sealed: str, now: str, operation: UUID) -> Redaction:
    signature = _signature(LOG, row, sealed, now, operation)
    return Redaction(log=LOG, row=row, sealed=sealed, now=now, operation=operation, signature=signature)


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
