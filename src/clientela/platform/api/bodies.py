"""Actions that ask more than fields of their record: the body a program sends for one, declared beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Body:
    """`run(instance, body, *, operation)` does it, raising Invalid where the body is wrong; `schema()` is the
    JSON schema of the body."""

    run: Callable[..., Any]
    schema: Callable[[], dict[str, Any]]


_declared: dict[tuple[str, str], Body] = {}


def declare(record: str, action: str, body: Body) -> None:
    """Let programs do the action `action` of the records of kind `record`, which has a page of its own."""
    _declared[record, action] = body


def of(record: str, action: str) -> Body | None:
    """What was declared for an action; None for one that asks fields of its record only."""
    return _declared.get((record, action))
