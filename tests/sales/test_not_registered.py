"""A deal for somebody who is no account yet."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from clientela.domain.sales.models import Opportunity, Stage
from tests.pages.builders import change, make

GIVEN = {
    "name": "Two diggers",
    "prospect_name": "Excavaciones Gállego",
    "prospect_email": "Obra@Gallego.example",
    "prospect_phone": "976 55 01 82",
}


def test_it_is_entered_without_an_account_and_stands_everywhere(cast, signed_in):
    # given
    client = signed_in(cast.owner)
    # when
    done = client.post("/opportunities/new/", {**GIVEN, "more": "1"})
    # then
    assert done.status_code == 302
    deal = Opportunity.objects.get()
    assert (deal.account, deal.prospect_name) == (None, "Excavaciones Gállego")
    assert deal.prospect_phone == "+34976550182"
    page = client.get(f"/opportunities/{deal.pk}/").text
    assert "Excavaciones Gállego" in page
    assert "976 55 01 82" in page
    assert "Excavaciones Gállego" in client.get("/opportunities/board/").text
    assert "Two diggers" in client.get("/opportunities/", {"view": "all", "q": "gallego"}).text


def test_its_e_mail_and_telephone_are_checked(cast, signed_in):
    given = {**GIVEN, "more": "1", "prospect_email": "nobody"}

    refused = signed_in(cast.owner).post("/opportunities/new/", given)

    assert refused.status_code == 422
    assert "Enter a valid email address." in refused.text
    assert Opportunity.objects.count() == 0


def test_it_is_won_and_gets_its_account_when_there_is_one(cast, signed_in):
    # given
    deal = make("opportunity", cast.owner, **GIVEN, amount="1000", currency="EUR", close_date="2031-03-31")
    # when
    won = signed_in(cast.owner).post(f"/opportunities/{deal.pk}/action/win/", {})
    account = make("account", cast.owner, name="Excavaciones Gállego, S.L.")
    change("opportunity", Opportunity.objects.get(), cast.owner, account=account.pk)
    # then
    assert won.status_code == 204
    deal.refresh_from_db()
    assert (deal.stage.kind, deal.account) == ("won", account)


def test_in_a_stage_that_never_stalls_no_deal_is_marked(cast, signed_in):
    deal = make("opportunity", cast.owner, **GIVEN)
    Stage.objects.update(stalled_after=0)
    Opportunity.objects.filter(pk=deal.pk).update(stage_since=timezone.now() - dt.timedelta(days=900))

    assert "data-rotting" not in signed_in(cast.owner).get("/opportunities/board/").text
