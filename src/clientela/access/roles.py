"""What the roles of a person ask of her, beside what they allow."""

from __future__ import annotations

from clientela.access.models import User


def requires_mfa(user: User) -> bool:
    """Whether one of her roles may only be used after a second factor."""
    return user.roles.filter(requires_mfa=True).exists()
