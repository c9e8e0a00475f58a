"""Whoever is signed in, and each token, may ask for much in a minute, and not for without end."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.config import settings as real
from clientela.platform.api import tokens
from clientela.platform.audit.models import SecurityEvent
from clientela.platform.signing import pace
from clientela.records import registry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def slow(settings, monkeypatch) -> None:
    """Three calls a minute; it is ten seconds past one."""
    settings.CALLS_PER_MINUTE = 3
    monkeypatch.setattr("clientela.platform.signing.pace.time.time", lambda: 6_000_010.0)
    cache.clear()


def call(client: Any, secret: str, method: str = "get") -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    return getattr(client, method)("/api/v1/tags", headers=headers, content_type="application/json")


def test_it_is_generous_at_first() -> None:
    assert real.CALLS_PER_MINUTE == 1200


def test_a_token_waits_for_the_rest_of_the_minute(cast, client, monkeypatch) -> None:
    # given
    secret = tokens.issue(cast.owner, "loop")[1]
    other = tokens.issue(cast.owner, "quiet")[1]
    assert [call(client, secret).status_code for _each in range(3)] == [200] * 3
    # when
    answer = call(client, secret)
    # then
    assert (answer.status_code, answer["Retry-After"]) == (429, "50")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] in ("Too many calls", "Demasiadas llamadas")
    assert call(client, other).status_code == 200
    event = SecurityEvent.objects.get(kind="too_many_attempts")
    assert (event.user, event.detail.partition(":")[0]) == (cast.owner, "calls token")
    # and in the next minute it goes on
    monkeypatch.setattr("clientela.platform.signing.pace.time.time", lambda: 6_000_061.0)
    assert call(client, secret).status_code == 200


def test_a_refused_call_changes_nothing(cast, client) -> None:
    secret = tokens.issue(cast.admin, "loop")[1]
    tags = registry.get("tag").model._default_manager
    for _each in range(3):
        call(client, secret)
    before = tags.count()
    assert call(client, secret, "post").status_code == 429
    assert tags.count() == before


def test_a_person_waits_and_nobody_else_does(cast, signed_in) -> None:
    # given
    client = signed_in(cast.owner)
    assert [client.get("/profile/").status_code for _each in range(3)] == [200] * 3
    # when
    answer = client.get("/profile/")
    # then
    assert (answer.status_code, answer["Retry-After"]) == (429, "50")
    assert b"data-signin" in answer.content or b"<h1>" in answer.content
    assert signed_in(cast.teammate).get("/profile/").status_code == 200
    assert SecurityEvent.objects.filter(kind="too_many_attempts").count() == 1
    client.get("/profile/")
    assert SecurityEvent.objects.filter(kind="too_many_attempts").count() == 1


def test_counting_asks_the_database_for_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        waits = [pace.seconds_to_wait("user:1") for _each in range(5)]
    assert waits == [0, 0, 0, 50, 50]
    assert len(queries) == 0


def test_nothing_is_counted_with_zero(settings) -> None:
    settings.CALLS_PER_MINUTE = 0
    assert {pace.seconds_to_wait("user:1") for _each in range(10)} == {0}


def test_a_count_that_the_cache_dropped_begins_anew(monkeypatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *_args: False)
    monkeypatch.setattr(cache, "incr", lambda _key: int("dropped"))
    assert pace.seconds_to_wait("user:1") == 0
