"""Every address there is, walked with what a caller must not reach: nothing is told and nothing changes."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import RegexPattern, RoutePattern, URLPattern, URLResolver

from clientela.access.models import User
from clientela.platform.api import tokens
from clientela.platform.audit.models import Change
from clientela.platform.savedviews.models import SavedView
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry, urlnames
from tests.cast import Cast
from tests.contract import samples, ways
from tests.contract.scenes import OWNED, SignIn

pytestmark = pytest.mark.django_db
SECRET = "zzsecret"
NOT_COMPARED = {"session", "opensession", "securityevent", "attempts", "knowndevice"}
"""What is kept of calls themselves: sessions, refusals, guesses."""
MAY_BE_CALLED = {"people_see_as_stop", "account_logout"}
"""What somebody may do who looks as another person: stop."""
PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")


def addresses(parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and address of every route, its parts filled in with these values."""
    for name, route in _routes(get_resolver().url_patterns):
        wanted = [first or second for first, second in PART.findall(route)]
        if all(each in parts for each in wanted):
            filled = PART.sub(lambda found: str(parts[found[1] or found[2]]), route)
            yield name, "/" + re.sub(r"[\^$?\\]|/\?$", "", filled)


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    for each in patterns:
        assert isinstance(each.pattern, RoutePattern | RegexPattern)
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, route)
        else:
            yield each.name or "", route


def everything() -> dict[str, list[Any]]:
    """Every row of every table that is compared."""
    models: list[type[Model]] = [
        model for model in apps.get_models() if model._meta.model_name not in NOT_COMPARED
    ]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


def parts_of(key: str, cast: Cast) -> dict[str, Any]:
    """A record of the owner's full of secrets, his import, view, note and change, by part of an address."""
    spec = registry.get(key)
    record = samples.make(spec, cast.owner, **{spec.title: f"{SECRET} title"})
    note = samples.make(registry.get("note"), cast.owner, body=f"{SECRET} note")
    note.links.create(record=key, record_id=record.pk)
    job = ImportJob.objects.create(
        record=key, user=cast.owner, file_name=f"{SECRET}.csv", path=f"/nowhere/{SECRET}.csv"
    )
    view = SavedView.objects.create(record=key, owner=cast.owner, name=f"{SECRET} view")
    change = Change.objects.filter(record=key, record_id=record.pk).latest("id")
    action = next((each.name for each in spec.actions), "none")
    return {
        "plural": spec.plural,
        "record_id": record.pk,
        "name": spec.title,
        "action": action,
        "note_id": note.pk,
        "job_id": job.pk,
        "view_id": view.pk,
        "change_id": change.pk,
        "operation": change.operation,
        "moment": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "token_id": tokens.issue(cast.owner, f"{SECRET} token")[0].pk,
        "person_id": cast.owner.pk,
    }


def bodies(key: str, record_id: int, field: str) -> list[dict[str, Any]]:
    """What a form may send that would change something."""
    return [
        {},
        {field: "Taken", "confirmed": "1", "do": "delete", "ids": [record_id], "to": "1", "body": "Taken"},
        {"do": "field", "field": field, field: "Taken", "confirmed": "1", "ids": [record_id]},
        {"do": "export", "ids": [record_id]},
        {"with": record_id, "ids": [record_id], "survivor": record_id, "name": "Taken", "level": "write"},
    ]


@pytest.mark.parametrize("key", OWNED)
def test_the_ids_of_others_open_nothing(key: str, cast: Cast, signed_in: SignIn) -> None:
    """The outsider calls every address of the owner's record, import, view, note and change."""
    parts = parts_of(key, cast)
    spec = registry.get(key)
    client, program = signed_in(cast.outsider), ways.Program(cast.outsider).client
    program.raise_request_exception = client.raise_request_exception = False
    assert program.get("/api/v1/users").status_code == 200  # the token's last use is noted now
    before = everything()
    about = ("record_id", "note_id", "job_id", "view_id", "change_id", "operation", "token_id")
    for name, url in addresses(parts):
        caller = program if url.startswith("/api/") else client
        own = any(f"/{parts[part]}" in url for part in about)
        answers = [caller.get(url)]
        answers += [caller.post(url, each) for each in bodies(key, parts["record_id"], spec.title)]
        answers += [
            _json(caller, method, url, {spec.title: "Taken"}) for method in ("PATCH", "DELETE", "PUT")
        ]
        for answer in answers:
            assert answer.status_code < 500, (name, url)
            assert SECRET not in ways.body_of(answer), (name, url)
            assert not own or answer.status_code >= 300, (name, url)
    assert changed(before) == []


def _json(client: Client, method: str, url: str, body: dict[str, Any]) -> Any:
    return client.generic(method, url, json.dumps(body), content_type="application/json")


def changed(before: dict[str, list[Any]]) -> list[str]:
    """The tables that are not as they were."""
    after = everything()
    return [name for name, rows in after.items() if rows != before[name]]


def walk(client: Client, parts: dict[str, Any], field: str) -> None:
    """Write through every address in every way that a browser can."""
    for name, url in addresses(parts):
        if name in MAY_BE_CALLED:
            continue
        for body in bodies("", parts["record_id"], field):
            assert client.post(url, body).status_code < 500, url
        for method in ("PUT", "PATCH", "DELETE"):
            assert _json(client, method, url, {field: "Taken"}).status_code < 500, url


@pytest.mark.parametrize("who", ["stranger", "looks as another"])
def test_who_may_not_write_writes_nowhere(who: str, cast: Cast, signed_in: SignIn) -> None:
    parts = parts_of("account", cast)
    client = Client() if who == "stranger" else signed_in(cast.admin)
    if who != "stranger":
        assert client.post(reverse("people_see_as", args=[cast.owner.pk])).status_code == 302
    before = everything()
    walk(client, parts, "name")
    assert changed(before) == []
    if who != "stranger":
        person = client.get("/").wsgi_request.user
        assert isinstance(person, User)
        assert person.seen_by == cast.admin.pk


def test_the_walk_would_notice(cast: Cast, signed_in: SignIn) -> None:
    """The same walk by somebody who may write changes something."""
    parts = parts_of("account", cast)
    client = signed_in(cast.owner)
    client.raise_request_exception = False
    before = everything()
    for body in bodies("", parts["record_id"], "name"):
        client.post(urlnames.part_url(registry.get("account"), parts["record_id"], "field", "name"), body)
    assert "parties.Account" in changed(before)
    assert len(list(addresses(parts))) > 90
