"""Whether somebody wants a mail when she signs in with a device not used before."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.signing.models import NoticeChoice


def wants(user: User) -> bool:
    """Everybody does, until she says otherwise."""
    return not NoticeChoice.objects.filter(user=user, new_device=False).exists()


def choose(user: User, new_device: bool, *, request: HttpRequest) -> None:
    """Keep what `user` wants, and that she chose it."""
    with transaction.atomic():
        NoticeChoice.objects.update_or_create(user=user, defaults={"new_device": new_device})
        detail = "on" if new_device else "off"
        security.record_event("notices_chosen", user=user, request=request, detail=detail)
