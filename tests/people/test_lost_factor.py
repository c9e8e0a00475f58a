"""An administrator takes a lost second factor away (ASVS 5.0 V6.4.4), and nobody else does."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from clientela.access.models import Role
from clientela.platform.audit.models import SecurityEvent
from clientela.platform.signing.models import OpenSession
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
HOW = "Called her on the number of her contract"


def enter(client, person):
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


@pytest.fixture
def lost(cast, client, run_jobs):
    """The owner, signed in in one browser, who then set up codes and lost the telephone."""
    enter(client, cast.owner)
    Authenticator.objects.create(user=cast.owner, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=cast.owner, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    return cast.owner


@pytest.fixture
def page(lost):
    return reverse("people_lost_factor", args=[lost.pk])


@pytest.fixture
def office(cast, lost, run_jobs):
    """The administrator's browser, in which he has just shown who he is."""
    client = enter(Client(headers={"accept-language": "en"}), cast.admin)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    run_jobs()
    mail.outbox.clear()
    return client


def untouched(person):
    return (
        Authenticator.objects.filter(user=person).count() == 2
        and OpenSession.objects.filter(user=person).count() == 1
        and not SecurityEvent.objects.filter(kind="second_factor_taken_away").exists()
        and not mail.outbox
    )


def test_the_factor_and_every_session_are_gone_it_is_kept_and_she_is_told(
    cast, lost, page, office, client, run_jobs
):
    # given the page tells what happens
    shown = office.get(page).content.decode()
    assert "Every code, passkey and recovery code of Owner stops working" in shown
    assert page in office.get(reverse("people")).content.decode()
    # when
    response = office.post(page, {"how": f"  {HOW}  "})
    # then
    assert (response.status_code, response["Location"]) == (302, reverse("people_person", args=[lost.pk]))
    assert not Authenticator.objects.filter(user=lost).exists()
    assert not OpenSession.objects.filter(user=lost).exists()
    assert client.get("/accounts/").status_code == 302
    event = SecurityEvent.objects.get(kind="second_factor_taken_away")
    assert (event.user, event.detail) == (cast.admin, f"{lost.email} · {HOW}")
    assert SecurityEvent.objects.filter(kind="sessions_ended", user=lost).count() == 1
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == [lost.email]
    assert "an administrator took away the second factor of your account" in letter.body
    assert "127.0.0.1" not in letter.body
    # and she comes in with her password
    assert enter(client, lost).get("/accounts/").status_code == 200
    # and the page has nothing more to take away
    again = office.post(page, {"how": HOW})
    assert (again.status_code, "Owner has no second factor." in again.content.decode()) == (422, True)
    assert SecurityEvent.objects.filter(kind="second_factor_taken_away").count() == 1


def test_where_a_role_asks_for_one_a_new_one_is_set_up_first(cast, lost, page, office, client):
    Role.objects.filter(key="seller").update(requires_mfa=True)
    assert "a new one is set up first" in office.get(page).content.decode()

    office.post(page, {"how": HOW})

    assert enter(client, lost).get("/accounts/")["Location"] == reverse("signing_required")


@pytest.mark.parametrize("how", ["", "   ", "yes", "x" * 151])
def test_how_he_made_sure_is_asked_for(lost, page, office, how):
    response = office.post(page, {"how": how})

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert untouched(lost)


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_nobody_else_does(cast, lost, page, office, signed_in, who):
    client = signed_in(getattr(cast, who))
    assert [client.get(page).status_code, client.post(page, {"how": HOW}).status_code] == [403, 403]
    assert untouched(lost)


def test_he_shows_anew_who_he_is_and_cannot_do_it_to_himself(cast, lost, page, signed_in, office):
    # given a session in which nobody has shown anything lately
    response = signed_in(cast.admin).post(page, {"how": HOW})
    # then
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert untouched(lost)
    # and his own
    own = office.post(reverse("people_lost_factor", args=[cast.admin.pk]), {"how": HOW})
    assert own.status_code == 422
    assert untouched(lost)
