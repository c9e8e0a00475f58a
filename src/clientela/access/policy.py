"""The one place that decides. Lists, counts, forms, API, imports and jobs all ask here.

What a person's roles give (`access.rules`) adds up, and what is shared with her is added; the limits of a
token and looking as somebody else take away. Everything else in the product asks `may`, `can`, `scope`,
`may_act`, `hidden_fields` and `readonly_fields`, so that the rules can grow without touching a caller.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from clientela.access.actor import Actor
from clientela.access.limits import READ_VERBS
from clientela.access.models import ShareLevel, TeamReach, User
from clientela.access.protection import Access, Protected
from clientela.access.rules import ALL, NONE, NOTHING, OWN, READ, TEAM, TEAM_BELOW, VERBS, WRITE, Scope
from clientela.access.standing import shares_with

SHARED, CONDITION = "shared", "condition"
NAMED = 100
"""Up to so many owners are named beside each link of a row; a subquery costs less than more of them."""
__all__ = [
    "ALL",
    "NONE",
    "OWN",
    "TEAM",
    "TEAM_BELOW",
    "VERBS",
    "Access",
    "Protected",
    "can",
    "colleagues",
    "hidden_fields",
    "is_by_owner",
    "may",
    "may_act",
    "owned_over",
    "reach",
    "readonly_fields",
    "scope",
    "use_conditions",
]
ConditionCompiler = Callable[[Protected, dict[str, Any], Actor], Q]
NO_ROWS = Q(pk__in=[])


def _no_conditions(subject: Protected, condition: dict[str, Any], actor: Actor) -> Q:
    return NO_ROWS


compile_condition: ConditionCompiler = _no_conditions


def use_conditions(compiler: ConditionCompiler) -> None:
    """Let the record engine read scopes by condition; it answers no rows for what it cannot read."""
    global compile_condition
    compile_condition = compiler


def _granted(actor: Actor, verb: str, subject: Protected) -> Scope:
    """What the roles give, within the limits; a kind that nobody looks after is common to all."""
    if not is_within(actor, verb, subject):
        return NOTHING
    access = subject.access
    found = actor.standing.grants.scope(verb, subject.key, subject.module, configuration=access.configuration)
    if found.words and not access.owner:
        return found | Scope(frozenset({ALL}))
    return found


def is_within(actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether neither the limits of a token nor looking as somebody else forbid it."""
    if actor.read_only and verb not in READ_VERBS:
        return False
    return actor.limits is None or actor.limits.allow(verb, subject.key)


def is_shared(actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether some record of this kind is shared with `actor` so that he may do `verb` to it."""
    if verb not in ("see", "change") or not is_within(actor, verb, subject):
        return False
    levels = {writes for key, writes in actor.standing.shared if key == subject.key}
    found = True in levels if verb == "change" else bool(levels)
    return found and actor.standing.grants.has_module(subject.module)


def reach(actor: Actor, verb: str, subject: Protected) -> str:
    """The widest scope in which `actor` may do `verb` to records of this kind."""
    granted = _granted(actor, verb, subject)
    for word in (ALL, TEAM_BELOW, TEAM):
        if word in granted.words:
            return word
    if granted.conditions:
        return CONDITION
    if granted.words:
        return OWN
    return SHARED if is_shared(actor, verb, subject) else NONE


def may(actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether there is any record of this kind to which `actor` may do `verb`."""
    return reach(actor, verb, subject) != NONE


def is_by_owner(actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether who looks after a record is all that `scope` asks about it."""
    return not (_granted(actor, verb, subject).conditions or is_shared(actor, verb, subject))


def owned_over(link: str, actor: Actor, subject: Protected) -> Q | None:
    """Whether `actor` sees the record of this kind at a link, by who looks after it.

    None where the owners are too many to name, or more than they decides.
    """
    granted = _granted(actor, "see", subject)
    people, large = actor.standing.people, granted.words & {TEAM, TEAM_BELOW}
    if not granted.words or granted.is_all or not is_by_owner(actor, "see", subject):
        return None
    if large and (people is None or len(people) > NAMED):
        return None
    owner = f"{link}__{subject.access.owner}"
    named = Q(**{f"{owner}__in": sorted(_known_owners(granted, actor))})
    return Q(**{f"{link}__isnull": False}) & (named | Q(**{f"{owner}__isnull": True}))


def _known_owners(granted: Scope, actor: Actor) -> set[int]:
    """The actor, and of the people who are known by name those whom the words of the scope reach."""
    people, teams = actor.standing.people or (), set(actor.standing.teams)
    if TEAM_BELOW in granted.words:
        return {actor.user_id or 0, *(person for person, _team in people)}
    near = (person for person, team in people if TEAM in granted.words and team in teams)
    return {actor.user_id or 0, *near}


def scope(actor: Actor, verb: str, subject: Protected) -> Q:
    """The rows of this kind to which `actor` may do `verb`, as a condition on its model.

    A record that nobody looks after belongs to all whose scope is their own or their team's.
    """
    granted = _granted(actor, verb, subject)
    if granted.is_all:
        return Q()
    parts = [*_conditions(granted, actor, subject), *_shares(actor, verb, subject)]
    if granted.words:
        owner = subject.access.owner
        parts += [Q(**{f"{owner}__isnull": True}), *_owners(granted, actor, owner)]
    return reduce(or_, parts) if parts else NO_ROWS


def _owners(granted: Scope, actor: Actor, owner: str) -> Iterable[Q]:
    """Who looks after the rows: by name where they are few, else by team."""
    if actor.standing.people is None:
        teams = actor.standing.teams
        if TEAM_BELOW in granted.words:
            below = TeamReach.objects.filter(ancestor__in=teams).values("descendant_id")
            yield Q(**{f"{owner}__team__in": below})
        elif TEAM in granted.words:
            yield Q(**{f"{owner}__team__in": teams})
    yield Q(**{f"{owner}__in": sorted(_known_owners(granted, actor))})


def _conditions(granted: Scope, actor: Actor, subject: Protected) -> Iterable[Q]:
    return (compile_condition(subject, json.loads(text), actor) for text in granted.conditions)


def _shares(actor: Actor, verb: str, subject: Protected) -> Iterable[Q]:
    if not is_shared(actor, verb, subject):
        return
    shares = actor.standing.shares
    if shares is None:
        found = shares_with(actor.user_id, actor.standing.teams).filter(record=subject.key)
        wanted = found.filter(level=ShareLevel.WRITE) if verb == "change" else found
        yield Q(pk__in=wanted.values("record_id"))
    else:
        yield Q(pk__in=_shared_ids(shares, verb, subject.key))


def _shared_ids(shares: tuple[tuple[str, int, bool], ...], verb: str, key: str) -> list[int]:
    return sorted(
        {number for record, number, writes in shares if record == key and (writes or verb == "see")}
    )


def colleagues(*team_ids: int) -> QuerySet[User, Any]:
    """Ids of the people in these teams and in those below them, as a subquery."""
    teams = TeamReach.objects.filter(ancestor_id__in=team_ids).values("descendant_id")
    return User.objects.filter(team_id__in=teams).values("pk")


def can(actor: Actor, verb: str, subject: Protected, instance: Model | None = None) -> bool:
    """Whether `actor` may do `verb` to this record (or, without one, to any of its kind).

    Asks the database only where a condition, a share or a large team decides: one query.
    """
    granted = _granted(actor, verb, subject)
    if instance is None or granted.is_all:
        return granted.is_all or may(actor, verb, subject)
    if granted.words and _is_owners(granted, actor, subject, instance):
        return True
    return _asks(granted, actor, verb, subject) and _is_in_scope(actor, verb, subject, instance)


def _is_owners(granted: Scope, actor: Actor, subject: Protected, instance: Model) -> bool:
    """Whether the record is nobody's, the actor's, or of one of the colleagues that are known by name."""
    owner_id = getattr(instance, f"{subject.access.owner}_id")
    if owner_id is None or owner_id == actor.user_id:
        return True
    return owner_id in _known_owners(granted, actor)


def _asks(granted: Scope, actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether more than the owner, or more people than are known by name, must be asked about."""
    large = actor.standing.people is None and bool(granted.words & {TEAM, TEAM_BELOW})
    return large or bool(granted.conditions) or is_shared(actor, verb, subject)


def _is_in_scope(actor: Actor, verb: str, subject: Protected, instance: Model) -> bool:
    rows = type(instance)._base_manager.filter(pk=instance.pk)
    return rows.filter(scope(actor, verb, subject)).exists()


def hidden_fields(actor: Actor, subject: Protected) -> frozenset[str]:
    """Names of the fields of this kind that `actor` may not see in any way."""
    private = frozenset(subject.access.private)
    return actor.standing.grants.fields(subject.key, subject.module, private, below=READ)


def readonly_fields(actor: Actor, subject: Protected) -> frozenset[str]:
    """Names of the fields of this kind that `actor` may not write, the hidden ones among them."""
    private = frozenset(subject.access.private)
    return actor.standing.grants.fields(subject.key, subject.module, private, below=WRITE)


def may_act(actor: Actor, action: str, subject: Protected) -> bool:
    """Whether `actor` may do this action (by name) to those records of the kind that he may change."""
    return not actor.read_only and actor.standing.grants.allows_action(subject.key, subject.module, action)
