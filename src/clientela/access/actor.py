"""Who acts: a person through a page, a token or a job, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.access.models import Role, User


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose rights a read or write is decided. Plain values, so that it travels to jobs."""

    user_id: int | None
    name: str
    role: str
    team_id: int | None = None
    language: str = "es"
    time_zone: str = "Europe/Madrid"

    @property
    def is_system(self) -> bool:
        return self.user_id is None

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN


def actor_of(user: User) -> Actor:
    return Actor(user.pk, user.name, user.role, user.team_id, user.language, user.time_zone)


SYSTEM = Actor(None, "Clientela", Role.ADMIN)
