"""What an actor is kept to beside the rights of the person: the scope of an API token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

READ_VERBS = frozenset({"see", "export"})
READ, WRITE = "read", "write"


@dataclass(frozen=True, slots=True)
class Limits:
    """The kinds of record (by key) that may be read and written; None is every kind there is.

    A kind that may be written may be read too. Limits take away, they never give.
    """

    read: frozenset[str] | None = None
    write: frozenset[str] | None = None

    @classmethod
    def nothing(cls) -> Limits:
        """Neither reads nor writes anything."""
        return cls(frozenset(), frozenset())

    @classmethod
    def read_only(cls) -> Limits:
        """Reads whatever the person may see, and writes nothing."""
        return cls(None, frozenset())

    @classmethod
    def of(cls, levels: Mapping[str, str]) -> Limits:
        """From the key of each kind to "read" or "write". Raises ValueError for another level."""
        unknown = set(levels.values()) - {READ, WRITE}
        if unknown:
            raise ValueError(f"There is no level {sorted(unknown)[0]!r}")
        return cls(frozenset(levels), frozenset(key for key, level in levels.items() if level == WRITE))

    @classmethod
    def from_json(cls, kept: Any) -> Limits:
        """What `to_json` gave; anything that cannot be read allows nothing."""
        if not isinstance(kept, dict) or set(kept) != {READ, WRITE}:
            return cls.nothing()
        read, write = kept[READ], kept[WRITE]
        if not (_is_keys(read) and _is_keys(write)):
            return cls.nothing()
        return cls(None if read is None else frozenset(read), None if write is None else frozenset(write))

    def to_json(self) -> dict[str, list[str] | None]:
        return {
            READ: None if self.read is None else sorted(self.read),
            WRITE: None if self.write is None else sorted(self.write),
        }

    def allow(self, verb: str, key: str) -> bool:
        """Whether `verb` (see `policy.VERBS`) to records of this kind is within the limits."""
        if verb in READ_VERBS:
            return self.read is None or key in self.read or (self.write is not None and key in self.write)
        return self.write is None or key in self.write


def _is_keys(kept: Any) -> bool:
    return kept is None or (isinstance(kept, list) and all(isinstance(key, str) for key in kept))
