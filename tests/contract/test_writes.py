"""Each write from outside leaves one entry a record and one event after commit, and its undo restores."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from clientela.access.models import User
from clientela.platform.audit.models import Change
from clientela.records import changes, refs, registry, urlnames
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
KEYS = sorted(spec.key for spec in samples.specs())
SignIn = Callable[[User], Client]
Captured = Any


@pytest.fixture
def told() -> Iterator[ways.Told]:
    """What is told after commit."""
    listener = ways.Told()
    changes.after_commit(listener)
    yield listener
    changes._committed.remove(listener)


def free_text(spec: Spec) -> str:
    known = [ref.path for ref in ways.texts(spec)]
    return next((name for name in ("description", "external_id") if name in known), known[0])


def entries(key: str, since: int) -> list[tuple[str, Any]]:
    found = Change.objects.filter(record=key, pk__gt=since).order_by("pk")
    return [(change.verb, change.actor_id) for change in found]


def last_entry() -> int:
    return int(Change.objects.latest("pk").pk)


def own(told: ways.Told, spec: Spec) -> list[str]:
    """The verbs told of records of this kind, in order."""
    return [change.verb for _operation, made in told.heard for change in made if change.spec is spec]


def undo_url(response: Any) -> str:
    """Where the toast of an answer leads back."""
    return str(json.loads(response.headers["HX-Trigger"])["toast"]["undo_url"])


@pytest.mark.parametrize("key", KEYS)
def test_an_edit_in_place_and_its_undo(
    key: str, cast: Cast, signed_in: SignIn, told: ways.Told, django_capture_on_commit_callbacks: Captured
) -> None:
    # given
    spec, client = registry.get(key), signed_in(cast.admin)
    record, name = samples.make(spec, cast.owner), free_text(spec)
    before, since = without_version(spec, record.pk), last_entry()
    # when
    with django_capture_on_commit_callbacks(execute=True):
        saved = client.post(urlnames.part_url(spec, record.pk, "field", name), {name: "Changed"})
    # then
    assert entries(key, since) == [("update", cast.admin.pk)]
    assert own(told, spec) == ["update"]
    assert [(operation.source.kind, operation.actor.user_id) for operation, _made in told.heard] == [
        ("page", cast.admin.pk)
    ]
    # when
    with django_capture_on_commit_callbacks(execute=True):
        back = client.post(undo_url(saved))
    # then
    assert back.status_code == 204
    assert without_version(spec, record.pk) == before
    assert own(told, spec) == ["update", "update"]
    # an undo happens once
    assert client.post(undo_url(saved)).status_code == 409
    assert without_version(spec, record.pk) == before


def without_version(spec: Spec, record_id: Any) -> dict[str, Any] | None:
    state = ways.saved(spec, record_id)
    return None if state is None else {name: value for name, value in state.items() if name != "version"}


@pytest.mark.parametrize("key", KEYS)
def test_a_change_of_nothing_leaves_nothing(
    key: str, cast: Cast, signed_in: SignIn, told: ways.Told, django_capture_on_commit_callbacks: Captured
) -> None:
    # given
    spec, client, program = registry.get(key), signed_in(cast.admin), ways.Program(cast.admin)
    record, name = samples.make(spec, cast.owner), free_text(spec)
    before, since = ways.saved(spec, record.pk), last_entry()
    same = getattr(record, name)
    # when
    with django_capture_on_commit_callbacks(execute=True):
        client.post(urlnames.part_url(spec, record.pk, "field", name), {name: same})
        program.patch(spec, record.pk, {name: same})
    # then
    assert entries(key, since) == []
    assert own(told, spec) == []
    assert ways.saved(spec, record.pk) == before


@pytest.mark.parametrize("key", KEYS)
def test_a_deletion_and_its_undo(
    key: str, cast: Cast, signed_in: SignIn, told: ways.Told, django_capture_on_commit_callbacks: Captured
) -> None:
    # given
    spec, client = registry.get(key), signed_in(cast.admin)
    record = samples.make(spec, cast.owner)
    before, since = without_version(spec, record.pk), last_entry()
    # when
    with django_capture_on_commit_callbacks(execute=True):
        gone = client.post(urlnames.part_url(spec, record.pk, "delete"))
    # then
    assert gone.headers["HX-Redirect"] == urlnames.list_url(spec)
    assert without_version(spec, record.pk) is None
    assert entries(key, since) == [("delete", cast.admin.pk)]
    assert own(told, spec) == ["delete"]
    # when the list that follows offers the way back
    page = ways.body_of(client.get(urlnames.list_url(spec)))
    way_back = re.search(r"/undo/[0-9a-f-]{36}/", page)
    assert way_back is not None
    with django_capture_on_commit_callbacks(execute=True):
        client.post(way_back[0])
    # then
    assert without_version(spec, record.pk) == before
    assert own(told, spec) == ["delete", "create"]


@pytest.mark.parametrize("key", KEYS)
def test_programs_leave_the_same(
    key: str, cast: Cast, told: ways.Told, django_capture_on_commit_callbacks: Captured
) -> None:
    # given
    spec, program = registry.get(key), ways.Program(cast.admin)
    samples.make(spec, cast.owner)
    known, given = refs.fields_of(spec), samples.sample_values(spec)
    since = last_entry()
    told.heard.clear()
    sent = {name: known[name].kind.to_json(value) for name, value in given.items()}
    # when
    with django_capture_on_commit_callbacks(execute=True):
        made = program.post(spec, sent)
    assert made.status_code == 201, made.content
    with django_capture_on_commit_callbacks(execute=True):
        assert program.patch(spec, made.json()["id"], {free_text(spec): "Changed"}).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert program.delete(spec, made.json()["id"]).status_code == 204
    # then
    assert entries(key, since) == [(verb, cast.admin.pk) for verb in ("create", "update", "delete")]
    assert own(told, spec) == ["create", "update", "delete"]
    assert {operation.source.kind for operation, _made in told.heard} == {"api"}


@pytest.mark.parametrize("key", KEYS)
def test_a_change_of_many_is_one_operation(
    key: str, cast: Cast, signed_in: SignIn, told: ways.Told, django_capture_on_commit_callbacks: Captured
) -> None:
    # given
    spec, client = registry.get(key), signed_in(cast.admin)
    records = [samples.make(spec, cast.owner) for _each in range(3)]
    before, since = [without_version(spec, each.pk) for each in records], last_entry()
    # when
    data = {"do": "delete", "confirmed": "1", "ids": [each.pk for each in records]}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(urlnames.view_url(spec, "bulk"), data)
    # then
    assert entries(key, since) == [("delete", cast.admin.pk)] * 3
    assert own(told, spec) == ["delete"] * 3
    assert len({operation.id for operation, _made in told.heard}) == 1
    # when
    client.post(undo_url(answer))
    # then
    assert [without_version(spec, each.pk) for each in records] == before


@pytest.mark.parametrize("key", KEYS)
def test_a_form_with_a_mistake_leaves_nothing(
    key: str, cast: Cast, signed_in: SignIn, told: ways.Told, django_capture_on_commit_callbacks: Captured
) -> None:
    # given
    spec, client, program = registry.get(key), signed_in(cast.admin), ways.Program(cast.admin)
    record = samples.make(spec, cast.owner)
    before, since, count = ways.saved(spec, record.pk), last_entry(), spec.model._default_manager.count()
    name = free_text(spec)
    # when
    with django_capture_on_commit_callbacks(execute=True):
        form = client.post(urlnames.create_url(spec), {name: "NUL \x00"})
        edit = client.post(urlnames.part_url(spec, record.pk, "field", name), {name: "NUL \x00"})
        call = program.patch(spec, record.pk, {name: "Changed", "no_such": 1})
    # then
    assert (form.status_code, edit.status_code, call.status_code) == (422, 422, 422)
    assert entries(key, since) == []
    assert own(told, spec) == []
    assert ways.saved(spec, record.pk) == before
    assert spec.model._default_manager.count() == count
