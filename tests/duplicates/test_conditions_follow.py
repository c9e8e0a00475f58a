"""Views, filters and scopes that name a merged record find the one it went into, and it again afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.access import rules
from clientela.access.actor import actor_of
from clientela.access.models import Role
from clientela.platform.api import tokens
from clientela.platform.duplicates import merging, unmerging
from clientela.platform.duplicates.aliases import heir_of, heirs_of
from clientela.platform.duplicates.models import Merge
from clientela.platform.lists import words
from clientela.platform.savedviews.models import SavedView
from clientela.records import conditions, query, registry
from tests.cast import Cast, give_roles
from tests.duplicates.builders import make, operation

pytestmark = pytest.mark.django_db


@pytest.fixture
def ricla(cast: Cast) -> tuple[Any, Any, Any]:
    """Two accounts that are one, each with a person, and a third that is another company."""
    first, second, third = (
        make("account", cast.owner, name=name) for name in ("Ricla", "Ricla S.A.", "Canfranc")
    )
    for account, surname in ((first, "Abad"), (second, "Bello"), (third, "Calvo")):
        make("contact", cast.owner, name=f"Eva {surname}", account=account.pk)
    return first, second, third


def merge(cast: Cast, survivor: Any, gone: Any) -> Merge:
    spec = registry.get("account")
    return merging.merge(spec, survivor.pk, [gone.pk], operation=operation(cast.owner))


def unmerge(cast: Cast, merged: Merge) -> None:
    unmerging.unmerge(merged, operation=operation(cast.owner))


def of(account: Any) -> dict[str, Any]:
    return {"field": "account", "op": "in", "value": [account.pk]}


def matching(cast: Cast, condition: dict[str, Any]) -> set[str]:
    rows = query.matching(registry.get("contact"), actor_of(cast.owner), condition)
    return set(rows.values_list("name", flat=True))


def test_a_saved_view_and_a_filter_in_the_address_follow(cast: Cast, signed_in, ricla):
    # given
    first, second, _third = ricla
    view = SavedView.objects.create(
        record="contact", owner=cast.owner, name="Of Ricla", condition=of(second), columns=[["name", 0]]
    )
    client = signed_in(cast.owner)
    addresses = [f"/contacts/?view=v{view.pk}", f"/contacts/?view=all&filter={json.dumps(of(second))}"]

    def shown() -> list[list[str]]:
        pages = [client.get(address).content.decode() for address in addresses]
        return [[name for name in ("Abad", "Bello", "Calvo") if name in page] for page in pages]

    assert shown() == [["Bello"], ["Bello"]]
    # when
    merged = merge(cast, first, second)
    # then
    assert shown() == [["Abad", "Bello"], ["Abad", "Bello"]]
    named = words.titles(registry.get("account"), [second.pk], actor_of(cast.owner))
    assert named == {str(second.pk): "Ricla"}
    # when it is taken apart
    unmerge(cast, merged)
    # then
    assert shown() == [["Bello"], ["Bello"]]
    view.refresh_from_db()
    assert view.condition == of(second)


def test_a_filter_of_the_api_follows(cast: Cast, client, ricla):
    first, second, _third = ricla
    secret = tokens.issue(cast.owner, "tests")[1]

    def listed() -> list[str]:
        bearer = {"authorization": f"Bearer {secret}"}
        answer = client.get("/api/v1/contacts", {"filter": json.dumps(of(second))}, headers=bearer)
        return sorted(row["name"] for row in answer.json()["items"])

    merged = merge(cast, first, second)
    assert listed() == ["Eva Abad", "Eva Bello"]
    unmerge(cast, merged)
    assert listed() == ["Eva Bello"]


def test_the_scope_of_a_role_follows(cast: Cast, ricla):
    # given a role that sees the people of one account
    first, second, _third = ricla
    given = {
        "modules": {"*": True},
        "records": {"*": {"see": "none"}, "contact": {"see": {"condition": of(second)}}},
    }
    role = Role.objects.create(name="Ricla", rules=rules.dump(given))
    give_roles(cast.outsider, role)

    def seen() -> list[str]:
        rows = query.visible(registry.get("contact"), actor_of(cast.outsider))
        return sorted(rows.values_list("name", flat=True))

    assert seen() == ["Eva Bello"]
    # when, then
    merged = merge(cast, first, second)
    assert seen() == ["Eva Abad", "Eva Bello"]
    unmerge(cast, merged)
    assert seen() == ["Eva Bello"]


def test_what_is_excluded_stays_excluded(cast: Cast, ricla):
    first, second, _third = ricla
    merge(cast, first, second)
    assert matching(cast, {"not": of(second)}) == {"Eva Calvo"}
    assert matching(cast, {**of(second), "op": "not_in"}) == {"Eva Calvo"}


def test_over_several_merges_and_back_step_by_step(cast: Cast, ricla):
    # given
    first, second, third = ricla
    earlier = merge(cast, second, first)
    later = merge(cast, third, second)
    # then the first leads over the second to the third
    assert heirs_of("account", [first.pk, second.pk, third.pk]) == {first.pk: third.pk, second.pk: third.pk}
    assert matching(cast, of(first)) == {"Eva Abad", "Eva Bello", "Eva Calvo"}
    # when
    unmerge(cast, later)
    # then
    assert (heir_of("account", first.pk), heir_of("account", third.pk)) == (second.pk, third.pk)
    assert matching(cast, of(first)) == {"Eva Abad", "Eva Bello"}
    unmerge(cast, earlier)
    assert matching(cast, of(first)) == {"Eva Abad"}


def test_whoever_does_not_see_the_heir_finds_nothing_by_it(cast: Cast, ricla):
    first, second, _third = ricla
    merge(cast, first, second)
    rows = query.matching(registry.get("contact"), actor_of(cast.outsider), of(second))
    assert list(rows) == []


def test_asking_costs_one_look_and_nothing_where_nothing_is_merged_ever(cast: Cast, ricla):
    first, _second, _third = ricla
    spec, actor = registry.get("contact"), actor_of(cast.owner)
    for condition, queries in (
        (of(first), 1),
        ({"all": [{"field": "owner", "op": "in", "value": [cast.owner.pk]}]}, 0),
        ({"field": "account__name", "op": "contains", "value": "Ricla"}, 0),
    ):
        with CaptureQueriesContext(connection) as asked:
            conditions.compile_condition(spec, condition, actor)
        assert len(asked) == queries, condition
