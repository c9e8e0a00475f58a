"""Somebody's time with the company: changed, deactivated when she leaves, and back again. Never deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.people import territories
from clientela.platform.signing import sessions
from clientela.records import registry, write
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused

FIELDS = ("name", "team", "roles")


def require_administrator(actor: Actor) -> None:
    """Raise Refused for whoever may not administer people."""
    if not actor.is_admin:
        raise Refused(_("Only administrators may do this with people."))


def change(
    person: User,
    values: Mapping[str, Any],
    *,
    operation: Operation,
    places: Mapping[str, Collection[int]] | None = None,
) -> User:
    """Give a person another name, team or roles (those of `FIELDS`), and her territories, in one act.

    `places`: by key of a kind of territory, the ids of those that are hers. Raises Refused, Invalid.
    """
    require_administrator(operation.actor)
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise Invalid({name: [_("This field cannot be changed here.")] for name in unknown})
    if "name" in values and not str(values["name"]).strip():
        raise Invalid({"name": [_("A person needs a name.")]})
    with transaction.atomic():
        changed: User = write.change(registry.get("user"), person, values, operation=operation, trusted=True)
        for key, wanted in (places or {}).items():
            territories.give(key, changed, wanted, operation=operation)
    changed.standing = None
    return changed


def deactivate(person: User, *, operation: Operation) -> User:
    """She may no longer sign in; her sessions end and her tokens are revoked for good. Her name stays in the
    history.

    Raises Refused for oneself and for the last administrator.
    """
    require_administrator(operation.actor)
    if person.pk == operation.actor.user_id:
        raise Refused(_("You cannot deactivate yourself: another administrator can."))
    return _set_active(person, is_active=False, operation=operation)


def reactivate(person: User, *, operation: Operation) -> User:
    """She may sign in again, with the password and the roles she had, but no tokens. Raises Refused."""
    require_administrator(operation.actor)
    return _set_active(person, is_active=True, operation=operation)


def end_sessions(person: User, *, operation: Operation, request: HttpRequest | None = None) -> int:
    """Sign her out everywhere; how many sessions ended. Raises Refused."""
    require_administrator(operation.actor)
    told = _("ended by %(name)s") % {"name": operation.actor.name}
    return sessions.end_all(person, request=request, detail=told)


def _set_active(person: User, *, is_active: bool, operation: Operation) -> User:
    changed: User = write.change(
        registry.get("user"), person, {"is_active": is_active}, operation=operation, trusted=True
    )
    return changed
