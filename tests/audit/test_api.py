"""The history by the API, and what is hidden told nowhere."""

from __future__ import annotations

import pytest
from django.test import Client

from clientela.domain.parties.models import Account
from clientela.platform.api import tokens
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from tests.audit.acting import act, delete
from tests.audit.test_pages import change

pytestmark = pytest.mark.django_db


def api(person):
    _token, secret = tokens.issue(person, "tests")
    return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})


def test_changes_of_a_record_by_the_api(cast, account):
    change(cast.owner, account, city="Épila")
    client = api(cast.owner)

    first = client.get(f"/api/v1/changes?record=account:{account.pk}&limit=1").json()
    second = client.get(
        "/api/v1/changes", {"record": f"account:{account.pk}", "cursor": first["next"]}
    ).json()

    assert [item["verb"] for item in (*first["items"], *second["items"])] == ["update", "create"]
    assert first["items"][0]["before"]["city"] == "Ricla"
    assert first["items"][0]["after"]["city"] == "Épila"
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("record=account", 400),
        ("record=account:x", 400),
        ("record=nothing:1", 400),
        ("record=account:99999999", 404),
        ("record=account:{pk}&limit=0", 400),
        ("record=account:{pk}&other=1", 400),
    ],
)
def test_what_cannot_be_asked_is_refused(cast, account, query, status):
    assert api(cast.owner).get(f"/api/v1/changes?{query.format(pk=account.pk)}").status_code == status


def test_changes_are_not_told_to_who_may_not_see_the_record(cast, account):
    assert api(cast.outsider).get(f"/api/v1/changes?record=account:{account.pk}").status_code == 404
    delete(cast.owner, account)
    assert api(cast.outsider).get(f"/api/v1/changes?record=account:{account.pk}").status_code == 404
    assert api(cast.owner).get(f"/api/v1/changes?record=account:{account.pk}").status_code == 200


def test_undo_by_the_api(cast, account):
    change(cast.owner, account, city="Épila", website="a.example")
    one = Change.objects.latest("id")
    change(cast.manager, account, city="Calatayud")
    client = api(cast.owner)
    url = f"/api/v1/changes/{one.pk}/undo"

    refused = client.post(url, "{}", content_type="application/json")
    assert refused.status_code == 409
    assert refused.json()["stays"][0]["fields"] == ["city", "addresses"]
    assert refused.json()["stays"][0]["change"]["after"]["city"] == "Calatayud"
    assert Account.objects.get(pk=account.pk).website == "a.example"

    done = client.post(url, '{"rest": true}', content_type="application/json")
    assert (done.status_code, done.json()["undone"]) == (200, 1)
    assert Account.objects.get(pk=account.pk).website == ""
    assert client.post(url, '{"rest": 1}', content_type="application/json").status_code == 422
    assert api(cast.outsider).post(url, "{}", content_type="application/json").status_code == 404
    assert (
        client.post("/api/v1/changes/999999/undo", "{}", content_type="application/json").status_code == 404
    )


def test_a_record_as_of_by_the_api(cast, account):
    then = Change.objects.latest("id").at.isoformat().replace("+00:00", "Z")
    change(cast.owner, account, city="Épila")
    client = api(cast.owner)

    assert client.get(f"/api/v1/accounts/{account.pk}", {"as_of": then}).json()["city"] == "Ricla"
    assert client.get(f"/api/v1/accounts/{account.pk}").json()["city"] == "Épila"
    assert client.get(f"/api/v1/accounts/{account.pk}", {"as_of": "2001-01-01"}).status_code == 404
    assert client.get(f"/api/v1/accounts/{account.pk}", {"as_of": "x"}).status_code == 400
    assert [item["city"] for item in client.get("/api/v1/accounts", {"as_of": then}).json()["items"]] == [
        "Ricla"
    ]
    assert api(cast.outsider).get(f"/api/v1/accounts/{account.pk}", {"as_of": then}).status_code == 404


def test_a_hidden_field_is_told_nowhere(cast, signed_in):
    thing = registry.get("thing")
    made = write.create(
        thing, {"name": "Secretive", "margin": "7654.32", "owner": cast.owner.pk}, operation=act(cast.admin)
    )
    operation = act(cast.admin)
    write.change(
        thing, thing.model._default_manager.get(pk=made.pk), {"margin": "9876.54"}, operation=operation
    )
    then = Change.objects.latest("id").at.isoformat()

    said = [
        api(cast.owner).get(f"/api/v1/changes?record=thing:{made.pk}").content,
        api(cast.owner).get(f"/api/v1/things/{made.pk}", {"as_of": then}).content,
        signed_in(cast.owner).get(f"/things/{made.pk}/as-of/{then}/").content,
        signed_in(cast.owner).get(f"/things/as-of/{then}/?columns=name,margin").content,
    ]
    for text in said:
        assert b"Secretive" in text
        for secret in (b"7654", b"7,654", b"9876", b"9,876", b'"margin"', b"Margin"):
            assert secret not in text
