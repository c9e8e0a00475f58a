"""Which kinds of record are about a person, and which of their fields are personal. Declared by domains."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.access.actor import Actor
from clientela.records.spec import Spec

EXPORT, ERASE = "export_personal_data", "erase_personal_data"
REACHES = ("note", "attachment")
"""What is given out and erased with a person: a token has to reach these too."""


@dataclass(frozen=True, slots=True)
class Person:
    """A kind of record about a person: `personal` are the names of its fields that an erasure empties.

    The title is replaced. Links to other records stay, so that accounts, deals and totals stay right.
    """

    key: str
    personal: tuple[str, ...]


_persons: dict[str, Person] = {}


def declare(key: str, *, personal: tuple[str, ...]) -> None:
    """Say that records of the kind `key` are about a person."""
    _persons[key] = Person(key, personal)


def of(spec: Spec) -> Person | None:
    """What was declared of a kind of record; None where it is about no person."""
    return _persons.get(spec.key)


def personal(spec: Spec) -> tuple[str, ...]:
    """The fields of a kind that are personal; none where it is about no person."""
    person = of(spec)
    return person.personal if person is not None else ()


def may(actor: Actor, action: str, spec: Spec) -> bool:
    """Administrators, and those with a role that allows the action by its name; nobody by default. A token
    needs a scope that reads (or, to erase, writes) the kind with its notes and files."""
    if of(spec) is None or actor.read_only:
        return False
    verb = "export" if action == EXPORT else "change"
    limits = actor.limits
    if limits is not None and not all(limits.allow(verb, key) for key in (spec.key, *REACHES)):
        return False
    grants = actor.standing.grants
    return grants.administrator or any(
        role.actions.get(spec.key, {}).get(action) is True for role in grants.roles
    )


def offered(actor: Actor, spec: Spec) -> bool:
    """Whether the page of personal data is any use to `actor`."""
    return may(actor, EXPORT, spec) or may(actor, ERASE, spec)
