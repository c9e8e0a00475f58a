"""Making, changing and giving roles, each with its entry in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.access import ready_made, rules
from clientela.access.actor import Actor
from clientela.access.models import Role, User
from clientela.access.standing import rules_text
from clientela.records import conditions, registry, write
from clientela.records.changes import Operation
from clientela.records.errors import ConditionError, Invalid, Refused

PLAIN = ("name", "description", "is_administrator", "requires_mfa")


def create(values: Mapping[str, Any], *, operation: Operation) -> Role:
    """A role of one's own. `values`: those of `PLAIN`, and `rules` (an object, see `access.rules`).

    Raises Invalid, and Refused for whoever is no administrator.
    """
    _require_administrator(operation.actor)
    made: Role = write.create(_spec(), _clean(values, operation), operation=operation, trusted=True)
    return made


def copy(role: Role, name: str, *, operation: Operation) -> Role:
    """A role of one's own that starts as `role` is. Raises Invalid, Refused."""
    kept = {field: getattr(role, field) for field in PLAIN}
    return create({**kept, "name": name, "rules": rules_of(role)}, operation=operation)


def change(role: Role, values: Mapping[str, Any], *, operation: Operation) -> Role:
    """Other words or rules; `rules` None makes a ready-made role what it was. Raises Invalid, Refused."""
    _require_administrator(operation.actor)
    with transaction.atomic():
        given = _clean(values, operation)
        changed: Role = write.change(_spec(), role, given, operation=operation, trusted=True)
        _require_somebody()
    return changed


def delete(role: Role, *, operation: Operation) -> None:
    """Take a role of one's own away. Raises Refused for a ready-made one, and while somebody has it."""
    _require_administrator(operation.actor)
    if role.key is not None:
        raise Refused(_("A ready-made role stays; nobody needs to have it."))
    if role.people.exists():
        raise Refused(_("Somebody still has this role."))
    write.delete(_spec(), [role], operation=operation, trusted=True)


def assign(person: User, roles: Iterable[Role], *, operation: Operation) -> User:
    """Give a person exactly these roles. Raises Refused where no administrator would be left."""
    _require_administrator(operation.actor)
    ids = sorted({role.pk for role in roles})
    with transaction.atomic():
        changed: User = write.change(
            registry.get("user"), person, {"roles": ids}, operation=operation, trusted=True
        )
        _require_somebody()
    changed.standing = None
    return changed


def rules_of(role: Role) -> dict[str, Any]:
    """The rules that hold for a role as an object: its own, or those it was made with."""
    return rules.as_data(rules_text(role.key or "", role.rules))


def is_as_made(role: Role) -> bool:
    """Whether a ready-made role has the rules it came with."""
    return role.key in ready_made.ROLES and not role.rules


def _spec() -> Any:
    return registry.get("role")


def _require_administrator(actor: Actor) -> None:
    if not actor.is_admin:
        raise Refused(_("Only administrators may change roles."))


def _require_somebody() -> None:
    """An installation without an administrator could not be set up again by anybody."""
    if not User.objects.filter(is_active=True, roles__is_administrator=True).exists():
        raise Refused(_("Somebody active must remain an administrator."))


def _clean(values: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    given = {name: values[name] for name in PLAIN if name in values}
    unknown = set(values) - {*PLAIN, "rules"}
    if unknown:
        raise Invalid({name: [_("This field cannot be changed here.")] for name in unknown})
    if "name" in given and not str(given["name"]).strip():
        raise Invalid({"name": [_("A role needs a name.")]})
    if "rules" in values:
        given["rules"] = _rules_text(values["rules"], operation.actor)
    return given


def _rules_text(data: Any, actor: Actor) -> str:
    """As they are kept, conditions read once so that none is kept that would show nothing."""
    if data is None:
        return ""
    try:
        text = rules.dump(data)
        for key, tree in rules.conditions_of(data):
            spec = registry.find(key)
            if spec is not None:
                conditions.compile_condition(spec, tree, actor)
    except (rules.RulesError, ConditionError) as error:
        raise Invalid({"rules": [str(error)]}) from error
    return text
