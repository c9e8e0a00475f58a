"""The people that tests speak of.

Direction
├── Sales north:  owner, teammate, reader, manager
└── Sales south:  outsider
admin belongs to no team
"""

from __future__ import annotations

from dataclasses import dataclass

from clientela.access import ready_made
from clientela.access.models import Role, Team, User
from clientela.access.teams import rebuild_reach

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """`owner` owns what a test makes; the others stand in a fixed relation to him."""

    owner: User
    teammate: User
    manager: User
    outsider: User
    reader: User
    admin: User


def make_cast() -> Cast:
    """Create the teams and the six people, everybody in English and in UTC."""
    top = Team.objects.create(name="Direction")
    north = Team.objects.create(name="Sales north", parent=top)
    south = Team.objects.create(name="Sales south", parent=top)
    rebuild_reach()
    return Cast(
        owner=make_person("owner", ready_made.SELLER, north),
        teammate=make_person("teammate", ready_made.SELLER, north),
        manager=make_person("manager", ready_made.MANAGER, north),
        outsider=make_person("outsider", ready_made.SELLER, south),
        reader=make_person("reader", ready_made.READER, north),
        admin=make_person("admin", ready_made.ADMIN, None),
    )


def make_person(name: str, role: str, team: Team | None) -> User:
    """A person who signs in as `<name>@example.com` with PASSWORD; `role`: key of a ready-made one."""
    return User.objects.create_user(
        f"{name}@example.com",
        PASSWORD,
        name=name.title(),
        roles=(role,),
        team=team,
        language="en",
        time_zone="UTC",
    )


def give_roles(user: User, *roles: Role | str) -> User:
    """These roles (or the ready-made ones with these keys) and no others; she acts with them at once."""
    keys = [role for role in roles if isinstance(role, str)]
    given = [role for role in roles if isinstance(role, Role)]
    user.roles.set([*Role.objects.filter(key__in=keys), *given])
    user.standing = None
    return user
