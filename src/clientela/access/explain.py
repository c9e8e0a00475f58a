"""Why somebody may or may not do something to a record: the decision of the policy, part by part."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Model
from django.utils.translation import gettext as _

from clientela.access import policy, rules
from clientela.access.actor import Actor, actor_of
from clientela.access.models import Role, Share, ShareLevel, User
from clientela.access.protection import Protected
from clientela.access.standing import grants_of, rules_text, shares_with

PERSON, LIMIT, ROLE, SHARE = "person", "limit", "role", "share"


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a decision. `kind`: person, limit, role or share; `name`: which one; `text`: a sentence."""

    kind: str
    name: str
    allows: bool
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`allowed` is the policy's own answer; `reasons` say what each role, share and limit made of it."""

    allowed: bool
    reasons: tuple[Reason, ...]


def explain(
    person: User, verb: str, subject: Protected, instance: Model, actor: Actor | None = None
) -> Explanation:
    """Why `person` may or may not do `verb` to a record. `actor`: how she comes, if not by herself.

    A few queries for each of her roles: for a page that one person looks at.
    """
    actor = actor if actor is not None else actor_of(person)
    reasons = [
        *_of_person(person),
        *_of_limits(actor, verb, subject),
        *_of_roles(person, actor, verb, subject, instance),
        *_of_shares(actor, verb, subject, instance),
    ]
    allowed = person.is_active and policy.can(actor, verb, subject, instance)
    return Explanation(allowed, tuple(reasons))


def _of_person(person: User) -> list[Reason]:
    found = []
    if not person.is_active:
        found.append(Reason(PERSON, person.name, False, _("This person is deactivated and cannot sign in.")))
    if not person.roles.exists():
        found.append(Reason(PERSON, person.name, False, _("This person has no role.")))
    return found


def _of_limits(actor: Actor, verb: str, subject: Protected) -> list[Reason]:
    found = []
    if actor.read_only and not policy.is_within(replace(actor, limits=None), verb, subject):
        found.append(Reason(LIMIT, "", False, _("Whoever looks as somebody else changes nothing.")))
    if actor.limits is not None and not actor.limits.allow(verb, subject.key):
        found.append(Reason(LIMIT, "", False, _("The token is not for this kind of record.")))
    return found


def _of_roles(person: User, actor: Actor, verb: str, subject: Protected, instance: Model) -> list[Reason]:
    return [_of_role(role, actor, verb, subject, instance) for role in person.roles.order_by("name")]


def _of_role(role: Role, actor: Actor, verb: str, subject: Protected, instance: Model) -> Reason:
    grants = grants_of([(role.key or "", role.is_administrator, role.rules)])
    alone = replace(actor.standing, grants=grants, shares=(), shared=frozenset())
    alone_actor = replace(actor, standing=alone, limits=None, read_only=False)
    allows = policy.can(alone_actor, verb, subject, instance)
    return Reason(ROLE, role.label, allows, _words(role, alone_actor, verb, subject, allows))


def _words(role: Role, actor: Actor, verb: str, subject: Protected, allows: bool) -> str:
    if role.is_administrator:
        return _("Administrators may do everything.")
    if not rules.load(rules_text(role.key or "", role.rules)).has_module(subject.module):
        return _("The module of these records is switched off in this role.")
    reached = policy.reach(actor, verb, subject)
    if reached == policy.CONDITION and allows:
        return _("The record meets the condition of this role.")
    return (_GIVEN if allows else _REFUSED)[reached]()


_GIVEN = {
    policy.ALL: lambda: _("This role allows it for all records."),
    policy.TEAM_BELOW: lambda: _("The record is of the own team, of one below it, or of nobody."),
    policy.TEAM: lambda: _("The record is of the own team or of nobody."),
    policy.OWN: lambda: _("The record is the person's own or nobody's."),
}
_REFUSED = {
    policy.NONE: lambda: _("This role does not allow it for any record of this kind."),
    policy.SHARED: lambda: _("This role does not allow it for any record of this kind."),
    policy.CONDITION: lambda: _("The record does not meet the condition of this role."),
    policy.TEAM_BELOW: lambda: _("Somebody outside the own team and those below it looks after the record."),
    policy.TEAM: lambda: _("Somebody outside the own team looks after the record."),
    policy.OWN: lambda: _("Somebody else looks after the record."),
}


def _of_shares(actor: Actor, verb: str, subject: Protected, instance: Model) -> list[Reason]:
    shares = shares_with(actor.user_id, actor.standing.teams).select_related("by", "team")
    found = shares.filter(record=subject.key, record_id=instance.pk)
    return [_of_share(share, verb) for share in found.order_by("pk")]


def _of_share(share: Share, verb: str) -> Reason:
    allows = verb == "see" or (verb == "change" and share.level == ShareLevel.WRITE)
    name = share.team.name if share.team is not None else ""
    text = (
        _("The record is shared with this person or team, to read and write.")
        if share.level == ShareLevel.WRITE
        else _("The record is shared with this person or team, to read only.")
    )
    return Reason(SHARE, name, allows, text)
