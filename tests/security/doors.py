"""Ways through the door, as browsers take them."""

from __future__ import annotations

import re
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from clientela.access.models import User
from clientela.platform.audit.models import SecurityEvent
from clientela.platform.signing import sealing
from tests.cast import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser(address: str = "203.0.113.7", agent: str = FIREFOX) -> Client:
    """A browser nobody has used yet, at an address, in English."""
    return Client(REMOTE_ADDR=address, headers={"accept-language": "en", "user-agent": agent})


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: str):
    return client.post("/account/login/", {"login": user.email, "password": password, **more})


def signed_in(address: str, user: User, agent: str = FIREFOX) -> Client:
    client = browser(address, agent)
    assert sign_in(client, user).status_code == 302
    assert who(client) == user.pk
    return client


def who(client: Client) -> int | None:
    """Whom a browser is signed in as."""
    found = client.session.get("_auth_user_id")
    return int(found) if found else None


def confirm(client: Client) -> None:
    """Show the password once more, as before a change of the second factor."""
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302


def set_up_codes(client: Client) -> str:
    """Set up one-time codes as the page asks; the seed."""
    confirm(client)
    page = client.get("/profile/security/app/add/").content.decode()
    found = re.search(r'id="secret" readonly value="(\w+)"', page)
    assert found is not None
    answer = client.post("/profile/security/app/add/", {"code": code_of(found[1], -1)})
    assert answer.headers.get("Location") == "/profile/security/codes/", answer.content.decode()
    return found[1]


def code_of(seed: str, step: int = 0) -> str:
    """The code of a seed now (RFC 6238), or that of a neighbouring period."""
    return str(format_hotp_value(hotp_value(seed, int(time.time()) // 30 + step)))


def seed_of(user: User) -> str:
    return sealing.unseal(Authenticator.objects.get(user=user, type="totp").data["secret"])


def events() -> list[str]:
    """What was kept of it all, oldest first."""
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True))
