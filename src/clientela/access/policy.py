"""The one place that decides. Lists, counts, forms, API, imports and jobs all ask here.

A first policy of four roles; scopes are own / team (and teams below) / all. Everything else in the
product asks `can`, `scope` and `fields`, so that the rules can grow without touching a caller.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet

from clientela.access.actor import Actor
from clientela.access.limits import READ_VERBS
from clientela.access.models import Role, TeamReach, User
from clientela.access.protection import Access, Protected

NONE, OWN, TEAM, ALL = "none", "own", "team", "all"
__all__ = ["Access", "Protected", "can", "colleagues", "hidden_fields", "may", "reach", "scope"]
VERBS = ("see", "create", "change", "delete", "export", "import", "bulk")


_SCOPES: dict[str, dict[str, str]] = {
    Role.ADMIN: dict.fromkeys(VERBS, ALL),
    Role.MANAGER: {
        "see": TEAM,
        "create": ALL,
        "change": TEAM,
        "delete": TEAM,
        "export": TEAM,
        "import": ALL,
        "bulk": TEAM,
    },
    Role.SELLER: {
        "see": TEAM,
        "create": ALL,
        "change": OWN,
        "delete": OWN,
        "export": TEAM,
        "import": ALL,
        "bulk": OWN,
    },
    Role.READER: {
        "see": ALL,
        "create": NONE,
        "change": NONE,
        "delete": NONE,
        "export": ALL,
        "import": NONE,
        "bulk": NONE,
    },
}


def reach(actor: Actor, verb: str, subject: Protected) -> str:
    """The widest scope in which `actor` may do `verb` to records of this kind."""
    if not _is_within(actor, verb, subject):
        return NONE
    if actor.role == Role.ADMIN:
        return ALL
    allowed = _SCOPES[actor.role][verb]
    if verb == "see" and not subject.access.owner:
        return ALL
    if subject.access.configuration and verb not in ("see", "export"):
        return NONE
    return allowed


def _is_within(actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether neither the limits of a token nor looking as somebody else forbid it."""
    if actor.read_only and verb not in READ_VERBS:
        return False
    return actor.limits is None or actor.limits.allow(verb, subject.key)


def may(actor: Actor, verb: str, subject: Protected) -> bool:
    """Whether there is any record of this kind to which `actor` may do `verb`."""
    return reach(actor, verb, subject) != NONE


def scope(actor: Actor, verb: str, subject: Protected) -> Q:
    """The rows of this kind to which `actor` may do `verb`, as a condition on its model."""
    allowed = reach(actor, verb, subject)
    owner = subject.access.owner
    if allowed == ALL or (allowed != NONE and not owner):
        return Q()
    if allowed == NONE:
        return Q(pk__in=[])
    unclaimed = Q(**{f"{owner}__isnull": True})
    if allowed == TEAM and actor.team_id is not None:
        return (
            unclaimed | Q(**{f"{owner}__in": colleagues(actor.team_id)}) | Q(**{f"{owner}_id": actor.user_id})
        )
    return unclaimed | Q(**{f"{owner}_id": actor.user_id})


def colleagues(team_id: int) -> QuerySet[User, Any]:
    """Ids of the people in a team and in the teams below it, as a subquery."""
    teams = TeamReach.objects.filter(ancestor_id=team_id).values("descendant_id")
    return User.objects.filter(team_id__in=teams).values("pk")


def can(actor: Actor, verb: str, subject: Protected, instance: Model | None = None) -> bool:
    """Whether `actor` may do `verb` to this record (or, without one, to any of its kind)."""
    allowed = reach(actor, verb, subject)
    if instance is None or allowed in (NONE, ALL):
        return allowed != NONE
    owner_path = subject.access.owner
    if not owner_path:
        return True
    owner_id = getattr(instance, f"{owner_path}_id")
    if owner_id is None or owner_id == actor.user_id:
        return True
    return allowed == TEAM and actor.team_id is not None and _is_colleague(actor.team_id, owner_id)


def _is_colleague(team_id: int, user_id: int) -> bool:
    return colleagues(team_id).filter(pk=user_id).exists()


def hidden_fields(actor: Actor, subject: Protected) -> frozenset[str]:
    """Names of the fields of this kind that `actor` may not see in any way."""
    if actor.role in (Role.ADMIN, Role.MANAGER):
        return frozenset()
    return frozenset(subject.access.private)
