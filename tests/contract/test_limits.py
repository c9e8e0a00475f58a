"""The limits of a token hold in each way of the API, whatever its person may. Nothing sets what is fixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clientela.access import rules
from clientela.access.models import Role
from clientela.platform.audit.models import Change
from clientela.records import refs, registry, urlnames
from clientela.records.spec import Spec
from tests.answers import Answer
from tests.cast import Cast, give_roles
from tests.contract import samples, ways
from tests.contract.scenes import OWNED, SignIn

pytestmark = pytest.mark.django_db
EVERYTHING = dict.fromkeys(("see", "change", "delete", "bulk"), "all") | {"create": True}
EVERY = pytest.mark.parametrize("key", OWNED)
Way = Callable[[ways.Program, Spec, Any, int], Answer]


def post(program: ways.Program, path: str, body: Any) -> Answer:
    return program.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


READS: dict[str, Way] = {
    "list": lambda program, spec, _record, _change: program.get(spec),
    "sorted": lambda program, spec, _record, _change: program.get(spec, sort=spec.title),
    "filter": lambda program, spec, record, _change: program.get(
        spec, filter=json.dumps({"field": "id", "op": "is", "value": record.pk})
    ),
    "search": lambda program, spec, _record, _change: program.get(spec, q="sample"),
    "one": lambda program, spec, record, _change: program.get(spec, record.pk),
    "changes": lambda program, spec, record, _change: program.client.get(
        "/api/v1/changes", {"record": f"{spec.key}:{record.pk}"}
    ),
}
WRITES: dict[str, Way] = {
    "change": lambda program, spec, record, _change: program.patch(
        spec, record.pk, {ways.texts(spec)[0].path: "Changed"}
    ),
    "delete": lambda program, spec, record, _change: program.delete(spec, record.pk),
    "undo": lambda program, _spec, _record, change: post(program, f"changes/{change}/undo", {}),
    "act": lambda program, spec, record, _change: post(
        program, f"{spec.plural}/{record.pk}/{next(iter(spec.actions)).name if spec.actions else 'no'}", {}
    ),
    "merge": lambda program, spec, record, _change: post(
        program, f"{spec.plural}/{record.pk}/merge", {"with": [record.pk + 1]}
    ),
    "unmerge": lambda program, spec, record, _change: post(program, f"{spec.plural}/{record.pk}/unmerge", {}),
}


def sent(spec: Spec) -> dict[str, Any]:
    """What creates a record by the API."""
    known = refs.fields_of(spec)
    return {name: known[name].kind.to_json(value) for name, value in samples.sample_values(spec).items()}


def state(spec: Spec) -> tuple[list[Any], int]:
    rows = list(spec.model._base_manager.order_by("pk").values_list())
    return rows, Change.objects.count()


@EVERY
def test_a_token_that_reads_reads_and_writes_nothing(key: str, cast: Cast) -> None:
    spec = registry.get(key)
    record, _other = samples.make(spec, cast.owner), samples.make(spec, cast.owner)
    change = Change.objects.filter(record=key, record_id=record.pk).latest("id").pk
    body = sent(spec)
    program, before = ways.Program(cast.admin, {key: "read"}), state(spec)
    for name, way in READS.items():
        assert way(program, spec, record, change).status_code == 200, name
    for name, way in WRITES.items():
        assert way(program, spec, record, change).status_code in (400, 403, 404), name
        assert state(spec) == before, name
    assert program.post(spec, body).status_code == 403
    assert state(spec) == before


@EVERY
def test_a_token_of_another_kind_finds_nothing_there(key: str, cast: Cast) -> None:
    spec = registry.get(key)
    other = next(each for each in OWNED if each != key)
    record, _twin = samples.make(spec, cast.owner), samples.make(spec, cast.owner)
    change = Change.objects.filter(record=key, record_id=record.pk).latest("id").pk
    body = sent(spec)
    program, before = ways.Program(cast.admin, {other: "write"}), state(spec)
    for name, way in {**READS, **WRITES}.items():
        answer = way(program, spec, record, change)
        assert answer.status_code in (403, 404), name
        assert samples_title(spec, record) not in ways.body_of(answer), name
    assert program.post(spec, body).status_code == 404
    assert state(spec) == before


def samples_title(spec: Spec, record: Any) -> str:
    return str(getattr(record, spec.title))


@EVERY
def test_a_token_that_adds_adds_and_nothing_else(key: str, cast: Cast) -> None:
    spec = registry.get(key)
    record, _twin = samples.make(spec, cast.owner), samples.make(spec, cast.owner)
    body = sent(spec)
    program = ways.Program(cast.admin, {key: "create"})
    made = program.post(spec, body)
    assert made.status_code == 201, made.content
    own = spec.model._base_manager.get(pk=made.json()["id"])
    before = state(spec)
    for each in (own, record):
        change = Change.objects.filter(record=key, record_id=each.pk).latest("id").pk
        for name, way in {**READS, **WRITES}.items():
            answer = way(program, spec, each, change)
            assert answer.status_code in (403, 404), name
            assert samples_title(spec, record) not in ways.body_of(answer), name
    assert state(spec) == before


@EVERY
def test_what_a_link_names_is_beyond_a_token_of_one_kind(key: str, cast: Cast) -> None:
    """Fields over links to a kind outside the scope are empty, and are not filtered by."""
    spec = registry.get(key)
    program = ways.Program(cast.admin, {key: "read"})
    for name, ref in refs.fields_of(spec).items():
        target = ref.target
        if target is None or target.key not in OWNED or ref.many or target.key == key:
            continue
        linked = samples.make(target, cast.owner)
        record = samples.make(spec, cast.owner, **{name: linked.pk})
        title = f"{name}__{target.title}"
        answer = program.get(spec, record.pk, fields=f"{name},{title}")
        assert answer.status_code in (200, 400), name
        if answer.status_code == 200:
            assert answer.json()[title] is None, name
        leaf = {"field": title, "op": "not_empty"}
        listed = program.get(spec, filter=json.dumps(leaf))
        assert listed.status_code == 400 or listed.json()["items"] == [], name


# --- mass assignment ---------------------------------------------------------------------------------


FIXED = {"id": 987654, "version": 99, "created_by": 1, "created_at": "1999-01-01T00:00:00Z"}


@EVERY
def test_what_is_fixed_or_hidden_is_set_by_no_way(key: str, cast: Cast, signed_in: SignIn) -> None:
    """Read-only, hidden and unknown fields sent along with good ones."""
    spec = registry.get(key)
    record = samples.make(spec, cast.owner)
    name = ways.texts(spec)[-1].path
    kept = {"modules": {"*": True}, "records": {"*": EVERYTHING}}
    hidden = {"fields": {key: {name: "hidden"}}}
    give_roles(cast.owner, Role.objects.create(name="All but one", rules=rules.dump(kept | hidden)))
    client, program = signed_in(cast.owner), ways.Program(cast.owner)
    fixed = {ref.path: "1" for ref in refs.fields_of(spec).values() if ref.read_only and not ref.many}
    body, before = sent(spec), state(spec)
    body.pop(name, None)
    for field, value in ({**fixed, **FIXED, name: "Taken", "pk": 1, "is_admin": True}).items():
        if field != "version":
            assert program.patch(spec, record.pk, {field: value}).status_code == 422, field
        assert program.post(spec, {**body, field: value}).status_code == 422, field
        bulk = {"do": "field", "field": field, field: value, "confirmed": "1", "ids": [record.pk]}
        assert client.post(urlnames.view_url(spec, "bulk"), bulk).status_code in (200, 400, 404), field
        inline = client.post(urlnames.part_url(spec, record.pk, "field", field), {field: str(value)})
        assert inline.status_code in (404, 403), field
    assert state(spec) == before
    _by_form(client, spec, {**fixed, **FIXED, name: "Taken"}, name)


def _by_form(client: Client, spec: Spec, extra: dict[str, Any], hidden: str) -> None:
    """A form that sends them along makes a record without them."""
    given = samples.sample_values(spec)
    given.pop(hidden, None)
    data = {**ways.form_data(spec, given), **{field: str(value) for field, value in extra.items()}}
    assert client.post(urlnames.create_url(spec), data).status_code == 302
    made: Any = spec.model._base_manager.latest("pk")
    assert (made.pk, str(getattr(made, hidden))) != (FIXED["id"], "Taken")
    assert str(getattr(made, hidden)) != "Taken"
    assert made.created_at.year > 2000
    assert made.version == 1
