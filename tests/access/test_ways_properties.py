"""Each way in against a plain model of the rules (`test_policy_properties`), over invented companies.

The first person looks through pages, and through the API with a token whose limits are invented too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clientela.access.models import User
from clientela.records import registry, urlnames
from tests.access.test_policy_properties import KEY, THINGS, _build, _is_on, _model, _parts, company, scope
from tests.contract import samples, ways
from tests.fakes.models import Thing

pytestmark = pytest.mark.django_db
PRICE, SHOWN = Decimal("48317.25"), ("48317", "48,317")
SPEC = registry.get(KEY)
SCOPES: dict[str | None, dict[str, str]] = {
    None: {},
    "read": {KEY: "read"},
    "write": {KEY: "write"},
    "nothing": {"family": "read"},
}
# Roles by which most see something, and what they see, take along and hide differs.
rich = st.fixed_dictionaries(
    {
        "modules": st.sampled_from([{"*": True}, {"fakes": True}, {"*": True}, {"*": True, "fakes": False}]),
        "records": st.fixed_dictionaries(
            {
                "*": st.fixed_dictionaries(
                    {"see": scope, "change": scope, "export": scope},
                    optional={"delete": scope, "bulk": scope},
                )
            }
        ),
        "fields": st.sampled_from([{}, {KEY: {"price": "hidden"}}]),
    }
)
companies = st.tuples(company, st.lists(rich, min_size=1, max_size=2)).map(
    lambda each: {**each[0], "rules": each[1]}
)
Seen = set[int]
Look = Callable[[Client, list[Thing]], Seen]


def make(name: str, owner: User | None) -> Thing:
    """Found by the search too, as what is made through the product."""
    made: Thing = samples.make(SPEC, name=name, price=PRICE, owner=None if owner is None else owner.pk)
    return made


# --- the ways ----------------------------------------------------------------------------------------


def in_page(url: str) -> Look:
    """Of which things the page has the address."""

    def look(client: Client, things: list[Thing]) -> Seen:
        text = _text(client, url)
        return {n for n, each in enumerate(things) if urlnames.record_url(SPEC, each.pk) in text}

    return look


def by_name(url: str) -> Look:
    """Of which things it tells the name."""

    def look(client: Client, things: list[Thing]) -> Seen:
        text = _text(client, url)
        return {n for n, each in enumerate(things) if each.name in text}

    return look


def each_by_itself(address: Callable[[Thing], str]) -> Look:
    """Which things open, one after the other."""

    def look(client: Client, things: list[Thing]) -> Seen:
        found = {number: client.get(address(each)).status_code for number, each in enumerate(things)}
        assert set(found.values()) <= {200, 404}
        return {number for number, status in found.items() if status == 200}

    return look


def _text(client: Client, url: str) -> str:
    """Nothing where the kind is not there for the person."""
    answer = client.get(url)
    assert answer.status_code in (200, 403, 404), url
    return ways.body_of(answer) if answer.status_code == 200 else ""


SIGHTS: dict[str, Look] = {
    "list": in_page(urlnames.list_url(SPEC, view="all")),
    "sorted list": in_page(urlnames.list_url(SPEC, view="all", sort="-name")),
    "filter": in_page(
        urlnames.list_url(SPEC, view="all", filter=json.dumps({"field": "name", "op": "not_empty"}))
    ),
    "search box": in_page(urlnames.list_url(SPEC, view="all", q="Zebra")),
    "board": in_page(urlnames.view_url(SPEC, "board", view="all")),
    "palette": in_page(f"{reverse('search_palette')}?q=Zebra"),
    "search page": in_page(f"{reverse('search_page')}?q=Zebra"),
    "options": by_name(f"{urlnames.options_url(SPEC)}?q=Zebra"),
    "page": each_by_itself(lambda thing: urlnames.record_url(SPEC, thing.pk)),
    "timeline": each_by_itself(lambda thing: reverse("timeline", args=[SPEC.plural, thing.pk])),
}
COUNTS = {
    "counts": (urlnames.view_url(SPEC, "counts"), r'id="n-all" value="(\d+)"'),
    "totals": (urlnames.view_url(SPEC, "totals", view="all"), r"<small>(\d+) records?</small>"),
}
API: dict[str, dict[str, str]] = {
    "API list": {},
    "API sorted": {"sort": "-name"},
    "API filter": {"filter": json.dumps({"field": "name", "op": "contains", "value": "zebra"})},
    "API search": {"q": "zebra"},
}


@given(companies)
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_way_in_follows_the_rules(plan: dict[str, Any]) -> None:
    with transaction.atomic():
        cache.clear()
        people, _teams, things = _build(plan, make)
        browser = Client(headers={"accept-language": "en"}, raise_request_exception=True)
        browser.force_login(people[0])
        _pages(plan, browser, things)
        _programs(plan, ways.Program(people[0], SCOPES[plan["limits"]]), things)
        transaction.set_rollback(True)


def _may(plan: dict[str, Any], *verbs: str) -> Seen:
    return {number for number in range(THINGS) if all(_model(plan, verb, number) for verb in verbs)}


def _pages(plan: dict[str, Any], browser: Client, things: list[Thing]) -> None:
    free = {**plan, "limits": None, "read_only": False}
    seen = _may(free, "see")
    for name, look in SIGHTS.items():
        assert look(browser, things) == seen, name
    for name, (url, pattern) in COUNTS.items():
        found = re.search(pattern, _text(browser, url))
        assert int(found[1] if found else 0) == len(seen), name
    export = urlnames.view_url(SPEC, "export", view="all", columns="name,price")
    assert by_name(export)(browser, things) == _may(free, "see", "export")
    for url in (export, urlnames.list_url(SPEC, view="all"), urlnames.view_url(SPEC, "totals", view="all")):
        assert not (_hides_price(plan) and _tells_price(_text(browser, url))), url
    for do, needed in (("field", "change"), ("delete", "delete")):
        body = {"do": do, "confirmed": "1", "field": "body", "body": "Changed"}
        _changes(
            partial(
                browser.post,
                urlnames.view_url(SPEC, "bulk"),
                {**body, "ids": [each.pk for each in things]},
            ),
            things,
            _may(free, "see", needed, "bulk"),
        )
    for number, each in enumerate(things):
        url = urlnames.part_url(SPEC, each.pk, "field", "body")
        expected = {number} & _may(free, "see", "change")
        _changes(partial(browser.post, url, {"body": "Changed"}), things, expected)


def _programs(plan: dict[str, Any], program: ways.Program, things: list[Thing]) -> None:
    limited = {**plan, "read_only": False}
    seen = _may(limited, "see")
    ids = {each.pk: number for number, each in enumerate(things)}
    for name, asked in API.items():
        answer = program.get(SPEC, **asked)
        if answer.status_code == 404:
            assert seen == set(), name
            continue
        body = answer.json()
        assert {ids[item["id"]] for item in body["items"]} == seen, name
        assert body["count"] == len(seen), name
        assert all(("price" in item) is not _hides_price(plan) for item in body["items"]), name
    for number, each in enumerate(things):
        assert program.get(SPEC, each.pk).status_code == (200 if number in seen else 404)
        expected = {number} & _may(limited, "see", "change")
        _changes(partial(program.patch, SPEC, each.pk, {"body": "Changed"}), things, expected)
        gone = {number} & _may(limited, "see", "delete")
        _changes(partial(program.delete, SPEC, each.pk), things, gone)


def _changes(do: Callable[[], Any], things: list[Thing], expected: Seen) -> None:
    """That it changes these and no others; then it is taken back."""
    before = {each.pk: each.version for each in Thing.objects.all()}
    with transaction.atomic():
        assert do().status_code < 500
        after = {each.pk: each.version for each in Thing.objects.all()}
        transaction.set_rollback(True)
    assert {number for number, each in enumerate(things) if after.get(each.pk) != before[each.pk]} == expected


# --- the rules for one field, said once more and plainly ---------------------------------------------


def _hides_price(plan: dict[str, Any]) -> bool:
    """Every role that lets her see things hides it; where none does (they are shared), every role."""
    counting = [
        each for each in plan["rules"] if _is_on(each) and set(map(str, _parts(each, "see"))) - {"none"}
    ]
    held = counting or plan["rules"]
    return bool(held) and all("price" in each.get("fields", {}).get(KEY, {}) for each in held)


def _sees(part: Any) -> bool:
    return bool(part != "none")


def _tells_price(text: str) -> bool:
    return any(each in text for each in SHOWN)
