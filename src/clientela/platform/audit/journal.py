"""Keeps every change in the same transaction that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from clientela.platform.audit import models
from clientela.records import rows
from clientela.records.changes import Change, Operation


def keep(operation: Operation, made: Sequence[Change]) -> None:
    """Write the changes down in the transaction that made them; each gets the id of its row."""
    shared = _shared(operation)
    ids = rows.insert_values(models.Change, [{**shared, **_own(change)} for change in made])
    for change, number in zip(made, ids, strict=True):
        change.id = number


def _shared(operation: Operation) -> dict[str, Any]:
    return {
        "at": operation.at or timezone.now(),
        "operation": operation.id,
        "undoes": operation.undoes,
        "actor_id": operation.actor.user_id,
        "on_behalf_of_id": operation.actor.on_behalf_of,
        "source": operation.source.kind,
        "reference": operation.source.reference,
        "address": operation.source.address,
        "label": str(operation.label)[:200],
    }


def _own(change: Change) -> dict[str, Any]:
    return {
        "record": change.spec.key,
        "record_id": change.record_id,
        "verb": change.verb,
        "title": change.title[:255],
        "before": change.before,
        "after": change.after,
    }
