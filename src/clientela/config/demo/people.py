"""Who works in the demo company."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.access import ready_made
from clientela.access.models import Team, User
from clientela.access.teams import rebuild_reach

COMPANY = "Maquinaria Ebro"
PASSWORD = "maquinaria-ebro"  # noqa: S105  (printed for whoever tries the demo)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person of the demo: who it is, the e-mail signed in with, and the role."""

    email: str
    name: str
    kind: str
    team: str
    password: str = PASSWORD

    @property
    def role(self) -> str:
        return str(ready_made.ROLES[self.kind].name)


SIGN_INS = (
    SignIn("admin@demo.example", "Martín Cebrián", ready_made.ADMIN, "Dirección"),
    SignIn("begona@demo.example", "Begoña Sánchez", ready_made.MANAGER, "Ventas"),
    SignIn("lucia@demo.example", "Lucía Ferrer", ready_made.SELLER, "Ebro"),
    SignIn("inaki@demo.example", "Iñaki Goñi", ready_made.SELLER, "Ebro"),
    SignIn("andres@demo.example", "Andrés F. Rojas", ready_made.SELLER, "Bogotá"),
    SignIn("pilar@demo.example", "Pilar Royo", ready_made.READER, "Dirección"),
    SignIn("carmen@demo.example", "Carmen Lasierra", ready_made.BACK_OFFICE, "Dirección"),
    SignIn("joan@demo.example", "Joan Puig", ready_made.SUPPORT, "Dirección"),
    SignIn("irene@demo.example", "Irene Aznar", ready_made.MARKETING, "Dirección"),
    SignIn("web@demo.example", "Formulario web", ready_made.INTEGRATION, "Dirección"),
)
TEAMS = (("Dirección", None), ("Ventas", None), ("Ebro", "Ventas"), ("Bogotá", "Ventas"))


def make_people() -> dict[str, User]:
    """The teams and the people, by the first part of their e-mail."""
    teams: dict[str, Team] = {}
    for name, above in TEAMS:
        teams[name] = Team.objects.create(name=name, parent=teams[above] if above else None)
    rebuild_reach()
    return {
        each.email.partition("@")[0]: User.objects.create_user(
            each.email,
            each.password,
            name=each.name,
            roles=(each.kind,),
            team=teams[each.team],
        )
        for each in SIGN_INS
    }
