"""Records of the test cast, made through the ordinary door."""

from __future__ import annotations

from typing import Any

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.records import registry, write
from clientela.records.changes import SYSTEM, Operation


def by(user: User, label: str = "") -> Operation:
    """A new operation of a person."""
    return Operation(actor_of(user), SYSTEM, label=label)


def make(key: str, user: User, **values: Any) -> Any:
    """A record of this kind that `user` makes, and so owns."""
    return write.create(registry.get(key), values, operation=by(user))


def change(key: str, instance: Any, user: User, **values: Any) -> Any:
    return write.change(registry.get(key), instance, values, operation=by(user))
