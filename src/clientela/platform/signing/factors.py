"""Second factors: who has one, who must have one, and what is said when one changes."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings

from clientela.access.models import User

MAIN = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has(user: User) -> bool:
    """Whether `user` is asked for more than a password."""
    return bool(Authenticator.objects.filter(user=user, type__in=MAIN).exists())


def take_away(user: User) -> int:
    """Remove every second factor of `user` and its recovery codes; how many factors there were."""
    held = Authenticator.objects.filter(user=user)
    count: int = held.filter(type__in=MAIN).count()
    held.delete()
    return count


def is_missing(user: User) -> bool:
    """Whether a role of `user` asks for a second factor that she has not set up."""
    return is_required(user) and not has(user)


def is_required(user: User) -> bool:
    """Whether the installation or one of the roles of `user` asks for a second factor."""
    return settings.REQUIRE_MFA or user.roles.filter(requires_mfa=True).exists()
