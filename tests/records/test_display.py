"""How values are shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Sector, Tag
from clientela.domain.sales.models import Opportunity, Pipeline, Stage
from clientela.records import display, query, refs, registry
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast: Cast) -> Opportunity:
    pipeline, _made = Pipeline.objects.get_or_create(name="Test")
    stage = Stage.objects.create(name="Talks", pipeline=pipeline, color="amber", probability=50)
    account = Account.objects.create(name="Áridos Jalón", website="javascript:alert(1)", country="FR")
    deal = Opportunity.objects.create(
        name="<b>Loader</b>",
        account=account,
        pipeline=pipeline,
        stage=stage,
        amount=Decimal("1234.50"),
        amount_base=Decimal("1234.50"),
        currency="EUR",
        owner=cast.owner,
        close_date=dt.date(2020, 3, 31),
    )
    deal.tags.add(Tag.objects.create(name="Hot", color="red"), Tag.objects.create(name="Ask", color="blue"))
    return deal


def shown(cast: Cast, deal: Opportunity, *paths: str) -> dict[str, display.Shown]:
    spec = registry.get("opportunity")
    reader = display.reader_for(actor_of(cast.owner))
    return display.of_record(spec, deal.pk, [refs.resolve(spec, path) for path in paths], reader)


def test_a_link_is_drawn_by_the_mark_of_its_target(cast: Cast, deal: Opportunity):
    cells = shown(cast, deal, "account", "stage", "owner")
    assert cells["account"][:3] == ("entity", "Áridos Jalón", f"/accounts/{deal.account_id}/")
    assert cells["account"].initials == "AJ"
    assert cells["stage"][:4] == ("status", "Talks", f"/stages/{deal.stage_id}/", "amber")
    assert cells["owner"].kind == "person"


def test_amounts_carry_their_currency_and_computed_ones_the_company_s(cast: Cast, deal: Opportunity):
    cells = shown(cast, deal, "amount", "weighted")
    assert cells["amount"].text == "€1,234.50"
    assert cells["weighted"].text == "€617.25"


def test_dates_countries_and_many_links(cast: Cast, deal: Opportunity):
    cells = shown(cast, deal, "close_date", "account__country", "tags", "next_step")
    assert cells["close_date"] == display.Shown("date", "31/03/2020", title="2020-03-31")
    assert cells["account__country"].text == "France"
    assert [(item.text, item.color) for item in cells["tags"].items] == [("Ask", "blue"), ("Hot", "red")]
    assert cells["next_step"] == display.NOTHING


def test_a_page_of_rows_costs_one_query_and_one_for_each_column_of_many_links(
    cast: Cast, deal: Opportunity, django_assert_num_queries
):
    spec = registry.get("opportunity")
    reader = display.reader_for(actor_of(cast.owner))
    columns = display.columns_for([refs.resolve(spec, path) for path in ("name", "account", "tags")], reader)
    with django_assert_num_queries(2):
        found = display.rows_of(spec, query.visible(spec, actor_of(cast.owner)), columns, 0, 50)
    assert [record_id for record_id, _cells in found] == [deal.pk]
    assert [cell.text for cell in found[0][1]] == ["<b>Loader</b>", "Áridos Jalón", "Ask, Hot"]


def test_a_script_address_is_never_a_link(cast: Cast):
    cell = display._url_maker(None, None)("javascript:alert(1)")  # type: ignore[arg-type]
    assert (cell.text, cell.url) == ("javascript:alert(1)", "")


def test_every_field_of_every_record_can_be_shown(cast: Cast, deal: Opportunity):
    Sector.objects.create(name="Mining")
    reader = display.reader_for(actor_of(cast.admin))
    for spec in registry.every():
        columns = display.columns_for(refs.fields_of(spec).values(), reader)
        found = display.rows_of(spec, query.visible(spec, reader.actor), columns, 0, 5)
        assert all(len(cells) == len(columns.refs) for _record_id, cells in found), spec.key
