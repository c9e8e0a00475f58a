"""The chart of a list."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Sector
from clientela.domain.sales.models import Stage
from clientela.platform.lists import listing
from clientela.platform.looks import chart
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db


def make(person, record, **values):
    return write.create(registry.get(record), values, operation=Operation(actor_of(person), PAGE))


def measured(person, record, by, measure="count", query="view=all"):
    spec, actor = registry.get(record), actor_of(person)
    with translation.override("en"):
        return chart.measured(listing.read(spec, actor, query), actor, by, measure)


def bars(found):
    return [(bar.shown.text, bar.count, bar.text) for bar in found.bars]


def rows_of(person, record, url):
    spec, actor = registry.get(record), actor_of(person)
    return list(listing.read(spec, actor, urlsplit(url).query).ordered(actor))


@pytest.fixture
def stages(db):
    return list(Stage.objects.filter(kind="open").order_by("position")[:2])


def test_amounts_are_added_up_by_stage_in_the_order_of_the_stages(cast, stages):
    for amount, stage in (("100", 1), ("50.50", 0), ("200", 0)):
        make(cast.owner, "opportunity", name="Deal", amount=amount, stage=stages[stage].pk)

    found = measured(cast.owner, "opportunity", "stage", "amount:sum")

    assert bars(found) == [(stages[0].name, 2, "€250.50"), (stages[1].name, 1, "€100")]
    assert [round(bar.percent) for bar in found.bars] == [100, 40]
    assert (found.total, found.count) == ("€350.50", 3)


def test_every_bar_leads_to_its_records_also_those_without_a_value(cast):
    sector = Sector.objects.create(name="Mining")
    named = make(cast.owner, "account", name="A", sector=sector.pk, city="Ricla")
    bare = make(cast.owner, "account", name="B", city="Ricla")
    make(cast.owner, "account", name="C", city="Épila")
    query = "view=all&filter=" + json.dumps({"field": "city", "op": "is", "value": "Ricla"})

    found = measured(cast.owner, "account", "sector", query=query)

    leads = {bar.shown.text: rows_of(cast.owner, "account", bar.url) for bar in found.bars}
    assert leads == {"Mining": [named], "": [bare]}


@pytest.mark.parametrize("by", ["close_date:month", "close_date:quarter", "close_date:year"])
def test_a_column_leads_to_the_records_of_its_period(cast, by):
    inside = make(cast.owner, "opportunity", name="A", close_date="2026-03-31")
    make(cast.owner, "opportunity", name="B", close_date="2027-04-01")
    empty = make(cast.owner, "opportunity", name="C")

    found = measured(cast.owner, "opportunity", by)

    assert found.columns
    assert [bar.count for bar in found.bars] == [1, 1, 1]
    assert rows_of(cast.owner, "opportunity", found.bars[0].url) == [inside]
    assert rows_of(cast.owner, "opportunity", found.bars[-1].url) == [empty]


def test_a_choice_and_a_yes_or_no_lead_to_theirs(cast):
    customer = make(cast.owner, "account", name="A", kind="customer")
    make(cast.owner, "account", name="B", kind="supplier")

    found = measured(cast.owner, "account", "kind")

    assert {bar.shown.text: bar.count for bar in found.bars} == {"Customer": 1, "Supplier": 1}
    assert rows_of(cast.owner, "account", found.bars[0].url) == [customer]


def test_what_is_not_visible_is_not_counted(cast):
    make(cast.owner, "account", name="A", kind="customer")
    make(cast.outsider, "account", name="B", kind="customer")

    assert bars(measured(cast.owner, "account", "kind")) == [("Customer", 1, "1")]


def test_the_page_draws_it_and_offers_other_fields_and_measures(cast, signed_in, stages):
    make(cast.owner, "opportunity", name="Deal", amount="100", stage=stages[0].pk)
    client = signed_in(cast.owner)

    page = client.get("/opportunities/chart/?view=all")
    text = page.content.decode()

    assert page.status_code == 200
    assert f'data-color="{stages[0].color}" width="100.0%"' in text
    assert "€100" in text
    assert "Number of records" in text
    assert "<style" not in text
    other = client.get("/opportunities/chart/?view=all&by=close_date:month&measure=count").content.decode()
    assert "column-chart" in other


def test_an_address_that_says_nonsense_shows_the_usual_chart(cast, signed_in):
    make(cast.owner, "opportunity", name="Deal", amount="100")
    client = signed_in(cast.owner)

    assert client.get("/opportunities/chart/?by=nonsense&measure=name:sum&view=x").status_code == 200
    broken = client.get("/opportunities/chart/?filter={")
    assert broken.status_code == 200
    assert "This filter cannot be followed" in broken.content.decode()


def test_the_chosen_field_stays_when_the_measure_changes(cast, signed_in):
    text = signed_in(cast.owner).get("/opportunities/chart/?by=owner").content.decode()
    options = [part.split('"')[0] for part in text.split('<option value="')[1:]]
    counted = next(each for each in options if "measure=count" in each).replace("&amp;", "&")

    assert parse_qs(urlsplit(counted).query)["by"] == ["owner"]


def test_the_queries_do_not_grow_with_the_records(cast, signed_in, django_assert_max_num_queries):
    for number in range(30):
        make(cast.owner, "opportunity", name=f"D{number}", close_date=date(2026, 1 + number % 12, 1))
    client = signed_in(cast.owner)

    with django_assert_max_num_queries(12):
        assert client.get("/opportunities/chart/?view=all&by=close_date:month").status_code == 200
