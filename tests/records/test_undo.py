"""Undo from its toast."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(cast):
    operation = Operation(actor_of(cast.owner), PAGE)
    return write.create(registry.get("account"), {"name": "A", "city": "Ricla"}, operation=operation)


def change(person, account, **given):
    operation = Operation(actor_of(person), PAGE)
    write.change(registry.get("account"), Account.objects.get(pk=account.pk), given, operation=operation)
    return f"/undo/{operation.id}/"


def city_of(account):
    return Account.objects.values_list("city", flat=True).get(pk=account.pk)


def toast_of(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def test_an_undo_can_itself_be_undone_and_so_on(cast, signed_in, account):
    client, url = signed_in(cast.owner), change(cast.owner, account, city="Épila")

    for expected in ("Ricla", "Épila", "Ricla"):
        answer = client.post(url)
        assert answer.status_code == 204
        assert city_of(account) == expected
        assert toast_of(answer)["undo_label"] == "Redo"
        url = toast_of(answer)["undo_url"]


def test_what_is_newer_is_kept_and_told(cast, signed_in, account):
    url = change(cast.owner, account, website="a.example", description="New")
    change(cast.owner, account, website="b.example")

    answer = signed_in(cast.owner).post(url)

    assert toast_of(answer)["text"] == "1 change undone. “A” has something newer: Website"
    account.refresh_from_db()
    assert (account.website, account.description) == ("b.example", "")


def test_what_is_hidden_stays_and_is_not_named(cast, signed_in, account, monkeypatch):
    """Neither in the message of an undo nor on the page of the act."""
    url = change(cast.owner, account, website="a.example", description="New")
    change(cast.admin, account, website="b.example")
    hidden = frozenset({"name", "website"})
    monkeypatch.setattr(
        policy, "hidden_fields", lambda actor, subject: frozenset() if actor.is_admin else hidden
    )
    client = signed_in(cast.owner)

    page = client.get(url.replace("undo", "acts")).content.decode()
    answer = client.post(url)

    assert toast_of(answer)["text"] == "1 change undone. “…” has something newer: what you may not see"
    assert "what you may not see" in page
    for secret in ("Website", "a.example", "b.example", "“A”"):
        assert secret not in page
    account.refresh_from_db()
    assert (account.website, account.description) == ("b.example", "")


def test_twice_the_same_is_refused_in_words(cast, signed_in, account):
    client, url = signed_in(cast.owner), change(cast.owner, account, city="Épila")
    client.post(url)

    answer = client.post(url)

    assert answer.status_code == 409
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == "This was undone already."


@pytest.mark.parametrize("person", ["teammate", "reader", "outsider", "manager"])
def test_nobody_undoes_what_another_did(cast, signed_in, account, person):
    url = change(cast.owner, account, city="Épila")
    before = Change.objects.count()

    assert signed_in(getattr(cast, person)).post(url).status_code == 404
    assert city_of(account) == "Épila"
    assert Change.objects.count() == before


def test_an_administrator_may(cast, signed_in, account):
    url = change(cast.owner, account, city="Épila")

    assert signed_in(cast.admin).post(url).status_code == 204
    assert city_of(account) == "Ricla"


def test_what_is_not_there_is_not_found_and_looking_changes_nothing(cast, signed_in, account):
    client, url = signed_in(cast.owner), change(cast.owner, account, city="Épila")

    assert client.post(f"/undo/{uuid4()}/").status_code == 404
    assert client.get(url).status_code == 405
    assert city_of(account) == "Épila"
