"""A sign-in link works once, for ten minutes, and only when a person presses the button."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clientela.access import signin_link
from clientela.access.models import User


def address(user: User) -> str:
    return reverse("access_signin_link", kwargs={"token": signin_link.make(user)})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.fixture
def url(cast) -> str:
    return address(cast.admin)


def test_opening_it_signs_nobody_in(cast, client, url):
    response = client.get(url)
    assert response.status_code == 200
    assert signed_in_as(client) is None
    cast.admin.refresh_from_db()
    assert cast.admin.last_login is None


def test_pressing_the_button_signs_in(cast, client, url):
    response = client.post(url)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert signed_in_as(client) == str(cast.admin.pk)


def test_a_second_use_is_refused(client, url):
    client.post(url)
    second = Client()
    assert second.post(url).status_code == 410
    assert signed_in_as(second) is None


def test_signing_in_ends_the_other_links(cast, client):
    first, other = address(cast.admin), address(cast.admin)
    client.post(first)
    assert Client().get(other).status_code == 410


def test_two_at_once_are_not_both_let_in(cast):
    token = signin_link.make(cast.admin)
    stale = signin_link.find(token)
    assert stale is not None
    assert signin_link.use(token) == cast.admin
    spent = User.objects.filter(pk=stale.pk, last_login=stale.last_login).update(last_login=None)
    assert spent == 0


@pytest.mark.parametrize(("age", "status"), [(599, 200), (601, 410)])
def test_it_lasts_ten_minutes(client, url, monkeypatch, age, status):
    later = time.time() + age
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(url).status_code == status
    assert timedelta(seconds=600) == signin_link.LIFETIME


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "%00", "x" * 3000])
def test_a_forged_one_is_refused(db, client, token):
    response = client.post(reverse("access_signin_link", kwargs={"token": token}))
    assert response.status_code == 410
    assert signed_in_as(client) is None


def test_somebody_deactivated_stays_out(cast, client, url):
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    assert client.post(url).status_code == 410
    assert signed_in_as(client) is None


def test_a_new_password_ends_it(cast, client, url):
    cast.admin.set_password("another good password")
    cast.admin.save()
    assert client.post(url).status_code == 410
