"""A row of a log in its one canonical form, and the hashes made of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import models

from clientela.platform.audit.models import Change, SecurityEvent

LOGS: dict[str, type[models.Model]] = {"changes": Change, "security": SecurityEvent}
START = "0" * 64
"""The digest before the first block."""
MARK = 8
"""Bytes of a row's hash that a block keeps of each row."""


def columns(log: str) -> list[str]:
    """The columns of a log, in the order in which they are hashed."""
    return [field.attname for field in LOGS[log]._meta.concrete_fields]


def rows(log: str, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """Id and canonical form of each row from `first` to `last`, in the order of ids, streamed."""
    names = columns(log)
    return _formed(names, _values(log, names, first, last).iterator(chunk_size=1000))


def first_rows(log: str, first: int, last: int, most: int) -> list[tuple[int, bytes]]:
    """At most `most` of `rows`, at once."""
    names = columns(log)
    return list(_formed(names, _values(log, names, first, last)[:most])) if last >= first else []


def _values(log: str, names: Sequence[str], first: int, last: int) -> Any:
    found = LOGS[log]._default_manager.filter(pk__gte=first, pk__lte=last).order_by("pk")
    return found.values_list(*names)


def _formed(names: Sequence[str], found: Iterable[Sequence[Any]]) -> Iterator[tuple[int, bytes]]:
    place = list(names).index("id")
    return ((values[place], form(names, values)) for values in found)


def form(names: Sequence[str], values: Sequence[Any]) -> bytes:
    """JSON in ASCII (RFC 8259) with sorted names and no spaces; moments in UTC, UUIDs as 32 hex digits.

    What is null is left out, so that a column added later, null in old rows, leaves their form as it was.
    """
    row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return json.dumps(row, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return value.hex if isinstance(value, UUID) else str(value)


def hash_of_file(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, read a megabyte at a time."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


class Block:
    """The hash of a block, made while its rows pass by."""

    def __init__(self, previous: str, first: int, last: int) -> None:
        self.first, self.last, self.count = first, last, 0
        self._digest = sha256(f"{previous} {first} {last}\n".encode())
        self._fingerprints = bytearray()

    def add(self, number: int, row: bytes) -> None:
        self.add_hash(number, sha256(row).digest())

    def add_hash(self, number: int, own: bytes) -> None:
        self._digest.update(own)
        self._fingerprints += number.to_bytes(8) + own[:MARK]
        self.count += 1

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    @property
    def fingerprints(self) -> bytes:
        return bytes(self._fingerprints)


def first_difference(kept: bytes, now: bytes) -> tuple[int, str]:
    """The id of the first row in which two lists of fingerprints differ, and how: altered, missing, added."""
    before, after = marks(kept), marks(now)
    for number in sorted(before.keys() | after.keys()):
        if number not in after:
            return number, "missing"
        if number not in before:
            return number, "added"
        if before[number] != after[number]:
            return number, "altered"
    return 0, "altered"


def marks(fingerprints: bytes) -> dict[int, bytes]:
    """By the id of each row of a block, the beginning of its hash."""
    size, kept = 8 + MARK, bytes(fingerprints)
    places = range(0, len(kept), size)
    return {int.from_bytes(kept[at : at + 8]): kept[at + 8 : at + size] for at in places}
