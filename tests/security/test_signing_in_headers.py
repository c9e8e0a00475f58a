"""The headers of every kind of answer, and the cookies."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from clientela.config import middleware

SOURCES = ("default-src", "script-src", "style-src", "connect-src", "font-src", "img-src")


def answers(client: Client):
    """One of each kind of answer."""
    yield "page", client.get("/accounts/"), 200
    yield "fragment", client.get("/accounts/", headers={"HX-Request": "true", "HX-Target": "list"}), 200
    yield "API", client.get("/api/v1/accounts"), 401
    yield "not found", client.get("/nothing/here/"), 404
    yield "refused", client.get("/settings/"), 403
    yield "forged", Client(enforce_csrf_checks=True).post("/account/login/"), 403
    yield "static", client.get("/static/ui/mark.svg"), 200
    yield "download", client.get("/accounts/export/?format=csv"), 200
    yield "redirect", Client().get("/accounts/"), 302
    yield "sign-in", Client().get("/account/login/"), 200
    yield "bad host", Client().get("/", headers={"host": "evil.example"}), 400
    yield "TRACE", Client().generic("TRACE", "/"), 405
    with override_settings(HTTPS=True, SECURE_SSL_REDIRECT=True):
        yield "API in the clear", Client().get("/api/v1/accounts"), 403
        yield "page in the clear", Client().get("/account/login/"), 301


def test_every_kind_of_answer_has_the_headers(cast, signed_in):
    for kind, answer, status in answers(signed_in(cast.owner)):
        assert answer.status_code == status, kind
        held = answer.headers
        assert held["X-Content-Type-Options"] == "nosniff", kind
        assert is_told(answer), kind
        assert held["Referrer-Policy"] == "same-origin", kind
        assert held["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert held["Cross-Origin-Resource-Policy"] == "same-origin", kind
        assert held["X-Frame-Options"] == "DENY", kind
        assert "camera=()" in held["Permissions-Policy"], kind
        assert strict(held["Content-Security-Policy"]), kind


def is_told(answer) -> bool:
    """Whether the answer says what its body is, and texts in which characters."""
    kind = answer.headers.get("Content-Type", "")
    if not answer.streaming and not answer.content:
        return True
    in_letters = kind.startswith("text/") or kind.partition(";")[0].endswith("xml")
    return "charset=utf-8" in kind.lower() if in_letters else "/" in kind


def strict(policy: str) -> bool:
    """Nothing unsafe, nothing from elsewhere, no frames."""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert "unsafe" not in policy
    assert all(set(rules[name].split()) <= {"'self'", "data:"} for name in SOURCES)
    assert rules["img-src"] == "'self' data:"
    return (rules["frame-ancestors"], rules["object-src"], rules["base-uri"]) == ("'none'",) * 3


def test_a_failure_has_them_too(cast, signed_in, monkeypatch):
    def fail(*arguments: object, **more: object) -> HttpResponse:
        raise RuntimeError("hidden words")

    client = signed_in(cast.owner)
    client.raise_request_exception = False
    monkeypatch.setattr("clientela.config.health.JsonResponse", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 500
    assert "hidden words" not in answer.content.decode()
    assert strict(answer.headers["Content-Security-Policy"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_private_is_not_kept_by_caches(cast, signed_in):
    for kind, answer, _status in answers(signed_in(cast.owner)):
        assert ("no-store" in answer.headers.get("Cache-Control", "")) == (kind != "static"), kind


def test_nothing_is_shown_to_another_origin(cast, signed_in):
    for kind, answer, _status in answers(signed_in(cast.owner)):
        assert not [name for name in answer.headers if name.startswith("Access-Control-")], kind


@pytest.mark.parametrize("method", ["TRACE", "TRACK"])
def test_a_request_is_never_sent_back(client, db, method):
    answer = client.generic(method, "/account/login/", headers={"x-secret": "echo"})
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("address", ["/account/login/", "/api/v1/accounts"])
def test_what_is_longer_than_anything_may_be_is_not_even_read(client, db, settings, address):
    longest = settings.LARGEST_REQUEST
    statuses = [
        client.post(address, CONTENT_LENGTH=str(said)).status_code
        for said in (longest + 1, 10**18, 0, "-1", "²")
    ]
    assert statuses[:2] == [413, 413]
    assert 413 not in statuses[2:]


def test_the_session_cookie_is_out_of_reach_of_scripts(cast):
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": cast.owner.email, "password": "correct horse battery"})
    for name in ("session", "csrf", "device"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


HTTPS = """
import os
import django
django.setup()
from django.test import Client
answer = Client().get("/account/login/", secure=True)
plain = Client().get("/account/login/")
behind = Client().get("/account/login/", headers={"x-forwarded-proto": "https"})
cookie = answer.cookies["__Host-csrf"]
print(answer.headers["Strict-Transport-Security"], cookie["secure"], cookie["path"], cookie["domain"] == "")
print(plain.status_code, plain.headers["Location"], behind.status_code)
program = Client().get("/api/v1/accounts", headers={"authorization": "Bearer clt_x"})
print(program.status_code, program.headers["Content-Type"], "Location" in program.headers)
from django.conf import settings
print(settings.MESSAGE_STORAGE)
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE)
from clientela.platform.signing import devices
print(devices.cookie_name(), settings.LANGUAGE_COOKIE_NAME)
"""


def test_behind_https_cookies_are_bound_to_the_host(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIENTELA_")}
    environment = {
        **kept,
        "CLIENTELA_DATA": str(tmp_path),
        "CLIENTELA_HTTPS": "1",
        "CLIENTELA_DEBUG": "1",
        "CLIENTELA_ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", HTTPS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "max-age=31536000; includeSubDomains True / True",
        "301 https://testserver/account/login/ 200",
        "403 application/problem+json False",
        "django.contrib.messages.storage.session.SessionStorage",
        "__Host-session True True",
        "__Host-device __Host-language",
    ], done.stderr


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "198.51.100.9", "10.0.0.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        (2, "6.6.6.6, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        (2, "198.51.100.9", "10.0.0.1"),
        (1, "not an address", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, header, address):
    settings.PROXIES = proxies
    seen = []

    def note(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": header})
    middleware.proxy_middleware(note)(request)
    assert seen == [address]
