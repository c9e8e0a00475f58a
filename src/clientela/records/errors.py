"""Why a write or a read is refused. Messages are for people, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RecordError(Exception):
    """Base of the engine's refusals; `message` is for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(RecordError):
    """The actor may not do this."""


class NotFound(RecordError):
    """There is no such record, or the actor may not see it; the two are not told apart."""


class Invalid(RecordError):
    """Values that cannot be kept: `errors` maps a field name ("" = the whole record) to messages."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = {name: [str(text) for text in texts] for name, texts in errors.items()}
        super().__init__("; ".join(text for texts in self.errors.values() for text in texts))


class Conflict(RecordError):
    """Somebody changed the same field meanwhile: `current` maps field names to what is there now."""

    def __init__(self, message: str, current: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.current = dict(current)


class ConditionError(RecordError):
    """A condition that names an unknown field or operator, or has a value of the wrong kind."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
