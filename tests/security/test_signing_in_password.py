"""Guessing is slowed down where it comes from, and nobody else notices."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from clientela.access.models import User
from clientela.platform.signing import throttle
from clientela.platform.signing.models import Attempts
from tests.security.doors import browser, events, sign_in, signed_in, who

TOO_MANY = "Too many attempts from here. Try again in one minute."
WRONG = "The e-mail or the password is not right."


def guess(client: Client, user: User, times: int):
    for _number in range(times):
        answer = sign_in(client, user, "wrong guess")
    return answer


def text(answer) -> str:
    return str(answer.content.decode())


def test_after_five_failures_even_the_right_password_waits(cast):
    stranger = browser()
    assert WRONG in text(guess(stranger, cast.owner, 5))
    assert TOO_MANY in text(sign_in(stranger, cast.owner))
    assert who(stranger) is None
    assert events() == ["sign_in_failed"] * 5 + ["too_many_attempts"]


def test_it_is_told_in_the_language_of_the_reader(cast):
    stranger = browser()
    guess(stranger, cast.owner, 5)
    for language, words in (
        ("es", "Demasiados intentos desde aquí"),
        ("ca", "Massa intents des d"),
    ):
        answer = stranger.post(
            "/account/login/",
            {"login": cast.owner.email, "password": "x"},
            headers={"accept-language": language},
        )
        assert words in text(answer)


def test_the_wait_doubles_and_then_lets_in(cast):
    stranger = browser()
    guess(stranger, cast.owner, 5)
    Attempts.objects.update(blocked_until=timezone.now() - dt.timedelta(seconds=1))
    assert WRONG in text(guess(stranger, cast.owner, 1))
    assert "Try again in 2 minutes." in text(sign_in(stranger, cast.owner))
    Attempts.objects.update(blocked_until=timezone.now() - dt.timedelta(seconds=1))
    assert sign_in(stranger, cast.owner).status_code == 302
    assert Attempts.objects.filter(failures__gt=0).count() == 0


def test_another_address_still_gets_in(cast):
    guess(browser("198.51.100.66"), cast.owner, 6)
    assert who(signed_in("203.0.113.7", cast.owner)) == cast.owner.pk


def test_a_known_device_still_gets_in_at_the_same_address(cast):
    known = signed_in("198.51.100.66", cast.owner)
    known.post("/account/logout/")
    guess(browser("198.51.100.66"), cast.owner, 6)
    assert sign_in(known, cast.owner).status_code == 302


def test_a_known_device_may_not_guess_for_ever_either(cast):
    known = signed_in("203.0.113.7", cast.owner)
    known.post("/account/logout/")
    assert TOO_MANY in text(guess(known, cast.owner, 6))


def test_the_device_of_one_person_is_unknown_for_another(cast):
    known = signed_in("203.0.113.7", cast.owner)
    known.post("/account/logout/")
    guess(known, cast.teammate, 5)
    assert TOO_MANY in text(sign_in(known, cast.teammate))
    assert sign_in(known, cast.owner).status_code == 302


def test_trying_one_password_on_many_people_is_slowed_down(cast, monkeypatch):
    monkeypatch.setattr("clientela.config.account._FAILURES_OF_ADDRESS_FREE", 4)
    stranger = browser()
    for number in range(4):
        stranger.post("/account/login/", {"login": f"p{number}@example.com", "password": "x"})
    assert TOO_MANY in text(sign_in(stranger, cast.owner))


def test_addresses_of_one_ipv6_network_count_as_one(cast):
    for number in range(5):
        sign_in(browser(f"2001:db8:1:2::{number + 1}"), cast.owner, "wrong guess")
    assert TOO_MANY in text(sign_in(browser("2001:db8:1:2:ffff::1"), cast.owner))
    assert sign_in(browser("2001:db8:1:3::1"), cast.owner).status_code == 302


def test_old_failures_are_forgotten(cast):
    guess(browser(), cast.owner, 5)
    past = timezone.now() - dt.timedelta(hours=25)
    Attempts.objects.update(last_at=past, blocked_until=past)
    assert WRONG in text(guess(browser(), cast.owner, 4))
    Attempts.objects.update(last_at=past)
    assert throttle.forget_old() == 2


def test_nobody_learns_who_has_an_account(cast):
    cast.reader.is_active = False
    cast.reader.save()
    pages = {
        re.sub(
            r'(value|content)="[^"]*"',
            "",
            text(browser().post("/account/login/", {"login": who_, "password": "x"})),
        )
        for who_ in (cast.owner.email, cast.reader.email, "nobody@example.com")
    }
    assert len(pages) == 1
    answers = [
        browser().post("/account/password/reset/", {"email": email})
        for email in (cast.owner.email, cast.reader.email, "nobody@example.com")
    ]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/account/password/reset/done/")
    }


def test_an_unknown_account_costs_a_hash_too(db, monkeypatch):
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append(raw))
    browser().post("/account/login/", {"login": "nobody@example.com", "password": "some guess"})
    assert hashed == ["some guess"]


def test_resets_are_limited_and_answered_alike(cast, run_jobs):
    client = browser()
    answers = [client.post("/account/password/reset/", {"email": cast.owner.email}) for _ in range(6)]
    run_jobs()
    assert {answer.status_code for answer in answers} == {302}
    assert len(mail.outbox) == 3
    assert events().count("too_many_attempts") == 3


def test_signing_in_changes_the_session(cast):
    client = browser()
    client.get("/account/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["session"] = session.session_key or ""
    before = session.session_key
    sign_in(client, cast.owner)
    assert who(client) == cast.owner.pk
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
        "http:evil.example",
    ],
)
def test_nobody_is_sent_elsewhere(cast, address):
    answer = sign_in(browser(), cast.owner, next=address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    client = signed_in("203.0.113.9", cast.owner)
    assert client.post("/account/language/", {"language": "ca", "next": address}).headers["Location"] == "/"


def test_a_forged_form_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(client, cast.owner)
    assert answer.status_code == 403
    assert who(client) is None
    inside = Client(enforce_csrf_checks=True)
    inside.force_login(cast.owner)
    before = cast.owner.password
    for address in (
        "/account/password/change/",
        "/profile/security/sessions/others/end/",
        "/profile/tokens/",
    ):
        assert inside.post(address, {"name": "x"}).status_code == 403
    cast.owner.refresh_from_db()
    assert cast.owner.password == before
    assert not cast.owner.api_tokens.exists()


def test_a_foreign_host_is_refused(cast):
    answer = browser().post(
        "/account/password/reset/", {"email": cast.owner.email}, headers={"host": "evil.example"}
    )
    assert answer.status_code == 400
    assert events() == []


def test_a_common_or_short_password_is_not_taken(cast):
    client = signed_in("203.0.113.7", cast.owner)
    before = cast.owner.password
    for weak in ("password123", "short", "owner@example.com", "1234567890"):
        answer = client.post(
            "/account/password/change/",
            {"oldpassword": "correct horse battery", "password1": weak, "password2": weak},
        )
        assert answer.status_code == 200
    cast.owner.refresh_from_db()
    assert cast.owner.password == before


def test_passwords_are_kept_with_argon2(settings):
    from clientela.config import settings as real

    assert real.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
