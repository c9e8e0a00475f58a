"""Who acts: a person through a page, a token or a job, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clientela.access.grants import ADMINISTRATOR, Grants
from clientela.access.limits import Limits
from clientela.access.models import User
from clientela.access.standing import NOBODY, Standing, standing_of


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose rights a read or write is decided. Plain values, so that it travels to jobs.

    `limits`: a token's scope, which the policy takes off the person's rights. `read_only`: whatever the
    rights are, nothing is written. `seen_by`: id of the administrator who looks at the product as this
    person. `on_behalf_of`: id of the person for whom a rule, a job or an agent acts.
    """

    user_id: int | None
    name: str
    standing: Standing = NOBODY
    team_id: int | None = None
    language: str = "es"
    time_zone: str = "Europe/Madrid"
    limits: Limits | None = None
    read_only: bool = False
    seen_by: int | None = None
    on_behalf_of: int | None = None

    @property
    def is_system(self) -> bool:
        return self.user_id is None

    @property
    def is_admin(self) -> bool:
        """An administrator with all his rights: neither kept to limits nor looking as somebody else."""
        return self.standing.grants.administrator and self.limits is None and not self.read_only


def actor_of(user: User, *, limits: Limits | None = None) -> Actor:
    """`user` as the one who acts; `limits`: of the token through which she does."""
    return Actor(
        user.pk,
        user.name,
        standing_of(user),
        user.team_id,
        user.language,
        user.time_zone,
        limits,
        read_only=user.seen_by is not None,
        seen_by=user.seen_by,
    )


def acting(name: str, grants: Grants, **more: Any) -> Actor:
    """Nobody in particular with these grants: a program, a visitor, a rule."""
    return Actor(None, name, Standing(grants), **more)


SYSTEM = acting("Clientela", ADMINISTRATOR)
