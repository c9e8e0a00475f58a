"""A closed record leads on to what it became, as far as the reader may see that."""

from __future__ import annotations

import pytest

from clientela.domain.sales import conversion
from clientela.domain.sales.models import Lead
from tests.cast import Cast
from tests.pages.builders import by, make

pytestmark = pytest.mark.django_db


def converted(cast: Cast) -> Lead:
    lead = make("lead", cast.owner, first_name="Jon", last_name="Sanz", company="Prensas Sanz")
    return conversion.convert(lead, operation=by(cast.owner), opportunity={"name": "Press"})


def test_a_converted_lead_leads_on_to_account_contact_and_deal(cast: Cast, signed_in):
    lead = converted(cast)
    html = signed_in(cast.owner).get(f"/leads/{lead.pk}/").text
    start = html.index("It goes on here:")
    banner = html[start : html.index("</ul>", start)]
    for url in (f"/accounts/{lead.account_id}/", f"/contacts/{lead.contact_id}/"):
        assert f'href="{url}"' in banner
    assert f'href="/opportunities/{lead.opportunity_id}/"' in banner
    assert "Prensas Sanz" in banner


def test_one_that_is_still_worked_on_has_no_such_banner(cast: Cast, signed_in):
    lead = make("lead", cast.owner, first_name="Jon", last_name="Sanz")
    assert "It goes on here:" not in signed_in(cast.owner).get(f"/leads/{lead.pk}/").text
