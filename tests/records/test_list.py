"""The list page: its state, order, columns, empty states, and what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clientela.access.actor import Actor, actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account, Source
from clientela.domain.sales.models import Stage
from clientela.platform.lists import emptiness, listing, table
from clientela.records import refs, registry
from tests.cast import Cast
from tests.records.deals import deal, deals, names, state

SignIn = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "content"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


# --- the state --------------------------------------------------------------------------------------


def test_the_state_survives_the_address(cast: Cast):
    given = {
        "view": "mine",
        "filter": json.dumps({"field": "name", "op": "contains", "value": "año & más"}),
        "q": "loader ñ",
        "sort": "-amount,name",
        "columns": "name,account:240,weighted",
        "group": "close_date:month",
        "totals": "amount:avg",
        "page": "3",
        "size": "25",
        "closed": "2026-01-01",
        "density": "compact",
    }
    first = listing.read(deals(), actor_of(cast.owner), urlencode(given))
    again = listing.read(deals(), actor_of(cast.owner), first.query())
    assert again == first
    assert again.view.key == "mine"
    assert again.look.columns == (("name", 0), ("account", 240), ("weighted", 0))
    assert again.page == 3
    assert again.size == 25
    assert again.dense


def test_the_first_view_has_a_bare_address_and_a_bare_filter_speaks_of_all(cast: Cast):
    actor = actor_of(cast.owner)
    assert listing.read(deals(), actor, "").view.key == "open"
    assert listing.read(deals(), actor, "").query() == ""
    bare = listing.read(deals(), actor, urlencode({"filter": "{}"}))
    assert bare.view.key == "all"


@pytest.mark.parametrize(
    "given",
    ["page=-4&size=7", "page=abc&size=1e9", "page=99999999999", "columns=%00,:::&sort=&group=", "view=nope"],
)
def test_a_crooked_address_is_put_straight(cast: Cast, signed_in: SignIn, given: str):
    response = signed_in(cast.owner).get(f"/opportunities/?{given}")
    assert response.status_code == 200
    read = listing.read(deals(), actor_of(cast.owner), given)
    assert 1 <= read.page <= listing.LAST_PAGE
    assert read.size == 50


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "12",
        '{"field": "nope", "op": "is"}',
        '{"all": 3}',
        "[" * 3000,
        '{"field": "name", "op": "contains", "value": "\\ud83d"}',
    ],
)
def test_a_filter_that_cannot_be_followed_says_so_and_shows_nothing(
    cast: Cast, stages: list[Stage], signed_in: SignIn, text: str
):
    deal(cast, stages[0], "Loader")
    response = signed_in(cast.owner).get("/opportunities/", {"filter": text})
    assert response.status_code == 200
    page = response.content.decode()
    assert "This filter cannot be followed" in page
    assert "Loader" not in page
    assert 'aria-label="Saved views"' in page


# --- order ------------------------------------------------------------------------------------------


def test_every_column_of_every_record_sorts_both_ways(cast: Cast, stages: list[Stage]):
    deal(cast, stages[0], "Loader")
    actor = actor_of(cast.admin)
    for spec in registry.every():
        for path in (*spec.columns, *refs.fields_of(spec)):
            if refs.resolve(spec, path).many:
                continue
            for sign in ("", "-"):
                shown = table.table_for(listing.read(spec, actor, f"view=all&sort={sign}{path}"), actor)
                assert shown.error == "", (spec.key, path)


def test_sorting_follows_base_amounts_and_puts_empty_ones_last(cast: Cast, stages: list[Stage]):
    deal(cast, stages[0], "Small", 10)
    deal(cast, stages[0], "None", None)
    deal(cast, stages[0], "Large", 500)
    assert names(cast, sort="amount") == ["Small", "Large", "None"]
    assert names(cast, sort="-amount") == ["Large", "Small", "None"]
    assert names(cast, sort="stage,-amount") == ["Large", "Small", "None"]


def test_a_head_leads_up_down_and_back(cast: Cast, stages: list[Stage]):
    deal(cast, stages[0], "Loader")

    def head(sort: str) -> table.Head:
        shown = table.table_for(state(cast, sort=sort), actor_of(cast.owner))
        return next(head for head in shown.heads if head.ref.path == "name")

    assert (head("").direction, parse_qs(urlsplit(head("").url).query)["sort"]) == ("", ["name"])
    assert head("name").direction == "ascending"
    assert parse_qs(urlsplit(head("name").url).query)["sort"] == ["-name"]
    assert head("-name").direction == "descending"
    assert "sort" not in parse_qs(urlsplit(head("-name").url).query)


# --- columns ----------------------------------------------------------------------------------------


def test_columns_of_the_address_are_shown_in_order_with_the_title_first(cast: Cast, stages: list[Stage]):
    deal(cast, stages[0], "Loader", account=Account.objects.create(name="Acme", city="Jaca"))
    shown = table.table_for(state(cast, columns="amount:90,account__city,nope,tags"), actor_of(cast.owner))
    assert [head.ref.path for head in shown.heads] == ["name", "amount", "account__city", "tags"]
    assert [cell.text for cell in shown.rows[0][1]] == ["Loader", "€1,000", "Jaca", ""]
    assert shown.heads[1].width == 90


def test_a_private_field_is_nowhere_for_whom_it_is_hidden(
    cast: Cast, stages: list[Stage], signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    from clientela.access import policy

    monkeypatch.setattr(
        policy,
        "hidden_fields",
        lambda actor, spec: frozenset({"amount"}) if spec.key == "opportunity" else frozenset(),
    )
    deal(cast, stages[0], "Loader", 7777)
    client = signed_in(cast.owner)
    for address in ("", "totals/", "columns/", "filter/", "grouping/"):
        page = client.get(f"/opportunities/{address}?view=all").content.decode()
        assert "7,777" not in page
        assert 'value="amount"' not in page
        assert "Weighted" not in page
    condition = json.dumps({"field": "amount", "op": "gt", "value": "1"})
    page = client.get("/opportunities/", {"view": "all", "filter": condition}).content.decode()
    assert "Loader" not in page
    assert "This filter cannot be followed" in page
    assert "Unknown field" in page
    assert ">Amount<" not in page
    assert "cannot be followed" in client.get("/opportunities/?view=all&sort=amount").content.decode()


# --- empty states -----------------------------------------------------------------------------------


def test_the_first_use_explains_itself(cast: Cast, signed_in: SignIn):
    page = signed_in(cast.owner).get("/opportunities/").content.decode()
    assert "No records here yet" in page
    assert 'data-create-url="/opportunities/new/"' in page


def test_no_results_names_the_filter_that_excludes_most(cast: Cast, stages: list[Stage], signed_in: SignIn):
    deal(cast, stages[0], "Loader", 10)
    deal(cast, stages[0], "Digger", 10)
    condition = {
        "all": [
            {"field": "name", "op": "is", "value": "Loader"},
            {"field": "amount", "op": "gt", "value": "5000"},
        ]
    }
    found = emptiness.explain(state(cast, filter=condition), actor_of(cast.owner))
    assert (found.first_use, found.culprit, found.would_show) == (False, "Amount", 1)
    client = signed_in(cast.owner)
    page = client.get("/opportunities/", {"filter": json.dumps(condition)}).content.decode()
    assert "Nothing matches" in page
    why = unescape(re.findall(r'hx-get="(/opportunities/emptiness/[^"]*)"', page)[0])
    page = client.get(why).content.decode()
    assert "Remove filter Amount" in page
    assert "hx-get" not in page
    found = emptiness.explain(state(cast, q="nothing like it"), actor_of(cast.owner))
    assert (found.by_search, found.would_show) == (True, 2)


# --- pages and neighbours ---------------------------------------------------------------------------


def test_pages_hold_their_size_and_know_whether_there_is_more(cast: Cast, stages: list[Stage]):
    for number in range(27):
        deal(cast, stages[0], f"Deal {number:02}")
    actor = actor_of(cast.owner)
    first = table.table_for(state(cast, size="25", sort="name"), actor)
    second = table.table_for(state(cast, size="25", sort="name", page="2"), actor)
    assert (len(first.rows), first.has_more, first.count) == (25, True, None)
    assert (len(second.rows), second.has_more, second.first, second.count) == (2, False, 26, 27)


def test_neighbours_go_on_over_the_edge_of_a_page(
    cast: Cast, stages: list[Stage], django_assert_num_queries: Any
):
    made = [deal(cast, stages[0], f"Deal {number:02}") for number in range(27)]
    actor = actor_of(cast.owner)
    origin = state(cast, size="25", sort="name").query()
    near = listing.neighbours(deals(), actor, origin, made[24].pk)
    assert urlsplit(near.previous).path == f"/opportunities/{made[23].pk}/"
    assert urlsplit(near.next).path == f"/opportunities/{made[25].pk}/"
    assert (near.place, near.count, near.more) == (25, 27, False)
    beyond = parse_qs(urlsplit(near.next).query)["from"][0]
    further = listing.neighbours(deals(), actor, beyond, made[25].pk)
    assert urlsplit(further.previous).path == f"/opportunities/{made[24].pk}/"
    assert urlsplit(further.next).path == f"/opportunities/{made[26].pk}/"
    assert (further.place, further.count) == (26, 27)
    assert listing.neighbours(deals(), actor, None, made[0].pk) == listing.Neighbours()


# --- rights, text and cost --------------------------------------------------------------------------


def test_one_sees_what_one_may_see(cast: Cast, stages: list[Stage], signed_in: SignIn, client: Client):
    deal(cast, stages[0], "Loader")
    assert client.get("/opportunities/").status_code == 302
    assert "Loader" in signed_in(cast.teammate).get("/opportunities/?view=all").content.decode()
    assert "Loader" not in signed_in(cast.outsider).get("/opportunities/?view=all").content.decode()
    assert signed_in(cast.owner).get("/nothings/").status_code == 404
    assert signed_in(cast.owner).post("/opportunities/").status_code == 405


def test_nothing_anybody_writes_becomes_markup(cast: Cast, stages: list[Stage], signed_in: SignIn):
    evil = "<script>alert('x')</script>\"><img src=x onerror=y>"
    account = Account.objects.create(name=evil, city=evil, owner=cast.owner)
    deal(cast, stages[0], evil, account=account, next_step=evil, source=Source.objects.create(name=evil))
    condition = {"all": [{"field": "name", "op": "contains", "value": "<script>"}]}
    client = signed_in(cast.owner)
    given = {"view": "all", "columns": f"name,account,source,next_step,account__city,{evil}", "q": "<script>"}
    for address in ("", "filter/", "columns/", "grouping/", "totals/"):
        page = client.get(
            f"/opportunities/{address}", {**given, "filter": json.dumps(condition)}
        ).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    grouped = client.get("/opportunities/", {"view": "all", "group": "source"}).content.decode()
    assert "&lt;script&gt;" in grouped
    assert "<script>alert" not in grouped


def queries_of(client: Client, address: str, headers: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers=headers).status_code == 200
    return len(queries)


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_a_list_costs_the_same_queries_with_three_rows_and_with_thirty(
    cast: Cast, stages: list[Stage], signed_in: SignIn, headers: dict[str, str]
):
    client = signed_in(cast.owner)
    for number in range(3):
        deal(cast, stages[0], f"Deal {number}", account=Account.objects.create(name=f"Account {number}"))
    few = queries_of(client, "/opportunities/?view=all", headers)
    for number in range(27):
        deal(cast, stages[1], f"More {number}", account=Account.objects.create(name=f"Other {number}"))
    many = queries_of(client, "/opportunities/?view=all", headers)
    assert few == many <= 8
    assert queries_of(client, "/opportunities/?view=all&group=stage", headers) == many + 2


def test_fifty_rows_stay_light_and_a_fragment_has_no_frame(
    cast: Cast, stages: list[Stage], signed_in: SignIn
):
    account = Account.objects.create(name="Construcciones y Contratas del Ebro, S.A.")
    for number in range(60):
        deal(cast, stages[0], f"Retroexcavadora con entrega de usada {number}", account=account)
    client = signed_in(cast.owner)
    whole = client.get("/opportunities/?view=all").content
    assert whole.count(b"<tr data-row") == 50
    assert len(whole) <= 60_000  # with the frame: menu, palette, phone bar
    fragment = client.get("/opportunities/?view=all", headers=FRAGMENT).content
    assert b"<html" not in fragment
    assert b'class="sidebar"' not in fragment
    assert fragment.count(b"<tr data-row") == 50
    assert len(fragment) <= 50_000


def test_the_actor_of_a_list_is_the_reader(cast: Cast):
    actor: Actor = actor_of(cast.reader)
    shown = table.table_for(listing.read(deals(), actor, "view=all"), actor)
    assert not any(head.inline for head in shown.heads)
