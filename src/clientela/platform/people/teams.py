"""The tree of teams as an administrator arranges it; every act is one operation, undone whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.access.models import Team, TeamReach, User
from clientela.platform.people.lifecycle import require_administrator
from clientela.records import registry, write
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused

FIELDS = ("name", "parent", "managers")


def create(values: Mapping[str, Any], *, operation: Operation) -> Team:
    """A team with `FIELDS`. Raises Refused, Invalid."""
    require_administrator(operation.actor)
    made: Team = write.create(_spec(), _clean(values), operation=operation, trusted=True)
    return made


def change(team: Team, values: Mapping[str, Any], *, operation: Operation) -> Team:
    """Another name, place in the tree or managers. Raises Refused, Invalid where it would be under itself."""
    require_administrator(operation.actor)
    changed: Team = write.change(_spec(), team, _clean(values), operation=operation, trusted=True)
    return changed


def delete(team: Team, refuge: Team | None, *, operation: Operation) -> None:
    """Take a team away, its people moved to `refuge`. Raises Refused while teams are below it, and Invalid
    where its people have nowhere to go."""
    require_administrator(operation.actor)
    if team.children.exists():
        raise Refused(_("There are teams below this one: move or delete them first."))
    with transaction.atomic():
        members = list(User.objects.filter(team=team).order_by("pk"))
        if members and (refuge is None or refuge.pk == team.pk):
            raise Invalid({"refuge": [_("Choose the team that its people go to.")]})
        if refuge is not None:
            moved = [(person, {"team": refuge.pk}) for person in members]
            write.apply_many(registry.get("user"), moved, operation=operation, trusted=True)
        write.delete(_spec(), [team], operation=operation, trusted=True)


def check(team: Team) -> dict[str, list[str]]:
    """Errors of a team: it has a name, and is not below itself."""
    if team.pk is not None and team.parent_id is not None and team.parent_id in below(team):
        return {"parent": [_("A team cannot be under itself or under one of its own.")]}
    return {}


def below(team: Team) -> set[int]:
    """Ids of the team and those below it."""
    rows = TeamReach.objects.filter(ancestor=team).values_list("descendant_id", flat=True)
    return {team.pk, *rows}


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: values[name] for name in FIELDS if name in values}
    if "name" in given and not str(given["name"] or "").strip():
        raise Invalid({"name": [_("A team needs a name.")]})
    return given


def _spec() -> Any:
    return registry.get("team")
