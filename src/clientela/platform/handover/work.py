"""What counts as somebody's work: every kind of record that has an owner whom one may change.

A room says more of its kind with `declare`: which of its records are still open (the rest keeps its owner),
which linked records it goes along with, where its territory is found, and what it is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.records import conditions, refs, registry
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Work:
    """`open`: a condition (JSON tree) that open records meet; {} for all. `follows`: links whose record's
    owner becomes this one's. `territory`: path to a declared territory. `amount`: a column in the company's
    currency."""

    open: Mapping[str, Any] = field(default_factory=dict)
    follows: tuple[str, ...] = ()
    territory: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of record that people look after, with what was declared of it."""

    spec: Spec
    work: Work

    @property
    def key(self) -> str:
        return self.spec.key

    @property
    def owner(self) -> str:
        """Name of the field with whoever looks after a record."""
        return self.spec.access.owner

    def rows(self, condition: Mapping[str, Any], actor: Actor) -> Any:
        """All records of the kind that meet a condition, whoever may see them."""
        rows = self.spec.model._default_manager.order_by()
        return rows.filter(conditions.compile_condition(self.spec, dict(condition), actor))

    def open_rows(self, actor: Actor) -> Any:
        """Those that somebody still has to work at."""
        return self.rows(self.work.open, actor)

    def closed_rows(self, actor: Actor) -> Any:
        """The others, which keep their owner."""
        if not self.work.open:
            return self.spec.model._default_manager.none()
        return self.rows({"not": dict(self.work.open)}, actor)

    def of(self, rows: Any, *people: User) -> Any:
        """Those among `rows` that these people look after."""
        return rows.filter(Q(**{f"{self.owner}__in": [person.pk for person in people]}))


_declared: dict[type[Model], Work] = {}


def declare(model: type[Model], **said: Any) -> None:
    """Say of a kind of record what `Work` has fields for."""
    _declared[model] = Work(**said)


def kinds() -> list[Kind]:
    """The kinds that people look after, those that others go along with first."""
    waiting = [Kind(spec, _declared.get(spec.model, Work())) for spec in registry.every() if _is_owned(spec)]
    waiting.sort(key=lambda kind: (kind.spec.menu or 1000, kind.key))
    ordered: list[Kind] = []
    while waiting:
        keys = {kind.key for kind in waiting}
        free = [kind for kind in waiting if not keys & (_followed(kind) - {kind.key})] or waiting
        ordered += free
        waiting = [kind for kind in waiting if kind not in free]
    return ordered


def _followed(kind: Kind) -> set[str]:
    known = refs.fields_of(kind.spec)
    return {target.key for name in kind.work.follows if (target := known[name].target) is not None}


def _is_owned(spec: Spec) -> bool:
    """Whether it has an owner, and one who can change: whoever wrote a note remains who wrote it."""
    ref = refs.fields_of(spec).get(spec.access.owner) if spec.access.owner else None
    field = ref.field if ref is not None else None
    return field is not None and field.editable and field.related_model is User
