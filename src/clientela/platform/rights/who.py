"""Who may see a record: the rules of every role turned round, in a fixed number of queries.

The policy goes from a person to records; this goes from a record to people, by the same rules: what decides
about a person still is the policy, and a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from clientela.access import policy, rules
from clientela.access.actor import SYSTEM, actor_of
from clientela.access.models import Role, Team, TeamReach, User
from clientela.access.rules import ALL, TEAM, TEAM_BELOW
from clientela.access.standing import live_shares, rules_text
from clientela.records import conditions
from clientela.records.conditions import ME, MY_TEAM
from clientela.records.spec import Spec

MOST_ASKED = 100
"""So many people whose role asks about themselves are looked at one by one."""


@dataclass
class Seers:
    """`people`: those who see the record, by name. `unsure`: of how many more it was not asked."""

    people: QuerySet[User]
    unsure: int = 0


@dataclass
class _Reach:
    """Ids of the roles that reach the record for all their people, for some, and by whose condition."""

    everybody: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    team: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    personal: list[int] = field(default_factory=list)


def who_sees(spec: Spec, instance: Any) -> Seers:
    """Everybody active who may see the record by a role or a share. Not for kinds seen through others."""
    owner = _owner(spec, instance)
    found = _reach(spec, instance, owner)
    asked, unsure = _asked_one_by_one(spec, instance, found.personal)
    parts = [
        Q(roles__in=found.everybody),
        *_by_owner(found, owner),
        *_shared(spec, instance),
        Q(pk__in=asked),
    ]
    ids = User.objects.filter(reduce(or_, parts)).values("pk")
    people = User.objects.filter(is_active=True, pk__in=ids).order_by("name", "pk")
    return Seers(people, unsure)


def _owner(spec: Spec, instance: Any) -> User | None:
    owner_id = getattr(instance, f"{spec.access.owner}_id") if spec.access.owner else None
    return User.objects.filter(pk=owner_id).first() if owner_id is not None else None


def _reach(spec: Spec, instance: Any, owner: User | None) -> _Reach:
    found = _Reach()
    for role in Role.objects.order_by("pk"):
        if role.is_administrator:
            found.everybody.append(role.pk)
            continue
        read = rules.load(rules_text(role.key or "", role.rules))
        if read.has_module(spec.module):
            _sort(role.pk, read.scope(spec.key, "see"), spec, instance, owner, found)
    return found


def _sort(
    role_id: int, scope: rules.Scope, spec: Spec, instance: Any, owner: User | None, found: _Reach
) -> None:
    if scope.words and (ALL in scope.words or owner is None):
        found.everybody.append(role_id)
        return
    if scope.words:
        found.own.append(role_id)
    if TEAM_BELOW in scope.words:
        found.below.append(role_id)
    elif TEAM in scope.words:
        found.team.append(role_id)
    for text in scope.conditions:
        tree = json.loads(text)
        if _is_personal(tree):
            found.personal.append(role_id)
        elif _meets(spec, instance, tree):
            found.everybody.append(role_id)


def _is_personal(tree: Any) -> bool:
    """Whether the condition asks about whoever reads it."""
    values = (leaf.get("value") for leaf in conditions.leaves(tree))
    return any(
        {ME, MY_TEAM} & set(map(str, value if isinstance(value, list) else [value])) for value in values
    )


def _meets(spec: Spec, instance: Any, tree: dict[str, Any]) -> bool:
    rows = spec.model._base_manager.filter(pk=instance.pk)
    return rows.filter(policy.compile_condition(spec, tree, SYSTEM)).exists()


def _by_owner(found: _Reach, owner: User | None) -> Iterable[Q]:
    if owner is None:
        return
    yield Q(pk=owner.pk, roles__in=found.own)
    if owner.team_id is None:
        return
    yield Q(roles__in=found.team) & Q(pk__in=_members([owner.team_id]))
    above = TeamReach.objects.filter(descendant_id=owner.team_id).values("ancestor_id")
    yield Q(roles__in=found.below) & Q(pk__in=_members(above))


def _members(teams: Any) -> QuerySet[User, Any]:
    """Ids of those who are in these teams or manage one of them."""
    managers = Team.managers.through._default_manager.filter(team_id__in=teams).values("user_id")
    return User.objects.filter(Q(team_id__in=teams) | Q(pk__in=managers)).values("pk")


def _shared(spec: Spec, instance: Any) -> Iterable[Q]:
    """Those with whom it is shared, by themselves or as a team, whose roles have the module on."""
    shares = live_shares().filter(record=spec.key, record_id=instance.pk)
    teams = list(shares.exclude(team=None).values_list("team_id", flat=True))
    below = TeamReach.objects.filter(ancestor_id__in=teams).values("descendant_id")
    with_module = [
        role.pk
        for role in Role.objects.order_by("pk")
        if role.is_administrator or rules.load(rules_text(role.key or "", role.rules)).has_module(spec.module)
    ]
    named = Q(pk__in=shares.exclude(user=None).values("user_id"))
    in_team = Q(pk__in=_members(below)) if teams else Q(pk__in=[])
    has_module = Q(pk__in=User.objects.filter(roles__in=with_module).values("pk")) if spec.module else Q()
    yield (named | in_team) & has_module


def _asked_one_by_one(spec: Spec, instance: Any, roles: list[int]) -> tuple[list[int], int]:
    """Of people whose role asks about themselves: who sees the record, and how many were not asked."""
    people = User.objects.filter(is_active=True, roles__in=roles).distinct().order_by("name", "pk")
    count = people.count() if roles else 0
    found = [
        person.pk
        for person in people[: MOST_ASKED if roles else 0]
        if policy.can(actor_of(person), "see", spec, instance)
    ]
    return found, max(0, count - MOST_ASKED)
