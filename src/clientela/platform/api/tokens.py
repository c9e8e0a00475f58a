"""Giving, recognising and revoking tokens."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from clientela.access.models import User
from clientela.kit.ids import hash_token, new_token
from clientela.platform.api.models import ApiToken

PREFIX = "clt_"
_SHOWN = 10
# The time of last use is for people who tidy up: a write for each call would cost more than the call.
_USE_NOTED_EVERY = dt.timedelta(minutes=10)


def issue(user: User, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """A new token of `user` and its secret, which is not kept. `days`: for how long it holds."""
    secret = new_token(PREFIX)
    expires = timezone.now() + dt.timedelta(days=days) if days else None
    token = ApiToken.objects.create(
        user=user, name=name[:120], prefix=secret[:_SHOWN], hash=hash_token(secret), expires_at=expires
    )
    return token, secret


def recognise(secret: str) -> ApiToken | None:
    """The token with this secret, if it still holds and its person is active; notes its use."""
    now = timezone.now()
    found = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .filter(hash=hash_token(secret), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if found is not None and (found.last_used_at is None or found.last_used_at < now - _USE_NOTED_EVERY):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def of_user(user: User) -> QuerySet[ApiToken]:
    """The tokens of `user` that were not revoked, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at__isnull=True)


def revoke(user: User, token_id: int) -> bool:
    """Take a token of `user` out of use for good; whether there was one."""
    return of_user(user).filter(pk=token_id).update(revoked_at=timezone.now()) == 1
