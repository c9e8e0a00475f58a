"""Every address there is, walked with what a caller must not reach: nothing is told and nothing changes."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import RegexPattern, RoutePattern, URLPattern, URLResolver

from clientela.access.actor import actor_of
from clientela.access.models import Share, User
from clientela.kit.ids import uuid7
from clientela.platform.api import tokens
from clientela.platform.attachments.services import attach
from clientela.platform.audit.models import Change
from clientela.platform.duplicates.models import Absorbed, Merge, Pair
from clientela.platform.editing.models import BulkJob
from clientela.platform.handover.models import HandOver
from clientela.platform.savedviews.models import SavedView
from clientela.platform.signing.models import OpenSession
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry, urlnames
from clientela.records.changes import PAGE, Operation
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples, ways
from tests.contract.scenes import OWNED, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


SECRET = "zzsecret"
NOT_COMPARED = {"session", "opensession", "securityevent", "attempts", "knowndevice"}
"""What is kept of calls themselves: sessions, refusals, guesses."""
MAY_BE_CALLED = {"people_see_as_stop", "account_logout"}
"""What anybody may do: stop, that is."""
MAY_BE_MADE = {"audit.Change", "savedviews.SavedView", "search.Entry", "sales.StageSpan"}
"""Where the forms that make something leave what is one's own, beside the kind's own table."""
ABOUT = (
    "record_id", "note_id", "job_id", "view_id", "change_id", "operation", "token_id", "session_id",
    "file_id", "pair_id", "merge_id", "share_id", "team_id", "role_id", "mfa.pk", "handover.job_id",
    "bulk.job_id", "file.token",
)  # fmt: skip
"""Parts that name something of the owner's, or of the administrators'."""
UNKNOWN = {
    "token": "zznothing", "uidb36": "zz", "key": "nothing", "provider_id": "nobody", "pipeline_id": 10**9,
    "stage_id": 10**9,
}  # fmt: skip
"""Parts for which nobody has anything that is another's: secrets that there are not, the company's stages."""
PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")


def addresses(parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and address of every route, its parts filled in with these values."""
    for name, route in _routes(get_resolver().url_patterns):
        wanted = [first or second for first, second in PART.findall(route)]
        values = {each: _value(parts, name, each) for each in wanted}
        filled = PART.sub(lambda found, values=values: str(values[found[1] or found[2]]), route)  # type: ignore[misc]
        yield name, "/" + re.sub(r"[\^$?\\]|/\?$", "", filled)


def _value(parts: dict[str, Any], name: str, part: str) -> Any:
    """A part may mean another thing in the addresses of a room: `handover.job_id` is none of an import."""
    return parts.get(f"{name.partition('_')[0]}.{part}", parts.get(part, UNKNOWN.get(part)))


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
    return _around(spec, record, cast) | {
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


def _around(spec: Spec, record: Any, cast: Cast) -> dict[str, Any]:
    """What hangs on the record or is its owner's: session, key, file, pair, merge, share, jobs."""
    key, operation = spec.key, Operation(actor_of(cast.owner), PAGE)
    other = samples.make(spec, cast.owner, **{spec.title: f"{SECRET} title too"})
    low, high = sorted((record.pk, other.pk))
    pair = Pair.objects.create(record=key, first_id=low, second_id=high, score=90)
    merge = Merge.objects.create(
        operation=uuid7(), record=key, survivor_id=record.pk, title=f"{SECRET} title", actor=cast.owner
    )
    Absorbed.objects.create(merge=merge, record=key, record_id=10**6, title=f"{SECRET} gone")
    upload = SimpleUploadedFile(f"{SECRET}.txt", SECRET.encode())
    file = attach(spec, record, upload, operation=operation)
    session = OpenSession.objects.create(user=cast.owner, session_key=SECRET, user_agent=SECRET)
    passkey = Authenticator.objects.create(
        user=cast.owner, type=Authenticator.Type.WEBAUTHN, data={"name": f"{SECRET} key"}
    )
    given = {"account": {str(cast.teammate.pk): [record.pk]}}
    handed = HandOver.objects.create(
        leaver=cast.owner, by=cast.admin, plan=given, total=1, status="done", error=f"{SECRET} error",
        left=[[key, record.pk, f"{SECRET} title", SECRET]],
    )  # fmt: skip
    bulk = BulkJob.objects.create(
        record=key, user=cast.owner, request="", label=f"{SECRET} bulk", status="done", total=1
    )
    return {
        "pair_id": pair.pk,
        "merge_id": merge.pk,
        "file_id": file.pk,
        "file.token": file.stored,
        "file.name": f"{SECRET}.txt",
        "session_id": session.pk,
        "mfa.pk": passkey.pk,
        "share_id": Share.objects.create(
            record=key, record_id=record.pk, user=cast.teammate, by=cast.owner, level="read"
        ).pk,
        "team_id": cast.owner.team_id,
        "role_id": cast.owner.roles.get().pk,
        "rights.key": key,
        "verb": "see",
        "handover.job_id": handed.pk,
        "bulk.job_id": bulk.pk,
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
    before, opened = everything(), set()
    for name, url in addresses(parts):
        if name in MAY_BE_CALLED:  # who has signed out would open nothing any more
            continue
        caller = program if url.startswith("/api/") else client
        own = not {str(parts[part]) for part in ABOUT}.isdisjoint(url.split("/"))
        answers = [caller.get(url)]
        answers += [caller.post(url, each) for each in bodies(key, parts["record_id"], spec.title)]
        answers += [
            _json(caller, method, url, {spec.title: "Taken"}) for method in ("PATCH", "DELETE", "PUT")
        ]
        for answer in answers:
            assert answer.status_code < 500, (name, url)
            assert SECRET not in ways.body_of(answer), (name, url)
            if own and answer.status_code < 300:
                opened.add((name, url))
    assert opened == set()
    assert missing(before) == []
    assert set(changed(before)) <= MAY_BE_MADE | {spec.model._meta.label}
    assert OpenSession.objects.filter(pk=parts["session_id"]).exists()
    assert client.get(urlnames.list_url(spec)).status_code == 200  # he was signed in all along


def _json(client: Client, method: str, url: str, body: dict[str, Any]) -> Any:
    return client.generic(method, url, json.dumps(body), content_type="application/json")


def changed(before: dict[str, list[Any]]) -> list[str]:
    """The tables that are not as they were."""
    after = everything()
    return [name for name, rows in after.items() if rows != before[name]]


def missing(before: dict[str, list[Any]]) -> list[str]:
    """The tables of which a row is gone or is not what it was; others may have come."""
    after = everything()
    return [name for name, rows in before.items() if any(row not in after[name] for row in rows)]


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
    assert OpenSession.objects.filter(pk=parts["session_id"]).exists()
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
    assert len(list(addresses(parts))) > 170


def test_the_walk_leaves_no_address_out(cast: Cast) -> None:
    """Every part of every route has a value, and those of the owner's are no longer the ready-made ones."""
    parts = parts_of("account", cast)
    walked = dict(addresses(parts))
    assert [name for name, url in addresses(parts) if "None" in url or "<" in url] == []
    for name in (
        "duplicates_decide", "duplicates_unmerge", "signing_end_session", "mfa_remove_webauthn", "file",
        "file_delete", "api_file", "handover_result", "handover_undo", "handover_cancel", "bulk_job",
        "record_share_end", "people_team_delete", "rights_role", "rights_scope", "people_lost_factor",
    ):  # fmt: skip
        assert name in walked
    assert walked["handover_undo"] == f"/settings/hand-overs/{parts['handover.job_id']}/undo/"
