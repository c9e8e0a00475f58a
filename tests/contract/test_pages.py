"""Every page of every kind of record answers, and says so where it is asked for what there is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pytest
from django.test import Client

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.editing import forms
from clientela.records import kinds, refs, registry, urlnames
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
ALL = sorted(spec.key for spec in registry.every())
KEYS = sorted(spec.key for spec in samples.specs())
WHO = ("admin", "owner")
SignIn = Callable[[User], Client]


def made(spec: Spec, cast: Cast, number: int = 1) -> list[Any]:
    """Records of a kind; of people and teams those there are."""
    if spec.key in samples.NOT_MADE:
        samples.hang_something(spec, cast)
        return list(spec.model._default_manager.order_by("pk")[:number])
    return [samples.make(spec, cast.owner) for _each in range(number)]


def batched(names: Iterable[str], most: int) -> Iterator[list[str]]:
    """The names in lists of at most so many."""
    rest = iter(names)
    while some := list(islice(rest, most)):
        yield some


def refused_status(url: str, client: Client, **data: Any) -> int:
    return client.get(url, data).status_code


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", ALL)
def test_every_page_of_a_list_answers(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(getattr(cast, who))
    made(spec, cast, 3)
    for name, url in {**ways.lists(spec), **ways.parts(spec)}.items():
        # when
        response = client.get(url)
        # then
        assert response.status_code == 200, name
        assert ways.body_of(response), name
        # and as a part of the page
        assert client.get(url, headers=ways.HTMX).status_code == 200, name


@pytest.mark.parametrize("key", ALL)
def test_an_empty_list_answers_too(key: str, cast: Cast, signed_in: SignIn) -> None:
    spec, client = registry.get(key), signed_in(cast.admin)
    for name, url in ways.lists(spec).items():
        assert client.get(url).status_code == 200, name
        assert client.get(url, {"q": "Zzyzx"}).status_code == 200, name


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", ALL)
def test_the_page_of_a_record_answers(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(getattr(cast, who))
    record = made(spec, cast)[0]
    # then
    assert client.get(urlnames.record_url(spec, record.pk)).status_code == 200
    assert client.get(urlnames.record_url(spec, record.pk, **{"from": ""})).status_code == 200
    assert client.get(urlnames.record_url(spec, 2**62)).status_code == 404


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", ALL)
def test_every_field_that_may_be_edited_has_an_editor(
    key: str, who: str, cast: Cast, signed_in: SignIn
) -> None:
    # given
    spec, user = registry.get(key), getattr(cast, who)
    client, record = signed_in(user), made(spec, cast)[0]
    may = who == "admin" or not spec.access.configuration
    offered = {ref.path for ref in forms.editable(spec, refs.fields_of(spec), actor_of(user))}
    for name in refs.fields_of(spec):
        for place in ("cell", "field"):
            # when
            status = refused_status(
                urlnames.part_url(spec, record.pk, "field", name), client, **{"as": place}
            )
            # then
            assert status == ((200 if may else 403) if name in offered else 404), name


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", KEYS)
def test_the_form_of_a_new_record_answers(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(getattr(cast, who))
    may = who == "admin" or not spec.access.configuration
    # then
    for headers in ({}, ways.HTMX):
        assert client.get(urlnames.create_url(spec), headers=headers).status_code == (200 if may else 403)
    more = client.post(urlnames.create_url(spec), {"then": "more"}, headers=ways.HTMX)
    assert more.status_code == (200 if may else 403)
    alike = client.post(urlnames.view_url(spec, "duplicates"), {spec.title: "Sample"})
    assert alike.status_code == 200
    assert spec.model._default_manager.filter(**{f"{spec.title}__startswith": "Sample"}).count() == 0


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", KEYS)
def test_a_form_makes_a_record_and_leads_to_it(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(getattr(cast, who))
    data = ways.form_data(spec, samples.sample_values(spec))
    before = set(spec.model._default_manager.values_list("pk", flat=True))
    # when
    response = client.post(urlnames.create_url(spec), data)
    # then
    new = set(spec.model._default_manager.values_list("pk", flat=True)) - before
    if who == "owner" and spec.access.configuration:
        assert response.status_code == 403
        assert new == set()
    else:
        assert response.status_code == 302, ways.body_of(response)
        assert [response["Location"]] == [urlnames.record_url(spec, each) for each in new]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", ALL)
def test_options_offer_the_record(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(getattr(cast, who))
    record = made(spec, cast)[0]
    # then
    assert client.get(urlnames.options_url(spec)).status_code == 200
    taken = client.get(urlnames.options_url(spec), {"take": str(record.pk)})
    assert taken.status_code == 204
    assert json.loads(taken.headers["HX-Trigger"])["clientela:created"]["id"] == record.pk


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", KEYS)
def test_every_action_answers(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(getattr(cast, who))
    record = samples.make(spec, cast.owner)
    before = ways.saved(spec, record.pk)
    for action in spec.actions:
        # when
        status = client.get(urlnames.part_url(spec, record.pk, "action", action.name)).status_code
        # then
        expected = 404 if action.view else 200 if action.available(record) else 409
        assert status == expected, action.name
    assert client.get(urlnames.part_url(spec, record.pk, "action", "no_such")).status_code == 404
    assert ways.saved(spec, record.pk) == before


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", ALL)
def test_the_api_answers(key: str, who: str, cast: Cast) -> None:
    # given
    spec, program = registry.get(key), ways.Program(getattr(cast, who))
    record = made(spec, cast)[0]
    # when
    listed = program.get(spec, filter=json.dumps({"field": "id", "op": "is", "value": record.pk}))
    one = program.get(spec, record.pk)
    # then
    assert listed.status_code == one.status_code == 200
    assert listed.json() == {"items": [one.json()], "next": None, "count": 1}
    assert one.json()["id"] == record.pk


@pytest.mark.parametrize("key", ALL)
def test_every_column_sorts_groups_and_stands_in_the_list(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client, program = registry.get(key), signed_in(cast.admin), ways.Program(cast.admin)
    records = made(spec, cast, 3)
    known = refs.fields_of(spec)
    # test_engine sorts both ways; here a page sorts down and a program up
    asked = [{"sort": f"-{name}"} for name, ref in known.items() if not ref.many]
    asked += [{"group": name} for name, ref in known.items() if ref.kind.groups]
    asked += [{"columns": ",".join(some)} for some in batched(known, 12)]
    for query in asked:
        # when
        response = client.get(urlnames.list_url(spec), {"view": "all", **query})
        # then every record is there
        assert response.status_code == 200, query
        html = ways.body_of(response)
        assert all(f'{urlnames.record_url(spec, each.pk)}"' in html for each in records), query
    for name, ref in known.items():
        if not ref.many:
            # A page by key cannot go on after a text without an end: the API says so.
            expected = 400 if ref.kind is kinds.LongText else 200
            assert program.get(spec, sort=name).status_code == expected, name


@pytest.mark.parametrize("key", ALL)
def test_what_there_is_not_gets_a_clear_answer(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(cast.admin)
    made(spec, cast, 2)
    program = ways.Program(cast.admin)
    unknown = {
        "filter": (
            '{"field": "no_such", "op": "is", "value": 1}',
            '{"field": "id", "op": "no_such"}',
            "{",
            "[]",
        ),
        "sort": ("no_such", "-no_such__id", "name__"),
    }
    harmless = {
        "view": "no_such",
        "columns": "no_such,id__no_such:7",
        "group": "no_such",
        "totals": "no_such:sum",
        "page": "999999999999999999999",
        "size": "-1",
        "closed": "no_such",
    }
    one = f'{urlnames.list_url(spec)}{spec.model._default_manager.all()[0].pk}/"'
    for name, url in ways.lists(spec).items():
        for parameter, texts in unknown.items():
            for text in texts if name == "list" else texts[:1]:
                # when
                response = client.get(url, {"view": "all", parameter: text})
                # then it fails closed: no record is shown, nor the page of a failure
                assert response.status_code in (200, 403), (name, text)
                assert one not in ways.body_of(response)
        # what is harmless is passed over, one by one and all at once
        for query in [{each: text} for each, text in harmless.items()] if name == "list" else [harmless]:
            assert client.get(url, query).status_code == 200, (name, query)
    for parameter, texts in unknown.items():
        for text in texts:
            response = program.get(spec, **{parameter: text})
            assert response.status_code == 400, (parameter, text)
            assert response.headers["Content-Type"] == "application/problem+json"
            assert response.json()["detail"]
    assert client.get(urlnames.part_url(spec, 1, "field", "no_such")).status_code == 404


@pytest.mark.parametrize("key", ALL)
def test_the_message_over_a_list_names_what_is_unknown(key: str, cast: Cast, signed_in: SignIn) -> None:
    spec, client = registry.get(key), signed_in(cast.admin)
    leaf = json.dumps({"field": "no_such", "op": "is", "value": 1})
    unknown = {"filter": {"filter": leaf}, "sort": {"sort": "no_such"}}
    for name, url in ways.looks(spec).items():
        # A chart and a calendar have an order of their own.
        asked = ("filter", "sort") if name in ("list", "board") else ("filter",)
        for parameter in asked:
            html = ways.body_of(client.get(url, {"view": "all", **unknown[parameter]}))
            assert "There is no field “no_such”" in html, (name, parameter)


@pytest.mark.parametrize("key", ALL)
def test_who_has_not_signed_in_is_led_to_it(key: str, cast: Cast) -> None:
    # given
    spec, stranger = registry.get(key), Client()
    record = made(spec, cast)[0]
    addresses = {
        **ways.lists(spec),
        **ways.parts(spec),
        "new": urlnames.create_url(spec),
        "options": urlnames.options_url(spec),
        "record": urlnames.record_url(spec, record.pk),
        "field": urlnames.part_url(spec, record.pk, "field", spec.title),
    }
    for name, url in addresses.items():
        # when
        response = stranger.get(url)
        # then
        assert response.status_code == 302, name
        assert response["Location"].startswith("/account/login/?next="), name
    assert ways.Program(None).get(spec).status_code == 401
    assert ways.Program(None).get(spec, record.pk).status_code == 401
