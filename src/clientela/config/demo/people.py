"""Who works in the demo company."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.access.models import Role, Team, User
from clientela.access.teams import rebuild_reach

COMPANY = "Maquinaria Ebro"
PASSWORD = "maquinaria-ebro"  # noqa: S105  (printed for whoever tries the demo)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person of the demo: who it is, the e-mail signed in with, and the role."""

    email: str
    name: str
    kind: Role
    team: str
    password: str = PASSWORD

    @property
    def role(self) -> str:
        return str(self.kind.label)


SIGN_INS = (
    SignIn("admin@demo.example", "Martín Cebrián", Role.ADMIN, "Dirección"),
    SignIn("begona@demo.example", "Begoña Sánchez", Role.MANAGER, "Ventas"),
    SignIn("lucia@demo.example", "Lucía Ferrer", Role.SELLER, "Ebro"),
    SignIn("inaki@demo.example", "Iñaki Goñi", Role.SELLER, "Ebro"),
    SignIn("andres@demo.example", "Andrés F. Rojas", Role.SELLER, "Bogotá"),
    SignIn("pilar@demo.example", "Pilar Royo", Role.READER, "Dirección"),
)
TEAMS = (("Dirección", None), ("Ventas", None), ("Ebro", "Ventas"), ("Bogotá", "Ventas"))


def make_people() -> dict[str, User]:
    """The teams and the six people, by the first part of their e-mail."""
    teams: dict[str, Team] = {}
    for name, above in TEAMS:
        teams[name] = Team.objects.create(name=name, parent=teams[above] if above else None)
    rebuild_reach()
    return {
        each.email.partition("@")[0]: User.objects.create_user(
            each.email,
            each.password,
            name=each.name,
            role=each.kind,
            team=teams[each.team],
        )
        for each in SIGN_INS
    }
