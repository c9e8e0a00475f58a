"""Real mail through SMTP: what a mail program receives, and what happens when the server does not answer."""

from __future__ import annotations

import datetime as dt
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from clientela.access.actor import actor_of
from clientela.platform.signing import invitations, tasks
from clientela.records.changes import SYSTEM, Operation
from tests.security.doors import browser, sign_in, signed_in, who

NEW = "another horse battery"


class Inbox:
    """What arrived."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.letters.append(found)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inbox(settings) -> Iterator[Inbox]:
    found = Inbox()
    server = Controller(found, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.DEFAULT_FROM_EMAIL = "crm@ebro.example"
    yield found
    server.stop()


def parts(letter: EmailMessage) -> tuple[str, str]:
    """The text and the page of a letter."""
    text, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert page is not None
    return text.get_content(), page.get_content()


def link_in(letter: EmailMessage) -> str:
    """The one address in it, the same in both parts."""
    text, page = parts(letter)
    (address,) = re.findall(r"https?://\S+", text)
    (linked,) = re.findall(r'href="([^"]+)"', page)
    assert address == linked
    return re.sub(r"^https?://[^/]+", "", address)


def test_a_forgotten_password_is_chosen_anew_once(cast, inbox, run_jobs):
    thief = signed_in("198.51.100.66", cast.owner)
    run_jobs()
    inbox.letters.clear()
    browser().post("/account/password/reset/", {"email": cast.owner.email.upper()})
    browser().post("/account/password/reset/", {"email": "nobody@example.com"})
    run_jobs()
    (letter,) = inbox.letters
    assert (letter["To"], letter["From"]) == (cast.owner.email, "crm@ebro.example")
    assert letter["Auto-Submitted"] == "auto-generated"
    client = browser()
    form = client.get(link_in(letter)).headers["Location"]
    assert form.endswith("-set-password/")
    given = {"password1": NEW, "password2": NEW}
    assert client.post(form, given).headers["Location"] == "/account/password/reset/key/done/"
    assert sign_in(browser(), cast.owner, NEW).status_code == 302
    assert thief.get("/profile/").status_code == 302
    again = browser().get(link_in(letter))
    assert again.status_code == 200
    assert "This link no longer works" in again.content.decode()


def test_a_reset_link_ends_after_ten_minutes(cast, inbox, run_jobs, settings, monkeypatch):
    assert settings.PASSWORD_RESET_TIMEOUT == 600
    browser().post("/account/password/reset/", {"email": cast.owner.email})
    run_jobs()
    later = dt.datetime.now() + dt.timedelta(seconds=601)
    monkeypatch.setattr(
        "allauth.account.forms.EmailAwarePasswordResetTokenGenerator._now", lambda self: later
    )
    assert "This link no longer works" in browser().get(link_in(inbox.letters[0])).content.decode()


def test_an_invitation_arrives_and_lets_in(cast, inbox, run_jobs):
    operation = Operation(actor_of(cast.admin), SYSTEM)
    invitations.invite(
        "nora@example.com", {"name": "Nora"}, operation=operation, base="http://testserver/", language="ca"
    )
    run_jobs()
    (letter,) = inbox.letters
    assert letter["Subject"] == "Invitació a Clientela"
    client = browser()
    given = {"name": "Nora", "password1": NEW, "password2": NEW}
    client.post(link_in(letter), given)
    assert who(client) is not None


def test_a_new_device_is_told_of(cast, inbox, run_jobs):
    signed_in("198.51.100.3", cast.owner)
    run_jobs()
    (letter,) = inbox.letters
    for part in parts(letter):
        assert "Firefox · Windows" in part
        assert "198.51.100.3" in part
    assert link_in(letter).startswith("/account/not-me/")


def test_names_cannot_write_headers_or_html(cast, inbox, run_jobs):
    cast.owner.name = "<b>Eve</b>\r\nBcc: all@example.com"
    cast.owner.save()
    signed_in("198.51.100.3", cast.owner)
    run_jobs()
    (letter,) = inbox.letters
    assert letter["Bcc"] is None
    assert "<b>Eve" not in parts(letter)[1]


def test_a_server_that_does_not_answer_is_asked_again(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    tasks.send.call("reset", {"email": cast.owner.email, "base": "http://testserver/"})
    waiting = DBTaskResult.objects.get()
    assert waiting.run_after > timezone.now() + dt.timedelta(seconds=50)
    assert waiting.args_kwargs["args"][2] == 1
    with pytest.raises(OSError, match="refused"):
        tasks.send.call("reset", {"email": cast.owner.email, "base": "http://x/"}, len(tasks.WAITS))


@pytest.mark.parametrize("language", ["es", "ca", "en"])
@pytest.mark.parametrize(("name", "told"), [("Clientela", 0), ("Máquinas del Ebro", 1)])
def test_a_mail_says_once_whose_it_is(language: str, name: str, told: int, cast, inbox, run_jobs, settings):
    """A company that has given itself no name is not called “Clientela, Clientela”."""
    settings.WORKSPACE_NAME = name
    operation = Operation(actor_of(cast.admin), SYSTEM)
    given = {"name": "Nora"}
    invitations.invite(
        "nora@example.com", given, operation=operation, base="http://testserver/", language=language
    )
    run_jobs()
    (letter,) = inbox.letters
    parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    assert [part.count("Clientela, Máquinas del Ebro") for part in parts] == [told, told]
    assert not any("Clientela, Clientela" in part or "with Clientela" in part for part in parts)
    assert "\n\n\n" not in parts[0].replace("\r", "").rstrip()[:60]
