"""Each operator finds exactly the rows it should."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from clientela.access.actor import actor_of
from clientela.records import conditions, query, registry
from clientela.records.errors import ConditionError
from tests.cast import Cast
from tests.contract import samples
from tests.fakes.models import Family, Thing

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 18)


@pytest.fixture
def things(cast: Cast) -> dict[str, Thing]:
    """Three things: a large Ñandú of the owner, a small one of the manager, and one with nothing in it."""
    spec = registry.get("thing")
    red = samples.make(registry.get("family"), name="Rojos")
    empty: dict[str, Any] = dict.fromkeys(
        ("count", "weight", "share", "price", "margin", "day", "moment", "owner", "family")
    )
    return {
        "large": samples.make(
            spec,
            cast.owner,
            name="Ñandú grande",
            body="uno",
            size="large",
            active=True,
            count=5,
            price=Decimal("5000"),
            day=TODAY,
            family=red.pk,
            families=[red.pk],
            country="ES",
            moment=dt.datetime(2026, 3, 18, 23, 30, tzinfo=dt.UTC),
        ),
        "small": samples.make(
            spec,
            cast.manager,
            name="Pequeño",
            body="dos",
            size="small",
            count=9,
            price=Decimal("80.50"),
            day=TODAY - dt.timedelta(days=30),
            family=None,
            families=[],
            country="MX",
            moment=dt.datetime(2026, 2, 1, tzinfo=dt.UTC),
        ),
        "empty": samples.make(
            spec, None, **empty, name="Vacío", body="", families=[], country="", email="", phones=[], url=""
        ),
    }


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"large", "small", "empty"}),
    ({"field": "name", "op": "contains", "value": "GRANDE"}, {"large"}),
    ({"field": "name", "op": "contains", "value": "nandu"}, {"large"}),
    ({"field": "name", "op": "not_contains", "value": "grande"}, {"small", "empty"}),
    ({"field": "name", "op": "starts", "value": "Peq"}, {"small"}),
    ({"field": "body", "op": "is", "value": "UNO"}, {"large"}),
    ({"field": "body", "op": "is_not", "value": "uno"}, {"small", "empty"}),
    ({"field": "body", "op": "empty"}, {"empty"}),
    ({"field": "body", "op": "not_empty"}, {"large", "small"}),
    ({"field": "size", "op": "in", "value": ["large"]}, {"large"}),
    ({"field": "size", "op": "not_in", "value": ["large"]}, {"small", "empty"}),
    ({"field": "country", "op": "in", "value": ["ES", "MX"]}, {"large", "small"}),
    ({"field": "active", "op": "is_true"}, {"large"}),
    ({"field": "active", "op": "is_false"}, {"small", "empty"}),
    ({"field": "count", "op": "gt", "value": 5}, {"small"}),
    ({"field": "count", "op": "gte", "value": 5}, {"large", "small"}),
    ({"field": "count", "op": "between", "value": [5, 8]}, {"large"}),
    ({"field": "price", "op": "lt", "value": "80.51"}, {"small"}),
    ({"field": "price", "op": "is", "value": "5000.00"}, {"large"}),
    ({"field": "price", "op": "empty"}, {"empty"}),
    ({"field": "doubled", "op": "gte", "value": "10000"}, {"large"}),
    ({"field": "day", "op": "within", "value": "this_month"}, {"large"}),
    ({"field": "day", "op": "within", "value": "last_month"}, {"small"}),
    ({"field": "day", "op": "before", "value": "today"}, {"small"}),
    ({"field": "day", "op": "is", "value": "today"}, {"large"}),
    ({"field": "day", "op": "after", "value": "2026-03-17"}, {"large"}),
    ({"field": "day", "op": "between", "value": ["2026-02-01", "2026-03-17"]}, {"small"}),
    ({"field": "moment", "op": "is", "value": "2026-03-18"}, {"large"}),
    ({"field": "moment", "op": "after", "value": "2026-03-17"}, {"large"}),
    ({"field": "moment", "op": "before", "value": "2026-03-18"}, {"small"}),
    ({"field": "owner", "op": "in", "value": ["me"]}, {"small"}),
    ({"field": "owner", "op": "in", "value": ["my_team"]}, {"large", "small"}),
    ({"field": "owner", "op": "empty"}, {"empty"}),
    ({"field": "family", "op": "contains", "value": "roj"}, {"large"}),
    ({"field": "family__name", "op": "is", "value": "rojos"}, {"large"}),
    ({"field": "family", "op": "empty"}, {"small", "empty"}),
    ({"field": "families", "op": "empty"}, {"small", "empty"}),
    ({"field": "families", "op": "not_empty"}, {"large"}),
    (
        {
            "any": [
                {"field": "count", "op": "is", "value": 9},
                {"field": "size", "op": "in", "value": ["large"]},
            ]
        },
        {"large", "small"},
    ),
    (
        {
            "all": [
                {"field": "count", "op": "gt", "value": 1},
                {"not": {"field": "size", "op": "in", "value": ["large"]}},
            ]
        },
        {"small"},
    ),
]


@pytest.mark.parametrize(("tree", "expected"), CASES, ids=[str(case[0])[:60] for case in CASES])
def test_a_condition_finds(
    tree: dict[str, Any],
    expected: set[str],
    things: dict[str, Thing],
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(conditions, "today_for", lambda actor: TODAY)
    spec = registry.get("thing")
    names = {thing.pk: name for name, thing in things.items()}
    # when
    found = query.matching(spec, actor_of(cast.manager), tree)
    # then
    assert {names[pk] for pk in found.values_list("pk", flat=True)} == expected
    assert found.count() == len(expected)


def test_my_team_is_also_the_one_that_one_manages(things: dict[str, Thing], cast: Cast) -> None:
    assert cast.owner.team is not None
    cast.owner.team.managers.add(cast.admin)
    assert cast.admin.team is None

    tree = {"field": "owner", "op": "in", "value": ["my_team"]}
    found = query.matching(registry.get("thing"), actor_of(cast.admin), tree)

    assert set(found) == {things["large"], things["small"]}


def test_links_by_id(things: dict[str, Thing], cast: Cast) -> None:
    family = Family.objects.get(name="Rojos")
    tree = {"field": "families", "op": "in", "value": [family.pk]}
    found = query.matching(registry.get("thing"), actor_of(cast.manager), tree)
    assert list(found) == [things["large"]]


BAD: list[Any] = [
    {"field": "no_such", "op": "is", "value": 1},
    {"field": "family__no_such", "op": "is", "value": "x"},
    {"field": "name__startswith", "op": "is", "value": "x"},
    {"field": "owner__password", "op": "contains", "value": "a"},
    {"field": "name", "op": "regex", "value": ".*"},
    {"field": "name", "op": "contains", "value": ""},
    {"field": "name", "op": "contains", "value": "nul \x00"},
    {"field": "name", "op": "contains", "value": 5},
    {"field": "count", "op": "gt", "value": "many"},
    {"field": "count", "op": "gt", "value": 2**70},
    {"field": "count", "op": "between", "value": [1]},
    {"field": "day", "op": "is", "value": "31/31/2026"},
    {"field": "day", "op": "within", "value": "some_time"},
    {"field": "family", "op": "in", "value": []},
    {"field": "family", "op": "in", "value": ["x"]},
    {"field": "price", "op": "gt", "value": "NaN"},
    {"all": 5},
    {"any": [5]},
    {"not": None},
    "text",
    {"field": "name"},
    {"all": [{"field": "name", "op": "not_empty"}] * 300},
]


@pytest.mark.parametrize("tree", BAD, ids=[str(tree)[:60] for tree in BAD])
def test_what_cannot_be_read_fails_closed(tree: Any, cast: Cast) -> None:
    with pytest.raises(ConditionError):
        query.matching(registry.get("thing"), actor_of(cast.admin), tree)
