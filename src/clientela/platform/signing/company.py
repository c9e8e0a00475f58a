"""Whom a company's sign-in service speaks of (OpenID Connect Core 1.0)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from clientela.access.models import User


def recognise(request: HttpRequest, sociallogin: Any) -> str:
    """Tie the answer of a provider to a person who is here; "" or the reason why it cannot be.

    A person is known by the provider's own id from the second time on; the first time by an e-mail that the
    provider says it has verified.
    """
    if sociallogin.state.get("process") not in (None, "login"):
        return "error"
    if not _one_subject(sociallogin.account.extra_data):
        return "error"
    if sociallogin.is_existing:
        return ""
    emails = [each.email for each in sociallogin.email_addresses if each.verified is True]
    if not emails:
        return "unverified"
    allowed = sociallogin.provider.app.settings.get("domains", [])
    if allowed and emails[0].rpartition("@")[2].lower() not in allowed:
        return "unknown"
    person = User.objects.filter(email__iexact=emails[0], is_active=True).first()
    if person is None:
        return "unknown"
    sociallogin.connect(request, person)
    return ""


def _one_subject(data: dict[str, Any]) -> bool:
    """The signed answer and the one asked for afterwards must speak of the same person (§5.3.2)."""
    signed, asked = data.get("id_token"), data.get("userinfo")
    return not signed or not asked or signed.get("sub") == asked.get("sub")
