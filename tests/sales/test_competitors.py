"""Who else is after a deal: several accounts, added and taken away, in the list and its filter."""

from __future__ import annotations

import json
import re

from clientela.domain.sales.models import Opportunity
from clientela.platform.audit.models import Change
from tests.contract import ways
from tests.pages.builders import make


def rivals(cast, *names):
    return [make("account", cast.owner, name=name, kind="competitor") for name in names]


def names_of(deal):
    return list(deal.competitors.order_by("name").values_list("name", flat=True))


def shown(client, condition):
    given = {"view": "all", "columns": "name,competitors", "filter": json.dumps(condition)}
    page = client.get("/opportunities/", given).text
    return [name for name in ("Crane", "Lathe", "Press") if f">{name}<" in page]


def test_several_are_added_and_taken_away_on_the_page(cast, signed_in):
    # given
    first, second, third = rivals(cast, "Grúas Iberia", "Levante", "Caribe")
    deal = make("opportunity", cast.owner, name="Crane")
    client, address = signed_in(cast.owner), f"/opportunities/{deal.pk}/field/competitors/"
    # when
    added = client.post(address, {"competitors": [first.pk, second.pk]})
    # then
    assert added.status_code == 200
    assert names_of(deal) == ["Grúas Iberia", "Levante"]
    page = client.get(f"/opportunities/{deal.pk}/").text
    assert "Grúas Iberia" in page
    assert "Levante" in page
    # when
    client.post(address, {"competitors": [second.pk, third.pk]})
    # then
    assert names_of(deal) == ["Caribe", "Levante"]
    change = Change.objects.filter(record="opportunity", verb="update").latest("pk")
    assert change.before == {"competitors": [first.pk, second.pk]}
    assert change.after == {"competitors": [second.pk, third.pk]}
    # when
    client.post(address, {"competitors": ""})
    # then
    assert names_of(deal) == []
    # when who may only look tries
    refused = signed_in(cast.reader).post(address, {"competitors": [first.pk]})
    # then
    assert refused.status_code == 403
    assert names_of(deal) == []


def test_they_are_set_by_the_api_and_one_out_of_sight_is_refused(cast):
    # given
    first, second = rivals(cast, "Grúas Iberia", "Levante")
    hidden = make("account", cast.outsider, name="Of others")
    caller = ways.Program(cast.owner).client
    # when
    body = {"name": "Crane", "competitors": [second.pk, first.pk]}
    made = caller.post("/api/v1/opportunities", body, content_type="application/json")
    # then
    assert made.status_code == 201
    deal = Opportunity.objects.get()
    assert sorted(made.json()["competitors"]) == sorted([first.pk, second.pk])
    # when
    address = f"/api/v1/opportunities/{deal.pk}"
    less = caller.patch(address, {"competitors": [second.pk]}, content_type="application/json")
    # then
    assert less.status_code == 200
    assert names_of(deal) == ["Levante"]
    # when
    body = {"competitors": [second.pk, hidden.pk]}
    refused = caller.patch(address, body, content_type="application/json")
    # then
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["competitors"])
    assert names_of(deal) == ["Levante"]


def test_the_list_shows_them_and_is_filtered_by_them(cast, signed_in):
    # given
    first, second = rivals(cast, "Grúas Iberia", "Levante")
    make("opportunity", cast.owner, name="Crane", competitors=[first.pk, second.pk])
    make("opportunity", cast.owner, name="Lathe", competitors=[second.pk])
    make("opportunity", cast.owner, name="Press")
    client = signed_in(cast.owner)
    # when
    page = client.get("/opportunities/", {"view": "all", "columns": "name,competitors", "sort": "name"}).text
    # then
    rows = [re.sub(r"<[^>]+>", " ", each) for each in page.split("<tr")[2:]]
    told = [
        [name for name in ("Crane", "Lathe", "Press", "Grúas Iberia", "Levante") if name in row]
        for row in rows
    ]
    assert told[:3] == [["Crane", "Grúas Iberia", "Levante"], ["Lathe", "Levante"], ["Press"]]
    assert shown(client, {"field": "competitors", "op": "in", "value": [first.pk]}) == ["Crane"]
    assert shown(client, {"field": "competitors", "op": "in", "value": [second.pk]}) == ["Crane", "Lathe"]
    assert shown(client, {"field": "competitors", "op": "empty"}) == ["Press"]
