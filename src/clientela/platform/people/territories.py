"""Parts of the market that people share among themselves, declared by the rooms that have such a kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from clientela.access.models import User
from clientela.records import registry, write
from clientela.records.changes import Operation
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Territory:
    """`record`: key of the kind; `people`: its field with whom each one is divided among."""

    record: str
    people: str

    @property
    def spec(self) -> Spec:
        return registry.get(self.record)


_declared: dict[str, Territory] = {}


def declare(territory: Territory) -> None:
    """Let a kind of record be shown and given as people's territory."""
    _declared[territory.record] = territory


def every() -> list[Territory]:
    """The kinds of territory there are."""
    return list(_declared.values())


def of_record(key: str) -> Territory | None:
    """The territory of this kind of record; None where it is none."""
    return _declared.get(key)


def of_person(territory: Territory, person: User) -> list[Any]:
    """Those of a kind that are a person's, in the order of its lists."""
    rows = territory.spec.model._default_manager.filter(**{territory.people: person.pk})
    return list(rows.order_by(territory.spec.title))


def give(key: str, person: User, wanted: Collection[int], *, operation: Operation) -> None:
    """Make exactly the territories with these ids a person's. Raises Refused, Invalid."""
    territory = _declared[key]
    rows = territory.spec.model._default_manager.prefetch_related(territory.people).order_by("pk")
    items = []
    with transaction.atomic():
        for each in rows:
            has = {one.pk for one in getattr(each, territory.people).all()}
            should = has | {person.pk} if each.pk in wanted else has - {person.pk}
            if should != has:
                items.append((each, {territory.people: sorted(should)}))
        write.apply_many(territory.spec, items, operation=operation)
