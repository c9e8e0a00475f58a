"""A program exports and erases a person as an administrator's page does: rights, scope, history."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from clientela.access.models import User
from clientela.platform.api import tokens
from clientela.platform.audit.models import Change, SecurityEvent
from clientela.records import registry
from tests.cast import Cast
from tests.contract import samples
from tests.privacy.test_personal_data import EMAIL, NAME, person, traces

pytestmark = pytest.mark.django_db
EXPORT, ERASE = "export_personal_data", "erase_personal_data"
ALL = {"contact": "write", "note": "write", "attachment": "write"}


def post(client: Any, user: User, address: str, body: Any = None, scope: dict[str, str] | None = None) -> Any:
    secret = tokens.issue(user, "test", scope=scope)[1]
    return client.post(
        f"/api/v1/{address}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )


def test_everything_held_goes_out(cast: Cast, client) -> None:
    # given
    record = person(cast)
    # when
    answer = post(client, cast.admin, f"contacts/{record.pk}/{EXPORT}")
    # then
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        told = json.loads(archive.read("data.json"))
    assert told["fields"]["email"]["value"] == EMAIL
    event = SecurityEvent.objects.get(kind="personal_data_exported")
    assert (event.user, event.detail) == (cast.admin, f"contact:{record.pk}")


def test_a_person_is_erased(cast: Cast, client) -> None:
    # given
    record = person(cast)
    # when
    answer = post(client, cast.admin, f"contacts/{record.pk}/{ERASE}", {"confirm": NAME})
    # then
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["email"]) == (f"Erased contact {record.pk}", "")
    assert traces() == []
    change = Change.objects.filter(record="contact", record_id=record.pk).latest("id")
    assert (change.actor, change.source, change.reference) == (cast.admin, "erasure", "api")


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
@pytest.mark.parametrize("action", [EXPORT, ERASE])
def test_only_administrators_do_it(who: str, action: str, cast: Cast, client) -> None:
    record = person(cast)
    answer = post(client, getattr(cast, who), f"contacts/{record.pk}/{action}", _body(action))
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    unchanged(record)


def _body(action: str) -> dict[str, str]:
    return {"confirm": NAME} if action == ERASE else {}


def unchanged(record: Any) -> None:
    record.refresh_from_db()
    assert record.name == NAME
    assert not SecurityEvent.objects.filter(kind__startswith="personal_data").exists()


def test_who_does_not_see_her_learns_nothing(cast: Cast, client) -> None:
    record = person(cast)
    for action in (EXPORT, ERASE):
        answer = post(client, cast.outsider, f"contacts/{record.pk}/{action}", _body(action))
        assert answer.status_code == 404
    unchanged(record)


@pytest.mark.parametrize(
    ("scope", "export", "erase"),
    [
        ({"*": "read"}, 200, 403),
        ({"contact": "write"}, 403, 403),
        ({"contact": "read", "note": "read", "attachment": "read"}, 200, 403),
        (ALL | {"note": "read"}, 200, 403),
        ({"lead": "write"}, 404, 404),
        (ALL, 200, 200),
    ],
)
def test_a_token_does_what_its_scope_reaches(
    scope: dict[str, str], export: int, erase: int, cast: Cast, client
) -> None:
    record = person(cast)
    place = f"contacts/{record.pk}"
    given_out = post(client, cast.admin, f"{place}/{EXPORT}", scope=scope)
    assert given_out.status_code == export
    if export == 200:
        with zipfile.ZipFile(io.BytesIO(b"".join(given_out.streaming_content))) as archive:
            told = json.loads(archive.read("data.json"))["linked"]
        linked = {each["record"].partition(":")[0] for each in told}
        assert (linked >= {"account", "opportunity"}) is ("*" in scope)
    assert post(client, cast.admin, f"{place}/{ERASE}", {"confirm": NAME}, scope).status_code == erase
    record.refresh_from_db()
    assert (record.name == NAME) is (erase != 200)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "confirm"),
        ({"confirm": "Somebody"}, "confirm"),
        ({"confirm": 7}, "confirm"),
        ({"confirm": NAME, "notes": "yes"}, "notes"),
        ({"confirm": NAME, "files": None}, "files"),
        ({"confirm": NAME, "owner": 1}, "owner"),
    ],
)
def test_what_is_not_said_right_changes_nothing(body: Any, field: str, cast: Cast, client) -> None:
    record = person(cast)
    answer = post(client, cast.admin, f"contacts/{record.pk}/{ERASE}", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    unchanged(record)


def test_records_about_no_person_have_no_such_actions(cast: Cast, client) -> None:
    account = samples.make(registry.get("account"), cast.owner)
    for action in (EXPORT, ERASE):
        assert post(client, cast.admin, f"accounts/{account.pk}/{action}", {}).status_code == 404


def test_the_description_tells_it_to_those_who_may(cast: Cast, client) -> None:
    for who, told in ((cast.admin, True), (cast.owner, False)):
        client.force_login(who)
        paths = client.get("/api/v1/openapi.json").json()["paths"]
        for kind in ("contacts", "leads"):
            for action in (EXPORT, ERASE):
                assert (f"/api/v1/{kind}/{{id}}/{action}" in paths) is told
    client.force_login(cast.admin)
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    answers = paths[f"/api/v1/contacts/{{id}}/{EXPORT}"]["post"]["responses"]
    assert list(answers["200"]["content"]) == ["application/zip"]
    body = paths[f"/api/v1/contacts/{{id}}/{ERASE}"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["required"] == ["confirm"]
