"""Inviting people: somebody new by e-mail, who chooses her own password behind a link that works once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.people import services as people
from clientela.platform.signing import tasks
from clientela.platform.signing.models import Invitation
from clientela.records.changes import Operation
from clientela.records.errors import Conflict, Invalid

LIFETIME = dt.timedelta(days=7)
_SALT = "clientela.platform.signing.invitations"


def invite(
    email: str, values: dict[str, Any], *, operation: Operation, base: str, language: str = ""
) -> Invitation:
    """Add a person with `values` (name, role, team...) and mail her the way in.

    `base`: the address of this installation, for the link; `language`: hers, else that of who invites.
    Raises Invalid for an e-mail that is none or that somebody has already.
    """
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise Invalid({"email": [_("Somebody has this e-mail already.")]})
    with transaction.atomic():
        person = people.settle(email, values, operation=operation)
        person.language = language or operation.actor.language
        person.time_zone = operation.actor.time_zone
        person.set_unusable_password()
        person.save(update_fields=["language", "time_zone", "password"])
        made = Invitation.objects.create(
            user=person,
            invited_by_id=operation.actor.user_id,
            expires_at=timezone.now() + LIFETIME,
        )
        security.record_event("person_invited", user=_by(operation), detail=person.email)
        tasks.send_later("invitation", invitation=made.pk, base=base)
    return made


def resend(invitation: Invitation, *, operation: Operation, base: str) -> None:
    """Send a new link; the earlier one stops working. Raises Conflict where nothing is left to accept."""
    with transaction.atomic():
        found = _locked(invitation)
        if found.accepted_at or found.revoked_at:
            raise Conflict(_("This invitation was accepted or taken back meanwhile."), {})
        found.version += 1
        found.expires_at = timezone.now() + LIFETIME
        found.save()
        security.record_event("person_invited", user=_by(operation), detail=found.user.email)
        tasks.send_later("invitation", invitation=found.pk, base=base)


def revoke(invitation: Invitation, *, operation: Operation) -> None:
    """Take it back: the link ends and the person, who never came in, is deactivated. Raises Conflict."""
    with transaction.atomic():
        found = _locked(invitation)
        if found.accepted_at or found.revoked_at:
            raise Conflict(_("This invitation was accepted or taken back meanwhile."), {})
        found.revoked_at = timezone.now()
        found.save()
        people.settle(found.user.email, {"is_active": False}, operation=operation)


def is_open(invitation: Invitation) -> bool:
    """Whether it can still be accepted."""
    return (
        invitation.accepted_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > timezone.now()
        and invitation.user.is_active
    )


def token_of(invitation: Invitation) -> str:
    """What the link carries: signed, so that nothing secret is stored."""
    return signing.dumps([invitation.pk, invitation.version], salt=_SALT)


def find(token: str) -> Invitation | None:
    """The open invitation of a link; None when the link is forged, used, replaced, taken back or too old."""
    try:
        pk, version = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = Invitation.objects.select_related("user").filter(pk=pk, version=version).first()
    return found if found is not None and is_open(found) else None


def accept(token: str, *, name: str, password: str) -> User | None:
    """Spend the link: her name and password are set. Of two who come at once only one gets her."""
    invitation = find(token)
    if invitation is None:
        return None
    with transaction.atomic():
        spent = Invitation.objects.filter(
            pk=invitation.pk, version=invitation.version, accepted_at=None, revoked_at=None
        ).update(accepted_at=timezone.now())
        if not spent:
            return None
        user = invitation.user
        user.name = name
        user.set_password(password)
        user.save(update_fields=["name", "password"])
    return user


def of_user(user: User) -> Invitation | None:
    """The last invitation of a person, for the page of people."""
    return Invitation.objects.filter(user=user).first()


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update().select_related("user").get(pk=invitation.pk)


def _by(operation: Operation) -> User | None:
    return User.objects.filter(pk=operation.actor.user_id).first() if operation.actor.user_id else None
