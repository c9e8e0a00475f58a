"""An invitation works once, for seven days, and only in its last mail."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.utils import timezone

from clientela.access import signin_link
from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.signing import invitations, sessions
from clientela.platform.signing.models import Invitation, OpenSession
from clientela.records.changes import SYSTEM, Operation
from clientela.records.errors import Conflict, Invalid
from tests.security.doors import browser, events, sign_in, who

BASE = "https://crm.example.com/"
GIVEN = {"name": "Nora Vidal", "password1": "a long enough one", "password2": "a long enough one"}


@pytest.fixture
def operation(cast) -> Operation:
    return Operation(actor_of(cast.admin), SYSTEM)


@pytest.fixture
def invitation(operation) -> Invitation:
    return invitations.invite("Nora@example.com", {"name": "Nora"}, operation=operation, base=BASE)


def link_in(number: int) -> str:
    found = re.search(r"https://crm\.example\.com(/account/invitation/\S+)", str(mail.outbox[number].body))
    assert found is not None
    return found[1]


def test_the_mail_brings_in_once(invitation, run_jobs):
    run_jobs()
    assert mail.outbox[0].to == ["nora@example.com"]
    assert "Admin invites you" in str(mail.outbox[0].body)
    link = link_in(0)
    client = browser()
    assert client.get(link).status_code == 200
    assert Invitation.objects.get().accepted_at is None
    assert client.post(link, GIVEN).headers["Location"] == "/"
    person = User.objects.get(email="nora@example.com")
    assert (who(client), person.name) == (person.pk, "Nora Vidal")
    again = browser()
    answer = again.post(link, {**GIVEN, "name": "Thief"})
    assert answer.status_code == 410
    assert "This invitation no longer works" in answer.content.decode()
    person.refresh_from_db()
    assert (who(again), person.name) == (None, "Nora Vidal")
    assert sign_in(browser(), person, GIVEN["password1"]).status_code == 302


def test_a_link_of_one_purpose_opens_nothing_else(invitation, cast):
    """V9.2.2: each is signed for one use, whoever it names."""
    # given a link of each kind, about one person
    session = OpenSession.objects.create(user=cast.admin, session_key="x" * 32)
    tokens = {
        "invitation": invitations.token_of(invitation),
        "link": signin_link.make(cast.admin),
        "not-me": sessions.ending_token(session),
    }
    for purpose, token in tokens.items():
        for other in tokens.keys() - {purpose}:
            # when
            client = browser()
            answer = client.post(f"/account/{other}/{token}/", GIVEN)
            # then
            assert answer.status_code == 410, (purpose, other)
            assert who(client) is None
    assert OpenSession.objects.filter(pk=session.pk).exists()
    assert Invitation.objects.get().accepted_at is None


def test_before_accepting_nobody_gets_in(invitation):
    for password in ("", "!", "a long enough one"):
        client = browser()
        sign_in(client, invitation.user, password)
        assert who(client) is None


@pytest.mark.parametrize("password", ["short", "password123", "nora@example.com"])
def test_a_weak_password_is_not_taken_and_the_link_stays(invitation, password):
    link = f"/account/invitation/{invitations.token_of(invitation)}/"
    client = browser()
    answer = client.post(link, {"name": "N", "password1": password, "password2": password})
    assert answer.status_code == 422
    assert who(client) is None
    assert client.get(link).status_code == 200


def test_two_different_passwords_are_not_taken(invitation):
    link = f"/account/invitation/{invitations.token_of(invitation)}/"
    assert browser().post(link, {**GIVEN, "password2": "another long one"}).status_code == 422
    assert not User.objects.get(pk=invitation.user_id).has_usable_password()


def test_a_new_mail_ends_the_link_of_the_first(invitation, operation, run_jobs):
    run_jobs()
    invitations.resend(invitation, operation=operation, base=BASE)
    run_jobs()
    assert browser().get(link_in(0)).status_code == 410
    assert browser().get(link_in(1)).status_code == 200


def test_it_ends_after_seven_days(invitation):
    token = invitations.token_of(invitation)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert browser().post(f"/account/invitation/{token}/", GIVEN).status_code == 410
    assert dt.timedelta(days=7) == invitations.LIFETIME


def test_taking_it_back_ends_it_and_the_person(invitation, operation, run_jobs):
    token = invitations.token_of(invitation)
    invitations.revoke(invitation, operation=operation)
    assert browser().post(f"/account/invitation/{token}/", GIVEN).status_code == 410
    assert not User.objects.get(pk=invitation.user_id).is_active
    run_jobs()
    assert mail.outbox == []
    for call in (
        lambda: invitations.revoke(invitation, operation=operation),
        lambda: invitations.resend(invitation, operation=operation, base=BASE),
    ):
        with pytest.raises(Conflict):
            call()


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "x" * 3000])
def test_a_forged_one_is_refused(db, token):
    assert browser().post(f"/account/invitation/{token}/", GIVEN).status_code == 410
    assert events() == ["sign_in_failed"]


def test_somebody_who_is_there_is_not_invited_again(cast, operation):
    with pytest.raises(Invalid):
        invitations.invite("OWNER@example.com", {"name": "Other"}, operation=operation, base=BASE)
    cast.owner.refresh_from_db()
    assert cast.owner.name == "Owner"
    assert not Invitation.objects.exists()


def test_of_two_who_accept_at_once_one_gets_in(invitation):
    token = invitations.token_of(invitation)
    assert invitations.accept(token, name="First", password="first good password") is not None
    assert invitations.accept(token, name="Second", password="second good password") is None
    assert User.objects.get(pk=invitation.user_id).name == "First"
