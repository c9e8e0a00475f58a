"""The second factor: set up, asked for, good once, and slow to guess."""

from __future__ import annotations

import json
import re

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password
from django.core import mail

from clientela.config import settings as real
from clientela.platform.api import tokens
from clientela.platform.audit.models import SecurityEvent
from clientela.platform.signing import sessions
from tests.security.doors import (
    browser,
    code_of,
    confirm,
    events,
    seed_of,
    set_up_codes,
    sign_in,
    signed_in,
    who,
)


def with_codes(user) -> str:
    """`user` has set up one-time codes; the seed."""
    return set_up_codes(signed_in("203.0.113.1", user))


def test_codes_are_asked_for_after_the_password(cast):
    seed = with_codes(cast.owner)
    client = browser()
    answer = sign_in(client, cast.owner)
    assert answer.headers["Location"] == "/account/code/"
    assert who(client) is None
    assert client.get("/profile/").status_code == 302
    answer = client.post("/account/code/", {"code": code_of(seed)})
    assert (answer.status_code, who(client)) == (302, cast.owner.pk)
    assert events()[-1] == "signed_in"


def test_a_code_is_good_once(cast):
    seed = with_codes(cast.owner)
    code = code_of(seed)
    for expected in (cast.owner.pk, None):
        client = browser()
        sign_in(client, cast.owner)
        client.post("/account/code/", {"code": code})
        assert who(client) == expected


def test_guessing_codes_is_slowed_down(cast):
    seed = with_codes(cast.owner)
    client = browser()
    sign_in(client, cast.owner)
    for _number in range(5):
        assert "That code is not right." in client.post("/account/code/", {"code": "000000"}).content.decode()
    answer = client.post("/account/code/", {"code": code_of(seed)})
    assert "Too many attempts" in answer.content.decode()
    assert who(client) is None


def test_every_code_password_and_passkey_that_is_not_right_is_kept(cast):
    """V16.3.1: not only at the door, and with what was tried."""
    # given
    seed = with_codes(cast.owner)
    client = browser("198.51.100.9")
    sign_in(client, cast.owner)
    forged = '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {}}'
    before = SecurityEvent.objects.latest("pk").pk
    # when
    client.post("/account/code/", {"code": "000000"})
    client.post("/account/code/", {"credential": forged})
    client.post("/account/code/", {"code": code_of(seed)})
    client.post("/account/reauthenticate/", {"password": "wrong"})
    client.post("/account/confirm/code/", {"code": "000000"})
    given = {"oldpassword": "wrong", "password1": "another horse battery", "password2": "x"}
    client.post("/account/password/change/", given)
    browser("198.51.100.9").post("/account/passkey/", {"credential": forged})
    # then
    events_since = SecurityEvent.objects.filter(pk__gt=before).order_by("pk")
    found = events_since.values_list("kind", "user", "detail", "address")
    owner, place = cast.owner.pk, "198.51.100.9"
    assert list(found) == [
        ("sign_in_failed", owner, "code", place),
        ("sign_in_failed", owner, "passkey", place),
        ("signed_in", owner, "password+totp", place),
        ("sign_in_failed", None, cast.owner.email, place),
        ("sign_in_failed", owner, "code", place),
        ("sign_in_failed", owner, "confirm", place),
        ("sign_in_failed", None, "passkey", place),
    ]


def test_the_code_page_needs_the_password_first(cast):
    with_codes(cast.owner)
    assert browser().get("/account/code/").headers["Location"] == "/account/login/"


def test_seeds_are_encrypted(cast):
    seed = with_codes(cast.owner)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert seed not in kept
    assert seed_of(cast.owner) == seed


def test_recovery_codes_are_shown_once_and_work_once(cast):
    client = signed_in("203.0.113.1", cast.owner)
    set_up_codes(client)
    page = client.get("/profile/security/codes/").content.decode()
    found = re.findall(r"\d{8}", page.partition("<pre")[2].partition("</pre>")[0])
    assert len(found) == 10
    assert found[0] not in client.get("/profile/security/codes/").content.decode()
    for expected in (cast.owner.pk, None):
        other = browser()
        sign_in(other, cast.owner)
        other.post("/account/code/", {"code": found[0]})
        assert who(other) == expected
    # and the pages still count them
    assert "9 left" in client.get("/profile/security/").content.decode()
    assert "The 9 old ones" in client.get("/profile/security/codes/new/").content.decode()


def test_recovery_codes_are_kept_as_hashes_only(cast):
    """V6.5.2: and nothing is kept that they could be made from."""
    # given
    client = signed_in("203.0.113.1", cast.owner)
    set_up_codes(client)
    before = Authenticator.objects.get(type="recovery_codes")
    never_shown = before.wrap().get_unused_codes()[0]
    thief = browser()
    sign_in(thief, cast.owner)
    thief.post("/account/code/", {"code": never_shown})
    assert who(thief) is None
    # when
    page = client.get("/profile/security/codes/").content.decode()
    # then
    kept = Authenticator.objects.get(type="recovery_codes").data
    assert sorted(kept) == ["hashes", "migrated_codes", "viewed_at"]
    assert (kept["migrated_codes"], len(kept["hashes"])) == ([], 9)
    found = re.findall(r"\d{8}", page.partition("<pre")[2].partition("</pre>")[0])
    assert [sum(check_password(code, each) for each in kept["hashes"]) for code in found] == [1] * 9
    assert len({each.split("$")[-2] for each in kept["hashes"]}) == 9  # a salt for each
    # and they confirm who one is as well
    other = browser()
    sign_in(other, cast.owner)
    other.post("/account/code/", {"code": f"{found[3][:4]} {found[3][4:]}"})
    assert who(other) == cast.owner.pk
    assert other.post("/account/confirm/code/", {"code": found[4]}).status_code == 302
    assert len(Authenticator.objects.get(type="recovery_codes").data["hashes"]) == 7


def test_changing_the_second_factor_needs_the_password_again(cast):
    client = signed_in("203.0.113.1", cast.owner)
    for address in ("app/add/", "keys/add/", "codes/new/"):
        answer = client.get(f"/profile/security/{address}")
        assert answer.headers["Location"].startswith("/account/reauthenticate/")
    answer = client.post("/account/reauthenticate/", {"password": "wrong"})
    assert "The password is not right." in answer.content.decode()
    assert client.get("/profile/security/app/add/").status_code == 302


def test_a_change_is_told_by_mail_and_kept(cast, run_jobs):
    client = signed_in("203.0.113.1", cast.owner)
    set_up_codes(client)
    run_jobs()
    mail.outbox.clear()
    client.post("/profile/security/app/remove/")
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == [cast.owner.email]
    assert "were removed from your account" in str(letter.body)
    assert "203.0.113.1" in str(letter.body)
    assert events()[-1] == "second_factor_changed"
    assert not Authenticator.objects.exists()


def test_one_manages_only_ones_own_keys(cast):
    theirs = Authenticator.objects.create(user=cast.teammate, type="webauthn", data={"name": "theirs"})
    client = signed_in("203.0.113.1", cast.owner)
    confirm(client)
    for verb in ("remove", "edit"):
        assert client.post(f"/profile/security/keys/{theirs.pk}/{verb}/", {"name": "mine"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.data == {"name": "theirs"}


def test_a_forged_passkey_lets_nobody_in(cast):
    client = browser()
    client.get("/account/passkey/", headers={"accept": "application/json"})
    forged = json.dumps(
        {
            "id": "eA",
            "rawId": "eA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "eA",
                "signature": "eA",
                "userHandle": "MQ",
            },
        }
    )
    for credential in (forged, "{}", "[]", "null", "nonsense", '{"response": {"userHandle": 3}}'):
        answer = client.post("/account/passkey/", {"credential": credential})
        assert answer.status_code == 302, credential
        assert who(client) is None


def require_for(user) -> None:
    """A role of `user` asks for a second factor."""
    user.roles.update(requires_mfa=True)


def test_a_role_may_ask_for_a_second_factor_before_anything_else(cast):
    require_for(cast.owner)
    client = signed_in("203.0.113.1", cast.owner)
    for address in ("/", "/accounts/", "/profile/", "/profile/tokens/", "/settings/"):
        assert client.get(address).headers["Location"] == "/profile/security/required/", address
    answer = client.get("/accounts/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/profile/security/required/")
    assert client.post("/profile/tokens/", {"name": "x", "days": "30"}).status_code == 302
    assert not cast.owner.api_tokens.exists()
    assert "Set up a passkey" in client.get("/profile/security/required/").content.decode()
    set_up_codes(client)
    assert client.get("/profile/").status_code == 200
    assert client.get("/profile/security/required/").headers["Location"] == "/"


def test_tokens_and_people_of_other_roles_notice_nothing(cast):
    require_for(cast.manager)
    assert signed_in("203.0.113.1", cast.reader).get("/profile/").status_code == 200
    _token, secret = tokens.issue(cast.manager, "x", 1)
    answer = browser().get("/api/v1/accounts", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 200


def test_a_role_that_asks_later_is_heeded_within_minutes(cast):
    client = signed_in("203.0.113.1", cast.owner)
    require_for(cast.owner)
    session = client.session
    session["signing_seen"] -= sessions.SEEN_EVERY
    session.save()
    client.get("/profile/")
    assert client.get("/profile/").headers["Location"] == "/profile/security/required/"


def test_taking_the_second_factor_away_leads_back(cast):
    require_for(cast.owner)
    client = signed_in("203.0.113.1", cast.owner)
    set_up_codes(client)
    client.post("/profile/security/app/remove/")
    assert client.get("/profile/").headers["Location"] == "/profile/security/required/"


def test_a_code_holds_for_its_thirty_seconds(cast, settings):
    """V6.5.5: the code of another half minute is refused, as installed."""
    seed = with_codes(cast.owner)
    settings.MFA_TOTP_TOLERANCE = real.MFA_TOTP_TOLERANCE
    client = browser()
    sign_in(client, cast.owner)
    client.post("/account/code/", {"code": code_of(seed, 1)})
    assert (real.MFA_TOTP_TOLERANCE, who(client)) == (0, None)
