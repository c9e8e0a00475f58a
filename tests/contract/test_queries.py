"""How many queries each page makes: the same at 3 and at 30 rows, few, and those agreed in queries.json.

`CLIENTELA_TEST_UPDATE_QUERIES=1` writes the numbers of this run into queries.json.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from clientela.access.models import User
from clientela.records import refs, registry, urlnames
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
KEYS = sorted(spec.key for spec in samples.specs())
KEPT = Path(__file__).with_name("queries.json")
MOST = {"list": 8, "board": 9, "record": 12, "calendar": 10, "chart": 9, "api": 9, "api record": 9}
WORDS = 3
"""What the index is asked about the words of a search, with their likes where none is known."""
UPDATE = "CLIENTELA_TEST_UPDATE_QUERIES" in os.environ


def addresses(spec: Spec, record: Any) -> dict[str, str]:
    looks = {name: f"{url}?view=all" for name, url in ways.looks(spec).items()}
    if spec.calendar is not None:  # of a month with something in it
        day = refs.resolve(spec, spec.calendar.date).value(record)
        looks["calendar"] = urlnames.view_url(spec, "calendar", view="all", month=f"{day:%Y-%m}")
    return {
        **looks,
        "record": urlnames.record_url(spec, record.pk, **{"from": "view=all"}),
        "api": ways.api_url(spec),
        "api record": ways.api_url(spec, record.pk),
    }


def counted(urls: dict[str, str], browser: Client, program: Client) -> dict[str, list[str]]:
    """The statements behind each address, for somebody whose furniture is in no cache."""
    found = {}
    for name, url in urls.items():
        cache.clear()
        found[name] = ways.queries_of(program if name.startswith("api") else browser, url)
    return found


@pytest.mark.parametrize("key", KEYS)
def test_queries_are_few_fixed_and_agreed(key: str, cast: Cast, signed_in: Callable[[User], Client]) -> None:
    # given
    spec, people = registry.get(key), {"owner": cast.owner, "admin": cast.admin}
    callers = {who: (signed_in(user), ways.Program(user).client) for who, user in people.items()}
    record, *_others = (samples.make(spec, cast.owner) for _each in range(3))
    urls = addresses(spec, record)
    for browser, program in callers.values():
        counted(urls, browser, program)  # what the process finds out once
    # when
    few = {who: counted(urls, *clients) for who, clients in callers.items()}
    for _each in range(27):
        samples.make(spec, cast.owner)
    many = {who: counted(urls, *clients) for who, clients in callers.items()}
    # then
    for who in people:
        numbers = {name: len(queries) for name, queries in few[who].items()}
        then = {name: len(queries) for name, queries in many[who].items()}
        assert then == numbers, (who, longer(few[who], many[who]))
        assert {name: number for name, number in numbers.items() if number > MOST[name]} == {}, who
        if UPDATE:
            write(f"{key} for {who}", numbers)
        assert kept()[f"{key} for {who}"] == numbers


@pytest.mark.parametrize("key", KEYS)
def test_a_list_without_a_row_asks_no_more(key: str, cast: Cast, signed_in: Callable[[User], Client]) -> None:
    # given
    spec, browser = registry.get(key), signed_in(cast.owner)
    samples.make(spec, cast.owner)
    parts = [{"field": spec.title, "op": "is", "value": name} for name in ("nobody", "is called", "so")]
    urls = {
        "searched": urlnames.list_url(spec, view="all", q="no such word"),
        "filtered": urlnames.list_url(spec, view="all", filter=json.dumps({"all": parts})),
    }
    counted(urls, browser, browser)
    # when
    queries = counted(urls, browser, browser)
    # then
    assert len(queries["filtered"]) <= MOST["list"], queries["filtered"]
    assert len(queries["searched"]) <= MOST["list"] + WORDS, queries["searched"]


def longer(few: dict[str, list[str]], many: dict[str, list[str]]) -> str:
    """The statements of the first page that needs more at 30 rows."""
    name = next((name for name in few if len(many[name]) != len(few[name])), None)
    return "" if name is None else f"{name}:\n" + "\n".join(sorted(set(many[name]) - set(few[name])))


def kept() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = json.loads(KEPT.read_text())
    return found


def write(page: str, numbers: dict[str, int]) -> None:
    found = {**kept(), page: numbers}
    lines = [f"  {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)]
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def test_only_records_that_there_are_have_numbers() -> None:
    assert sorted({name.partition(" for ")[0] for name in kept()}) == KEYS
