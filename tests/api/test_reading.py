"""Lists and single records over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.access import policy
from clientela.records import registry
from tests.api.conftest import Caller

JALON = "Áridos y Hormigones del Jalón, S.L."


def names(answer: dict[str, Any]) -> list[str]:
    return [item["name"] for item in answer["items"]]


def every_page(caller: Caller, path: str, **parameters) -> list[dict[str, Any]]:
    """The items of all pages, going from cursor to cursor."""
    found, cursor = [], ""
    for _page in range(100):
        answer = caller.listed(path, **parameters, **({"cursor": cursor} if cursor else {}))
        assert set(answer) == {"items", "next", "count"}
        found += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            return found
    raise AssertionError("the pages have no end")


def test_an_item_has_every_field_links_as_ids_and_lines_as_objects(make, calling, cast):
    tag = make("tag", name="VIP")
    account = make("account", name=JALON, tags=[tag.pk], owner=cast.owner.pk, email="info@jalon.example")
    make("opportunity", name="Flota", account=account.pk, amount="1234.50", currency="EUR")
    item = calling(cast.admin).listed("accounts")["items"][0]
    assert item["id"] == account.pk
    assert item["name"] == JALON
    assert item["tags"] == [tag.pk]
    assert item["owner"] == cast.owner.pk
    assert [(line["email"], line["main"]) for line in item["emails"]] == [("info@jalon.example", True)]
    assert item["phones"] == []
    assert item["created_at"].endswith("Z")
    assert item["version"] == 1
    assert item == calling(cast.admin).get(f"accounts/{account.pk}").json()
    deal = calling(cast.admin).listed("opportunities")["items"][0]
    assert (deal["amount"], deal["account"], deal["lost_reason"]) == ("1234.50", account.pk, None)


def test_fields_chooses_them_over_links_too(make, calling, cast):
    account = make("account", name=JALON)
    make("opportunity", name="Flota", account=account.pk)
    item = calling(cast.admin).listed("opportunities", fields="name,account__name,account__owner")["items"][0]
    assert sorted(item) == ["account__name", "account__owner", "id", "name"]
    assert item["account__name"] == JALON


def test_filter_search_sort_limit_and_count(make, calling, cast):
    for number, city in enumerate(("Zaragoza", "Huesca", "Teruel", "Zaragoza")):
        make("account", name=f"Empresa {number}", city=city)
    caller = calling(cast.admin)
    condition = json.dumps({"field": "city", "op": "is", "value": "zaragoza"})
    answer = caller.listed("accounts", filter=condition, sort="-name", limit=1)
    assert (names(answer), answer["count"]) == (["Empresa 3"], 2)
    assert answer["next"] is not None
    assert names(caller.listed("accounts", q="EMPRÉSA 2")) == ["Empresa 2"]
    assert caller.listed("accounts", q="nothing like it") == {"items": [], "next": None, "count": 0}


@pytest.mark.parametrize(
    "sort",
    [
        "name", "-name", "close_date", "-close_date", "amount", "-amount", "weighted", "-weighted",
        "account", "-account,name", "stage,-amount,close_date", "created_at", "-id", "probability", "",
    ],
)  # fmt: skip
def test_paging_gives_each_record_once_in_any_order(make, calling, cast, sort):
    account = make("account", name="Zeta")
    other = make("account", name="Alfa")
    for number in range(11):
        make(
            "opportunity",
            name=f"Deal {number % 4}",
            account=(account.pk, other.pk, None)[number % 3],
            amount=(None, "10.10", "333.33", "10.1")[number % 4],
            currency="EUR",
            close_date=(None, "2026-03-01", "2026-02-01")[number % 3],
            probability=(None, "33.33", "10")[number % 3],
        )
    caller = calling(cast.admin)
    whole = [item["id"] for item in caller.listed("opportunities", sort=sort, fields="id")["items"]]
    assert len(whole) == 11
    for limit in (1, 2, 4, 10):
        assert [item["id"] for item in every_page(caller, "opportunities", sort=sort, limit=limit)] == whole


def test_a_page_goes_on_where_it_was_whatever_is_added(make, calling, cast):
    for name in ("b", "d", "f"):
        make("account", name=name)
    caller = calling(cast.admin)
    first = caller.listed("accounts", limit=2)
    make("account", name="a")
    make("account", name="e")
    assert names(caller.listed("accounts", limit=2, cursor=first["next"])) == ["e", "f"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("filter", "{"),
        ("filter", "[]"),
        ("filter", "null1"),
        ("filter", '{"field": "nope", "op": "is", "value": 1}'),
        ("filter", '{"field": "name", "op": "gt", "value": 1}'),
        ("filter", '{"field": "name", "op": ["is"], "value": 1}'),
        ("filter", '{"field": "created_at", "op": "is", "value": "yesterdy"}'),
        ("filter", '{"all": 5}'),
        ("filter", '{"field": "annual_revenue", "op": "gt", "value": "1e999999999"}'),
        ("filter", '{"field": "annual_revenue", "op": "gt", "value": 99999999999999999999}'),
        ("filter", '{"field": "annual_revenue", "op": "gt", "value": NaN}'),
        ("filter", '{"field": "owner", "op": "in", "value": ["x"]}'),
        ("filter", '{"field": {"a": 1}, "op": "is"}'),
        ("filter", '{"not": ' * 500 + "{}" + "}" * 500),
        ("filter", "[" * 5000),
        ("filter", '"\\ud800"'),
        ("sort", "nope"),
        ("sort", "tags"),
        ("sort", "name,name,name,name,name,name"),
        ("sort", "emails"),
        ("sort", "description"),
        ("sort", "owner__password"),
        ("sort", "--name"),
        ("fields", "nope"),
        ("fields", "owner__password"),
        ("fields", "parent__tags"),
        ("fields", ",".join(["id", *map(str, range(150))])),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "-1"),
        ("limit", "x"),
        ("limit", "9" * 5000),
        ("limit", "١"),
        ("cursor", "x"),
        ("cursor", "a:b:c"),
        ("cursor", "\x00"),
        ("page", "2"),
    ],
)
def test_what_cannot_be_read_is_a_problem_that_names_the_parameter(calling, cast, parameter, value):
    answer = calling(cast.admin).get("accounts", **{parameter: value})
    assert answer.status_code == 400
    assert answer["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == 400
    assert problem["errors"][parameter]


def test_a_cursor_holds_for_its_own_order_only(make, calling, cast):
    for name in ("a", "b"):
        make("account", name=name)
    caller = calling(cast.admin)
    cursor = caller.listed("accounts", limit=1)["next"]
    assert caller.get("accounts", cursor=cursor, sort="city").status_code == 400
    assert caller.get("accounts", cursor=cursor[:-3] + "xyz").status_code == 400


def test_rights_are_those_of_the_person(make, calling, cast):
    account = make("account", name=JALON, owner=cast.owner.pk)
    assert names(calling(cast.teammate).listed("accounts")) == [JALON]
    assert calling(cast.outsider).listed("accounts") == {"items": [], "next": None, "count": 0}
    assert calling(cast.outsider).get(f"accounts/{account.pk}").status_code == 404
    assert calling(cast.reader).get(f"accounts/{account.pk}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["accounts/999999999", "nothing", "accounts/5/x/y", "accounts/x", "../api", "accounts/" + "9" * 19],
)
def test_what_is_not_there_is_a_problem(calling, cast, path):
    answer = calling(cast.admin).get(path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_a_hidden_field_is_as_if_it_did_not_exist(make, calling, cast, monkeypatch):
    make("account", name=JALON, employees=7)
    spec = registry.get("account")
    real = policy.hidden_fields

    def hidden(actor, subject):
        return frozenset({"employees"}) if subject is spec and not actor.is_admin else real(actor, subject)

    monkeypatch.setattr(policy, "hidden_fields", hidden)
    reader = calling(cast.reader)
    assert "employees" not in reader.listed("accounts")["items"][0]
    assert calling(cast.admin).listed("accounts")["items"][0]["employees"] == 7
    condition = json.dumps({"field": "employees", "op": "is", "value": 7})
    for parameters in ({"fields": "employees"}, {"sort": "employees"}, {"filter": condition}):
        told = reader.get("accounts", **parameters).json()
        assert told["detail"] == "There is no field “employees”."
    assert reader.get("contacts", fields="account__employees").status_code == 400


def test_the_number_of_queries_does_not_grow(make, calling, cast):
    tag = make("tag", name="VIP")
    caller = calling(cast.owner)
    counts = []
    caller.listed("accounts")
    for number in range(12):
        make(
            "account",
            name=f"Empresa {number}",
            tags=[tag.pk],
            email=f"a{number}@x.example",
            owner=cast.owner.pk,
        )
        if number in (2, 11):
            with CaptureQueriesContext(connection) as captured:
                caller.listed("accounts")
            counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def test_without_a_token_there_is_nothing(make, client, cast):
    make("account", name=JALON, owner=cast.owner.pk)
    client.force_login(cast.owner)
    for headers in (
        {},
        {"authorization": "Bearer clt_wrong"},
        {"authorization": "Basic abc"},
        {"authorization": "Bearer"},
    ):
        answer = client.get("/api/v1/accounts", headers=headers)
        assert answer.status_code == 401
        assert answer["www-authenticate"].startswith("Bearer")
        assert answer.json()["status"] == 401
        assert client.post("/api/v1/accounts", "{}", content_type="application/json").status_code == 401


def test_other_methods_are_refused_with_those_there_are(calling, cast):
    client = calling(cast.admin).client
    answer = client.put("/api/v1/accounts", "{}", content_type="application/json")
    assert (answer.status_code, answer["allow"]) == (405, "GET, POST, OPTIONS")
    assert answer["content-type"] == "application/problem+json"
    assert client.options("/api/v1/accounts").status_code == 204
    assert client.head("/api/v1/accounts").status_code == 200
    assert client.get("/api/v1/opportunities/1/win").status_code == 405
