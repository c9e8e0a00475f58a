"""Giving, recognising and revoking tokens."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clientela.access.models import User
from clientela.kit.ids import hash_token, new_token
from clientela.platform.api import scopes
from clientela.platform.api.models import ApiToken
from clientela.platform.audit import security

PREFIX = "clt_"
_SHOWN = 10
# The time of last use is for people who tidy up: a write for each call would cost more than the call.
_USE_NOTED_EVERY = dt.timedelta(minutes=10)


def issue(
    user: User, name: str, days: int | None = None, scope: dict[str, str] | None = None
) -> tuple[ApiToken, str]:
    """A new token of `user` and its secret, which is not kept. `days`: for how long it holds; `scope`: what
    it may beside the rights of `user` (see `scopes`), everything without one. Raises ValueError."""
    secret = new_token(PREFIX)
    expires = timezone.now() + dt.timedelta(days=days) if days else None
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name[:120],
            prefix=secret[:_SHOWN],
            hash=hash_token(secret),
            expires_at=expires,
            scope=scopes.check(scope or {}),
        )
        security.record_event("token_made", user=user, detail=f"{token.prefix} {token.name}")
    return token, secret


def note_refusal(request: HttpRequest, secret: str) -> None:
    """Keep that a token was not taken, once a minute for an address: a loop must not fill the log."""
    address = request.META.get("REMOTE_ADDR", "")
    if secret and cache.add(f"token-refused:{address}", True, 60):
        shown = secret[:_SHOWN] if secret.startswith(PREFIX) else ""
        security.record_event(security.TOKEN_REFUSED, request=request, detail=shown)


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


def of_everybody() -> QuerySet[ApiToken]:
    """All tokens that still open something, with their people, newest first."""
    now = timezone.now()
    return ApiToken.objects.select_related("user").filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True, user__is_active=True
    )


def revoke(user: User, token_id: int) -> bool:
    """Take a token of `user` out of use for good; whether there was one."""
    return _revoke(of_user(user).filter(pk=token_id), user)


def revoke_any(token_id: int, *, by: User) -> bool:
    """Take anybody's token out of use, as an administrator does; whether there was one."""
    return _revoke(of_everybody().filter(pk=token_id), by)


def revoke_all(user: User, *, detail: str) -> int:
    """Take every token of somebody who leaves out of use for good; how many. `detail`: why, for the log."""
    with transaction.atomic():
        held = list(of_user(user).select_for_update(of=("self",)).order_by("pk"))
        ApiToken.objects.filter(pk__in=[token.pk for token in held]).update(revoked_at=timezone.now())
        for token in held:
            told = f"{token.prefix} {token.name} · {detail}"
            security.record_event("token_revoked", user=user, detail=told)
    return len(held)


def _revoke(tokens: QuerySet[ApiToken], by: User) -> bool:
    with transaction.atomic():
        found = tokens.select_for_update(of=("self",)).first()
        if found is None:
            return False
        ApiToken.objects.filter(pk=found.pk).update(revoked_at=timezone.now())
        security.record_event("token_revoked", user=by, detail=f"{found.prefix} {found.name}")
    return True
