"""The mails about signing in: a subject, a text and a page for each, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.signing import invitations, sessions
from clientela.platform.signing.clients import device_name
from clientela.platform.signing.models import Invitation, OpenSession

Context = dict[str, Any]


def send(letter: str, **arguments: Any) -> None:
    """Send the letter of this name, if there still is a reason to. Raises SMTPException and OSError."""
    person, values = _LETTERS[letter](**arguments)
    if person is None:
        return
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone or "UTC")):
        context = {"person": person, "workspace": settings.WORKSPACE_NAME, **values}
        message = EmailMultiAlternatives(
            str(_subject(letter, context)),
            render_to_string(f"signing/mail/{letter}.txt", context),
            to=[person.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string(f"signing/mail/{letter}.html", context), "text/html")
        message.send()


def _subject(letter: str, context: Context) -> str:
    subjects = {
        "reset": _("Choose a new password for %(workspace)s"),
        "invitation": _("You are invited to %(workspace)s"),
        "new_device": _("New sign-in to %(workspace)s"),
        "notice": _("Your sign-in to %(workspace)s was changed"),
    }
    return subjects[letter] % {"workspace": context["workspace"]}


def _reset(email: str, base: str) -> tuple[User | None, Context]:
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        return None, {}
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key])
    return person, {"link": urljoin(base, path), "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}


def _invitation(invitation: int, base: str) -> tuple[User | None, Context]:
    found = Invitation.objects.select_related("user", "invited_by").filter(pk=invitation).first()
    if found is None or not invitations.is_open(found):
        return None, {}
    path = reverse("signing_accept", args=[invitations.token_of(found)])
    return found.user, {"link": urljoin(base, path), "invitation": found}


def _new_device(session: int, base: str) -> tuple[User | None, Context]:
    found = OpenSession.objects.select_related("user").filter(pk=session).first()
    if found is None:
        return None, {}
    path = reverse("signing_not_me", args=[sessions.ending_token(found)])
    return found.user, {
        "link": urljoin(base, path),
        "device": device_name(found.user_agent),
        "address": found.address,
        "at": found.began_at,
    }


def _notice(
    user: int, what: str, at: str, address: str = "", user_agent: str = "", base: str = ""
) -> tuple[User | None, Context]:
    person = User.objects.filter(pk=user, is_active=True).first()
    return person, {
        "what": what,
        "at": parse_datetime(at),
        "address": address,
        "device": device_name(user_agent),
        "link": urljoin(base, reverse("account_reset_password")),
    }


_LETTERS: dict[str, Callable[..., tuple[User | None, Context]]] = {
    "reset": _reset,
    "invitation": _invitation,
    "new_device": _new_device,
    "notice": _notice,
}
