"""What a write leaves behind: one `Change` a record, grouped by the `Operation` that made them.

Listeners are called with the changes inside the transaction (`journal`, for audit and search) or after
commit (`after_commit`, for effects outside). Values in `before` and `after` are JSON values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from clientela.access.actor import Actor
from clientela.kit.ids import uuid7

if TYPE_CHECKING:
    from clientela.records.spec import Spec

CREATE, UPDATE, DELETE = "create", "update", "delete"


@dataclass(frozen=True, slots=True)
class Source:
    """Through what a change came: page, api, import, rule, undo, system; `reference` says which one."""

    kind: str
    reference: str = ""
    address: str = ""


PAGE = Source("page")
API = Source("api")
SYSTEM = Source("system")


@dataclass(frozen=True, slots=True)
class Operation:
    """One act of one actor; everything changed in it is undone together."""

    actor: Actor
    source: Source
    label: str = ""
    id: UUID = field(default_factory=uuid7)
    undoes: UUID | None = None
    at: datetime | None = None
    """When it happened, if not now: what is told afterwards, as by an import of a history."""


@dataclass(slots=True)
class Change:
    """What was done to one record: `before` and `after` hold only the fields that changed, as JSON values."""

    spec: Spec
    record_id: int
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    title: str = ""
    instance: Any = None
    id: int | None = None


Listener = Callable[[Operation, Sequence[Change]], None]
_journal: list[Listener] = []
_committed: list[Listener] = []


def journal(listener: Listener) -> Listener:
    """Call `listener` with every change, inside the transaction that makes it."""
    if listener not in _journal:
        _journal.append(listener)
    return listener


def after_commit(listener: Listener) -> Listener:
    """Call `listener` with every change once it is committed."""
    if listener not in _committed:
        _committed.append(listener)
    return listener


def publish(operation: Operation, changes: Sequence[Change]) -> None:
    """Tell the record's own follower, the journal and, after commit, the rest."""
    if not changes:
        return
    for spec, own in _by_spec(changes).items():
        if spec.written is not None:
            spec.written(operation, own)
    for listener in _journal:
        listener(operation, changes)
    if _committed:
        transaction.on_commit(lambda: _tell_committed(operation, changes))


def _by_spec(changes: Sequence[Change]) -> dict[Spec, list[Change]]:
    grouped: dict[Spec, list[Change]] = {}
    for change in changes:
        grouped.setdefault(change.spec, []).append(change)
    return grouped


def _tell_committed(operation: Operation, changes: Sequence[Change]) -> None:
    for listener in _committed:
        listener(operation, changes)
