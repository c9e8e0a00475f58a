"""How many records somebody would reach with each scope: shown beside the choices of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from clientela.access import policy
from clientela.access.actor import Actor, actor_of
from clientela.access.grants import Grants
from clientela.access.models import Role, User
from clientela.access.rules import ANY, NONE, YES_NO_VERBS, Rules, parse
from clientela.platform.rights import offered, words
from clientela.records import query
from clientela.records.spec import Spec


def example(role: Role) -> User | None:
    """A person who has the role, in a team if any of them is; None where nobody has it."""
    people = role.people.filter(is_active=True)
    return people.filter(team__isnull=False).order_by("name").first() or people.order_by("name").first()


def counts(person: User, key: str, verb: str, value: Any) -> Iterator[tuple[str, int, bool]]:
    """(level, records, whether there are more) for each scope, and for `value` where it is a condition.

    One query each, counted up to `query.COUNT_CAP`.
    """
    if key == ANY or verb in YES_NO_VERBS:
        return
    spec = offered.find(key)
    for level in offered.levels_of(key, verb):
        tried = value if level == offered.CONDITION else level
        if words.level_of(tried) == level and level != NONE:
            yield level, *query.count(_rows(spec, verb, _with(person, spec, tried)))
        elif level == NONE:
            yield level, 0, False


def _with(person: User, spec: Spec, value: Any) -> Actor:
    """The person with nothing but this scope, for seeing and for every other verb."""
    verbs = dict.fromkeys(offered.SCOPED_VERBS, value)
    rules: Rules = parse({"modules": {ANY: True}, "records": {spec.key: verbs}})
    actor = actor_of(person)
    standing = replace(actor.standing, grants=Grants(roles=(rules,)), shares=(), shared=frozenset())
    return replace(actor, standing=standing)


def _rows(spec: Spec, verb: str, actor: Actor) -> Any:
    rows = query.visible(spec, actor)
    return rows if verb == "see" else rows.filter(policy.scope(actor, verb, spec))
