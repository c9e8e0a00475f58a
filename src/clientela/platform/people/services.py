"""Adding and changing people, each with its entry in the history."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from clientela.access import ready_made
from clientela.access.models import Role, Team, User
from clientela.records import registry, write
from clientela.records.changes import Operation
from clientela.records.errors import Invalid


def settle(email: str, values: dict[str, Any], *, operation: Operation) -> User:
    """The person with this e-mail as `values` say: changed where there, else added. Raises Invalid.

    `values`: names of fields, and `role`: the key of the one ready-made role she has.
    Somebody new has no password: a sign-in link or "forgotten password" lets her choose one.
    """
    email = email.strip().lower()
    values = with_role(values)
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        _check(email, values)
        values = {**with_role({"role": ready_made.SELLER}), "email": email, **values}
    settled: User = write.apply(
        registry.get("user"),
        found,
        values,
        actor=operation.actor,
        source=operation.source,
        operation=operation,
        trusted=True,
    )
    return settled


def with_role(values: dict[str, Any]) -> dict[str, Any]:
    """The values with the id of the role whose key they name; somebody for whom none is said sells."""
    if "role" not in values:
        return values
    rest = {name: value for name, value in values.items() if name != "role"}
    found = Role.objects.filter(key=values["role"]).values_list("pk", flat=True)
    if not found:
        raise Invalid({"roles": [_("There is no such role.")]})
    return {**rest, "roles": list(found)}


def _check(email: str, values: dict[str, Any]) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid({"email": error.messages}) from error
    if not values.get("name"):
        raise Invalid({"name": [_("Somebody new needs a name.")]})


def team_named(name: str, *, operation: Operation) -> Team:
    """The team of this name, made at the top where there is none."""
    found = Team.objects.filter(name__iexact=name.strip()).order_by("pk").first()
    if found is not None:
        return found
    made: Team = write.create(registry.get("team"), {"name": name.strip()}, operation=operation, trusted=True)
    return made
