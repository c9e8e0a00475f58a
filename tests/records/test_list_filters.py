"""Filters of a list: every operator, the builder, chips."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.sales.models import Stage
from clientela.platform.lists import filters, words
from clientela.records import conditions, display, kinds, query, refs, registry
from tests.cast import Cast
from tests.records.deals import deals

SignIn = Callable[[User], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


VALUES: dict[str, Any] = {
    "text": "a",
    "pair": {"integer": [1, 2], "number": ["1", "2"], "percent": ["1", "2"], "money": ["1", "2"]},
    "period": "this_month",
}


def value_for(ref: refs.FieldRef, operator: str) -> Any:
    operand = conditions.OPERATORS[operator].operand
    if operand == "pair":
        return VALUES["pair"].get(ref.kind.name, ["2026-01-01", "2026-12-31"])
    if operand == "choices":
        return [1] if ref.kind in (kinds.Link, kinds.Links) else ["x"]
    if operand == "value":
        return {"integer": 1, "text": "a", "date": "2026-01-01", "datetime": "2026-01-01"}.get(
            ref.kind.name, "1" if ref.kind.numeric else "a"
        )
    return VALUES.get(operand)


def test_every_operator_of_every_field_runs_and_has_words(cast: Cast, stages: list[Stage]):
    actor, reader = actor_of(cast.admin), display.reader_for(actor_of(cast.admin))
    tried = set()
    for spec in registry.every():
        for group in words.field_groups(spec, actor, lambda ref: bool(ref.kind.operators)):
            for path, _label in group.fields:
                ref = refs.resolve(spec, path)
                for operator in ref.kind.operators:
                    leaf = {"field": path, "op": operator, "value": value_for(ref, operator)}
                    query.count(query.matching(spec, actor, leaf))
                    assert words.OPERATORS[operator]
                    layout = filters.layout_of(spec, leaf, reader)
                    assert filters.condition_from(spec, layout, reader) == leaf, (spec.key, leaf)
                    tried.add(operator)
    assert tried == set(conditions.OPERATORS)


TREE = {
    "all": [
        {"field": "name", "op": "contains", "value": "load"},
        {
            "any": [
                {"field": "amount", "op": "gt", "value": "5000"},
                {"field": "close_date", "op": "within", "value": "last_n_days:30"},
            ]
        },
        {"not": {"field": "owner", "op": "in", "value": ["me"]}},
    ]
}


def form_of(layout: filters.Layout) -> QueryDict:
    """What the builder's form would send for a layout."""
    form = QueryDict(mutable=True)
    form["join"] = layout.join
    for group, join in layout.joins.items():
        form[f"join-{group}"] = join
    for row in layout.rows:
        form.appendlist("row", row.place)
        form[f"x-{row.place}"] = row.opaque
        form[f"f-{row.place}"], form[f"was-{row.place}"] = row.path, row.path
        form[f"o-{row.place}"], form[f"w-{row.place}"] = row.operator, row.second
        form.setlist(f"v-{row.place}", [value.partition(":")[0] for value in row.values])
        form[f"n-{row.place}"] = row.values[0].partition(":")[2] if row.values else ""
    return form


def test_the_builder_keeps_groups_and_what_it_cannot_lay_out(cast: Cast):
    reader = display.reader_for(actor_of(cast.owner))
    layout = filters.layout_of(deals(), TREE, reader)
    assert [row.place for row in layout.rows] == ["0", "1.0", "1.1", "2"]
    assert layout.rows[3].opaque
    sent = filters.layout_from(deals(), form_of(layout), reader)
    assert filters.condition_from(deals(), sent, reader) == TREE


def test_the_builder_adds_and_removes_rows_and_groups(cast: Cast):
    reader = display.reader_for(actor_of(cast.owner))
    layout = filters.layout_of(deals(), TREE, reader)
    for command in ("add", "add-group", "add:1", "remove:0"):
        filters.edit(layout, command)
    assert [row.place for row in layout.rows] == ["1.0", "1.1", "1.2", "2", "3", "4.0", "4.1"]
    filters.edit(layout, "clear")
    assert filters.condition_from(deals(), layout, reader) == {}


def test_one_goes_on_by_keyboard_where_the_builder_changed(cast: Cast, signed_in: SignIn):
    layout = filters.layout_of(deals(), TREE, display.reader_for(actor_of(cast.owner)))
    focused = []
    for command in ("add", "add-group", "add:1", "remove:0", "clear"):
        filters.edit(layout, command)
        focused.append(layout.focus)
    assert focused == ["3", "4.0", "1.2", "add", "add"]

    client = signed_in(cast.owner)
    fresh = client.get("/opportunities/filter/?view=all").content.decode()
    assert '<select name="f-0" id="filter-f-0"' in fresh
    assert fresh.count(" autofocus") == 1
    # What restructures the form has an id, by which htmx gives it the focus back.
    given = {"row": "0", "f-0": "amount", "was-0": "", "from": "view=all", "way": "record_list"}
    chosen = client.post("/opportunities/filter/", given).content.decode()
    assert 'id="filter-o-0"' in chosen
    assert " autofocus" not in chosen


def test_applying_the_builder_leads_to_the_filtered_list(cast: Cast, stages: list[Stage], signed_in: SignIn):
    form = {
        "row": "0",
        "f-0": "amount",
        "was-0": "amount",
        "o-0": "gt",
        "v-0": "5.000",
        "do": "apply",
        "from": "view=all",
    }
    cast.owner.language = "es"
    cast.owner.save()
    response = signed_in(cast.owner).post("/opportunities/filter/", form)
    assert response.status_code == 204
    place = json.loads(response["HX-Location"])
    assert place["target"] == "#content"
    told = parse_qs(urlsplit(place["path"]).query)
    assert json.loads(told["filter"][0]) == {"field": "amount", "op": "gt", "value": "5000"}


def test_a_value_that_is_none_is_told_at_its_row(cast: Cast, signed_in: SignIn):
    form = {"row": "0", "f-0": "amount", "was-0": "amount", "o-0": "gt", "v-0": "many", "do": "apply"}
    response = signed_in(cast.owner).post("/opportunities/filter/", form)
    assert response.status_code == 200
    assert "“many” is not a number." in response.content.decode()
    assert 'value="many"' in response.content.decode()


def test_chips_say_the_condition_and_each_can_go(cast: Cast, stages: list[Stage], signed_in: SignIn):
    condition = {
        "all": [
            {"field": "stage", "op": "in", "value": [stages[0].pk]},
            {"field": "owner", "op": "in", "value": ["me"]},
            {"field": "close_date", "op": "within", "value": "next_n_days:7"},
        ]
    }
    page = signed_in(cast.owner).get("/opportunities/", {"filter": json.dumps(condition)}).content.decode()
    for text in ("Filter: Stage", ">Talks<", ">me<", ">the next 7 days<"):
        assert text in page
    assert page.count('aria-label="Remove filter') == 3


def test_the_chooser_leads_to_the_chosen_columns(cast: Cast, signed_in: SignIn):
    form = {
        "columns": ["name", "weighted"],
        "width-weighted": "140",
        "total-weighted": "max",
        "from": "view=all",
        "do": "apply",
    }
    response = signed_in(cast.owner).post("/opportunities/columns/", form)
    told = parse_qs(urlsplit(json.loads(response["HX-Location"])["path"]).query)
    assert (told["columns"], told["totals"]) == (["name,weighted:140"], ["weighted:max"])
