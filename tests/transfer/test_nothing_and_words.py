"""Cells that stand for nothing, and words that an import makes on demand, through a whole import."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Source
from clientela.domain.sales.models import Lead, Opportunity
from clientela.platform.transfer import services
from clientela.records import registry
from tests.pages.builders import make

ACCOUNT, DEAL, LEAD = (registry.get(key) for key in ("account", "opportunity", "lead"))
NOTHING = ("N/A", "n/a", "-", "null", "NULL", "--", "#N/A", "(vacío)", " - ")


pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize("nothing", NOTHING)
def test_words_of_nothing_are_empty_in_every_kind_of_column(load, nothing):
    # given
    Account.objects.create(name="Acme", external_id="1")
    head = "Id,Name,Account,Amount,Currency,Close date,Source,Next step,Probability,Prospect e-mail\n"
    full = "a,Crane,1,1000.50,EUR,2031-03-31,Fair,Call,40,ana@example.com\n"
    # when
    job = load(DEAL, f"{head}{full}b,Lathe{f',{nothing}' * 8}\n")
    # then
    assert (job.created, job.rejected, job.report.get("warnings", {})) == (2, 0, {})
    told = Opportunity.objects.filter(external_id="a")
    assert told.values_list("amount", "account__name", "source__name", "next_step").get() == (
        Decimal("1000.50"),
        "Acme",
        "Fair",
        "Call",
    )
    empty = Opportunity.objects.get(external_id="b")
    assert (empty.account, empty.amount, empty.close_date, empty.source) == (None, None, None, None)
    assert (empty.next_step, empty.probability, empty.prospect_email) == ("", None, "")
    assert list(Source.objects.filter(name__in=[nothing, nothing.strip()])) == []


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_record_without_its_name_is_rejected_whatever_word_says_so(load, nothing):
    job = load(ACCOUNT, f"Name,City\n{nothing},Ricla\nAcme,Épila\n")

    assert (job.created, job.rejected) == (1, 1)
    assert list(Account.objects.values_list("name", "city")) == [("Acme", "Épila")]


def test_an_update_with_nothing_leaves_what_is_there(load):
    # given
    load(ACCOUNT, "Id,Name,City,Phone\n1,Acme,Ricla,976550182\n")
    # when
    job = load(ACCOUNT, "Id,Name,City,Phone\n1,Acme,N/A,n/a\n", options={"twins": "update"})
    # then
    assert job.rejected == 0
    found = Account.objects.get()
    assert (found.city, found.phone) == ("Ricla", "+34976550182")


def test_sources_are_made_once_for_all_that_name_them(load, cast):
    # given
    fair = make("source", cast.admin, name="Feria")
    before = Source.objects.count()
    # when
    text = "Name,Company,Lead Source\nAna,Acme,FERIA\nJon,Beta,Web form\nEva,Gama,web FORM\nIu,Delta,N/A\n"
    job = load(LEAD, text)
    # then
    assert (job.created, job.rejected) == (4, 0)
    made = Source.objects.exclude(pk=fair.pk).get(name="Web form")
    assert Source.objects.count() == before + 1
    sources = dict(Lead.objects.values_list("name", "source"))
    assert sources == {"Ana": fair.pk, "Jon": made.pk, "Eva": made.pk, "Iu": None}
    # when the import is undone, so is the source that came with it
    services.undo_job(job, actor_of(cast.admin))
    # then
    assert Lead.objects.count() == 0
    assert list(Source.objects.filter(name="Web form")) == []
    assert Source.objects.filter(pk=fair.pk).exists()


def test_no_source_is_made_where_that_was_not_wanted_or_not_allowed(load, cast):
    before = Source.objects.count()

    unwanted = load(LEAD, "Name,Lead Source\nAna,Web form\n", options={"create_words": False})
    by_seller = load(LEAD, "Name,Lead Source\nJon,Web form\n", user=cast.owner)

    assert (unwanted.created, by_seller.created) == (1, 1)
    assert Source.objects.count() == before
    assert set(Lead.objects.values_list("source", flat=True)) == {None}
    for job in (unwanted, by_seller):
        assert job.report["warnings"]["Lead Source"] == {"count": 1, "examples": ["Web form"]}
