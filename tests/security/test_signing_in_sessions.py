"""Sessions are listed and ended; a new device is told of."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from clientela.access.models import User
from clientela.platform.signing import sessions
from clientela.platform.signing.models import NoticeChoice, OpenSession
from tests.cast import PASSWORD
from tests.security.doors import browser, confirm, events, sign_in, signed_in, who

CHROME = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)


def inside(client) -> bool:
    return bool(client.get("/profile/").status_code == 200)


def age(client, seconds: int, *keys: str) -> None:
    """Make a session older than it is."""
    session = client.session
    for key in keys:
        session[key] = int(time.time()) - seconds
    session.save()


def test_ones_sessions_are_listed_with_device_and_address(cast):
    here = signed_in("203.0.113.7", cast.owner)
    signed_in("198.51.100.3", cast.owner, CHROME)
    signed_in("198.51.100.4", cast.teammate)
    page = here.get("/profile/security/").content.decode()
    assert "Firefox · Windows" in page
    assert "Chrome · Android" in page
    assert "198.51.100.3" in page
    assert "198.51.100.4" not in page
    assert page.count("This session") == 1


def test_one_session_is_ended_and_the_rest_stays(cast):
    here, there, third = (signed_in(f"203.0.113.{n}", cast.owner) for n in (1, 2, 3))
    found = OpenSession.objects.get(address="203.0.113.2")
    confirm(here)
    assert here.post(f"/profile/security/sessions/{found.pk}/end/").status_code == 302
    assert [inside(each) for each in (here, there, third)] == [True, False, True]
    assert events()[-1] == "sessions_ended"


def test_all_others_are_ended(cast):
    here, there = (signed_in(f"203.0.113.{n}", cast.owner) for n in (1, 2))
    other = signed_in("203.0.113.3", cast.teammate)
    confirm(here)
    here.post("/profile/security/sessions/others/end/")
    assert [inside(each) for each in (here, there, other)] == [True, False, True]


def test_ending_a_session_asks_for_the_password_and_then_goes_on(cast):
    here, there = (signed_in(f"203.0.113.{n}", cast.owner) for n in (1, 2))
    found = OpenSession.objects.get(address="203.0.113.2")
    answer = here.post(f"/profile/security/sessions/{found.pk}/end/")
    assert answer.headers["Location"].startswith("/account/reauthenticate/?next=")
    assert inside(there)
    here.post(answer.headers["Location"], {"password": "wrong"})
    assert inside(there)
    here.post(answer.headers["Location"], {"password": PASSWORD})
    assert [inside(here), inside(there)] == [True, False]


def test_confirming_who_one_is_renews_the_session(cast):
    client = signed_in("203.0.113.1", cast.owner)
    copied = browser()
    copied.cookies["session"] = old = client.session.session_key or ""
    confirm(client)
    assert client.session.session_key != old
    assert [inside(client), inside(copied)] == [True, False]
    assert OpenSession.objects.get().session_key == client.session.session_key


def test_guesses_at_the_password_inside_are_slowed_down_too(cast):
    client = signed_in("203.0.113.1", cast.owner)
    for _number in range(5):
        client.post("/account/reauthenticate/", {"password": "wrong"})
    given = {
        "oldpassword": PASSWORD,
        "password1": "another horse battery",
        "password2": "another horse battery",
    }
    for address, values in (("reauthenticate/", {"password": PASSWORD}), ("password/change/", given)):
        assert "Too many attempts" in client.post(f"/account/{address}", values).content.decode()
    cast.owner.refresh_from_db()
    assert cast.owner.check_password(PASSWORD)
    assert "too_many_attempts" in events()


def test_signing_out_clears_what_the_browser_keeps(cast):
    client = signed_in("203.0.113.1", cast.owner)
    assert "Clear-Site-Data" not in client.get("/account/logout/").headers
    assert client.post("/account/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_mails_about_new_devices_are_switched_off_with_the_password(cast, run_jobs):
    client = signed_in("203.0.113.1", cast.owner)
    assert "reauthenticate" in client.post("/profile/security/notices/", {}).headers["Location"]
    assert not NoticeChoice.objects.exists()
    confirm(client)
    client.post("/profile/security/notices/", {})
    assert events()[-1] == "notices_chosen"
    run_jobs()
    mail.outbox.clear()
    signed_in("198.51.100.3", cast.owner, CHROME)
    run_jobs()
    assert mail.outbox == []
    client.post("/profile/security/notices/", {"new_device": "on"})
    assert not NoticeChoice.objects.filter(new_device=False).exists()


def test_nobody_ends_the_sessions_of_others(cast):
    signed_in("203.0.113.1", cast.owner)
    found = OpenSession.objects.get()
    other = signed_in("203.0.113.2", cast.outsider)
    confirm(other)
    assert other.post(f"/profile/security/sessions/{found.pk}/end/").status_code == 404
    assert OpenSession.objects.filter(pk=found.pk).exists()


def test_an_administrator_ends_all_of_a_person(cast):
    clients = [signed_in(f"203.0.113.{n}", cast.owner) for n in (1, 2)]
    assert sessions.end_all(cast.owner, detail="by an administrator") == 2
    assert [inside(each) for each in clients] == [False, False]


def test_who_is_deactivated_is_out_at_once(cast):
    client = signed_in("203.0.113.1", cast.owner)
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert not inside(client)
    assert sign_in(browser(), cast.owner).headers["Location"] == "/account/inactive/"


def test_a_new_password_ends_the_other_sessions(cast, run_jobs):
    here, there = (signed_in(f"203.0.113.{n}", cast.owner) for n in (1, 2))
    new = "another horse battery"
    given = {"oldpassword": "correct horse battery", "password1": new, "password2": new}
    assert here.post("/account/password/change/", given).headers["Location"] == "/profile/security/"
    assert [inside(each) for each in (here, there)] == [True, False]
    run_jobs()
    assert "the password of your account was changed" in str(mail.outbox[-1].body)
    assert "password_changed" in events()


def test_signing_out_takes_the_session_off_the_list(cast):
    client = signed_in("203.0.113.1", cast.owner)
    old = client.session.session_key or ""
    client.post("/account/logout/")
    assert not OpenSession.objects.exists()
    client.cookies["session"] = old
    assert not inside(client)
    assert events()[-1] == "signed_out"


def test_use_is_noted_every_few_minutes(cast):
    client = signed_in("203.0.113.1", cast.owner)
    first = OpenSession.objects.get().seen_at
    client.get("/profile/")
    assert OpenSession.objects.get().seen_at == first
    age(client, sessions.SEEN_EVERY, "signing_seen")
    client.get("/profile/")
    assert OpenSession.objects.get().seen_at > first


def test_a_session_that_nobody_uses_ends_after_fourteen_days(cast):
    # given two, one of which is used once more
    used, idle = (signed_in(f"203.0.113.{n}", cast.owner) for n in (1, 2))
    days = dt.timedelta(days=1)
    ends = Session.objects.get(pk=idle.session.session_key).expire_date
    assert dt.timedelta(0) <= timezone.now() + 14 * days - ends < dt.timedelta(minutes=5)
    Session.objects.update(expire_date=timezone.now() + days)
    age(used, sessions.SEEN_EVERY, "signing_seen")
    Session.objects.update(expire_date=timezone.now() + days)
    assert inside(used)
    # when a day has passed
    later = Session.objects.get(pk=used.session.session_key).expire_date
    assert later > timezone.now() + 13 * days
    Session.objects.filter(pk=idle.session.session_key).update(expire_date=timezone.now())
    # then
    assert [inside(used), inside(idle)] == [True, False]


def test_keys_of_sessions_cannot_be_guessed(cast):
    """V7.2.3: 32 of 36 letters and digits are 165 bits."""
    keys = [signed_in(f"203.0.113.{n}", cast.owner).session.session_key or "" for n in (1, 2, 3)]
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in keys)


def test_no_session_lasts_longer_than_a_month(cast):
    client = signed_in("203.0.113.1", cast.owner)
    age(client, 31 * 24 * 3600, "signing_seen", "signing_began")
    assert not inside(client)
    assert not OpenSession.objects.exists()


def test_a_new_device_is_told_of_once(cast, run_jobs):
    client = signed_in("198.51.100.3", cast.owner, CHROME)
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == [cast.owner.email]
    assert "Chrome · Android" in str(letter.body)
    assert "198.51.100.3" in str(letter.body)
    client.post("/account/logout/")
    sign_in(client, cast.owner)
    run_jobs()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("language", "subject"), [("es", "Entrada nueva en"), ("ca", "Entrada nova a"), ("en", "New sign-in to")]
)
def test_the_mail_speaks_the_persons_language(cast, run_jobs, language, subject):
    User.objects.filter(pk=cast.owner.pk).update(language=language)
    signed_in("203.0.113.1", cast.owner)
    run_jobs()
    assert mail.outbox[0].subject.startswith(subject)
    letter = mail.outbox[0]
    assert isinstance(letter, EmailMultiAlternatives)
    ((page, kind),) = letter.alternatives
    assert kind == "text/html"
    assert f'<html lang="{language}">' in str(page)


def test_the_link_of_the_mail_ends_that_session_only(cast, run_jobs):
    thief = signed_in("198.51.100.66", cast.owner)
    run_jobs()
    mine = signed_in("203.0.113.1", cast.owner)
    link = re.search(r"http://testserver(/account/not-me/\S+)", str(mail.outbox[0].body))
    assert link is not None
    visitor = browser()
    assert visitor.get(link[1]).status_code == 200
    assert inside(thief)
    assert visitor.post(link[1]).status_code == 200
    assert [inside(thief), inside(mine)] == [False, True]
    assert who(visitor) is None
    assert visitor.post(link[1]).status_code == 410
    assert visitor.post(link[1].replace("not-me/", "not-me/x")).status_code == 410


def test_the_device_cookie_is_no_key(cast):
    client = signed_in("203.0.113.1", cast.owner)
    cookie = client.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    thief = browser()
    thief.cookies["device"] = cookie.value
    assert not inside(thief)
