"""What every answer carries: language, time zone, headers; and which addresses exist."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from clientela.access.models import User
from clientela.config import middleware


@pytest.mark.parametrize(
    ("header", "language"),
    [("ca", "ca"), ("en-GB,en;q=0.8", "en"), ("fr, ca;q=0.5, es;q=0.4", "ca"), ("de", "es"), ("", "es")],
)
def test_a_visitor_is_answered_in_the_browsers_language(header, language):
    request = RequestFactory().get("/", headers={"accept-language": header})
    assert middleware.language_for(request, None) == language


def test_a_language_chosen_before_signing_in_wins():
    request = RequestFactory().get("/", headers={"accept-language": "en"})
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "ca"
    assert middleware.language_for(request, None) == "ca"


def test_a_users_own_language_wins_over_all():
    request = RequestFactory().get("/", headers={"accept-language": "en"})
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "ca"
    assert middleware.language_for(request, User(language="es")) == "es"


@pytest.mark.parametrize(
    ("name", "zone"),
    [("America/Bogota", "America/Bogota"), ("Nowhere/Land", "Europe/Madrid"), ("../etc", "Europe/Madrid")],
)
def test_a_users_time_zone(name, zone):
    assert middleware.time_zone_for(User(time_zone=name)).key == zone


def test_health(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_strict_policy_goes_with_every_answer(client, db):
    header = client.get("/healthz").headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in header.split(";"))
    assert directives["default-src"] == directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["object-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in header


def test_nobody_makes_an_account_for_oneself(client, db):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert client.post("/account/signup/", {"email": "new@example.com"}).status_code == 404
    assert User.objects.count() == 0


def test_signing_in_with_e_mail_and_password(cast, client):
    response = client.post(
        reverse("account_login"), {"login": "OWNER@example.com", "password": "correct horse battery"}
    )
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(cast.owner.pk)


def test_a_wrong_password_signs_nobody_in(cast, client):
    response = client.post(reverse("account_login"), {"login": "owner@example.com", "password": "wrong"})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_both_databases_fold_alike(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT fold('Áridos JALÓN, Muñoz')")
        assert cursor.fetchone() == ("aridos jalon, munoz",)
        cursor.execute("SELECT fold(NULL)")
        assert cursor.fetchone() == (None,)


def test_without_a_shared_cache_sessions_live_in_the_database(settings):
    assert settings.REDIS_URL == ""
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
