"""The people that tests speak of.

Direction
├── Sales north:  owner, teammate, reader, manager
└── Sales south:  outsider
admin belongs to no team
"""

from __future__ import annotations

from dataclasses import dataclass

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
        owner=make_person("owner", Role.SELLER, north),
        teammate=make_person("teammate", Role.SELLER, north),
        manager=make_person("manager", Role.MANAGER, north),
        outsider=make_person("outsider", Role.SELLER, south),
        reader=make_person("reader", Role.READER, north),
        admin=make_person("admin", Role.ADMIN, None),
    )


def make_person(name: str, role: Role, team: Team | None) -> User:
    """A person who signs in as `<name>@example.com` with PASSWORD."""
    return User.objects.create_user(
        f"{name}@example.com",
        PASSWORD,
        name=name.title(),
        role=role,
        team=team,
        language="en",
        time_zone="UTC",
    )
