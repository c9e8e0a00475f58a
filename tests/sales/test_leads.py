"""Leads: qualified, discarded, converted, and all of it back."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from clientela.access import rules
from clientela.access.actor import actor_of
from clientela.access.models import Role
from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales import conversion
from clientela.domain.sales.models import Lead, LostReason, Opportunity, Stage
from clientela.platform.audit.models import Change
from clientela.platform.audit.undo import undo
from clientela.platform.timeline import services
from clientela.platform.timeline.models import NoteLink
from clientela.records import registry, write
from clientela.records.errors import Invalid, NotFound, Refused
from tests.cast import give_roles
from tests.pages.builders import by, change, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(cast):
    return make(
        "lead",
        cast.owner,
        first_name="Mª Ángeles",
        last_name="Oliván",
        company="Hormigones Alto Aragón, S.L.",
        job_title="Site manager",
        email="olivan@haltoaragon.example",
        phone="629417022",
        city="Barbastro",
        amount="165000",
        interest="Digger 21 t\nBefore June",
    )


def test_a_lead_becomes_account_contact_and_deal_with_its_notes(cast, lead):
    services.add_note(registry.get("lead"), lead, "Met at the fair", operation=by(cast.owner))
    stage = Stage.objects.filter(kind="open").order_by("position")[1]

    deal = {"name": "Digger for the A-22", "amount": "165000", "stage": stage.pk, "close_date": "2027-05-29"}
    converted = conversion.convert(lead, operation=by(cast.owner), opportunity=deal)

    account, contact, opportunity = Account.objects.get(), Contact.objects.get(), Opportunity.objects.get()
    assert (account.name, account.city, account.owner) == (
        "Hormigones Alto Aragón, S.L.",
        "Barbastro",
        cast.owner,
    )
    assert (contact.name, contact.account, contact.email) == ("Mª Ángeles Oliván", account, lead.email)
    assert (opportunity.name, opportunity.account, opportunity.stage) == (
        "Digger for the A-22",
        account,
        stage,
    )
    assert opportunity.description == "Digger 21 t\nBefore June"
    assert [role.contact for role in opportunity.contact_roles.all()] == [contact]
    assert (converted.status, converted.account, converted.contact, converted.opportunity) == (
        "converted",
        account,
        contact,
        opportunity,
    )
    assert converted.converted_at is not None
    assert set(NoteLink.objects.values_list("record", flat=True)) == {
        "lead",
        "account",
        "contact",
        "opportunity",
    }


def test_undoing_a_conversion_brings_all_back(cast, lead):
    services.add_note(registry.get("lead"), lead, "Met at the fair", operation=by(cast.owner))
    operation = by(cast.owner)
    conversion.convert(lead, operation=operation, opportunity={"name": "Digger"})

    result = undo(operation.id, actor=actor_of(cast.owner))

    assert result.conflicts == []
    assert not (Account.objects.exists())
    assert not (Contact.objects.exists())
    assert not (Opportunity.objects.exists())
    again = Lead.objects.get()
    assert (again.status, again.converted_at, again.account_id) == ("new", None, None)
    assert list(NoteLink.objects.values_list("record", flat=True)) == ["lead"]


def test_a_lead_can_be_merged_into_an_account_that_is_there(cast, lead):
    account = make("account", cast.owner, name="Hormigones Alto Aragón", city="Monzón")
    contact = make("contact", cast.owner, name="Blas Oliván")

    converted = conversion.convert(lead, operation=by(cast.owner), account=account.pk, contact=contact.pk)

    assert (Account.objects.count(), Contact.objects.count(), Opportunity.objects.count()) == (1, 1, 0)
    account.refresh_from_db()
    assert (account.name, account.city) == ("Hormigones Alto Aragón", "Monzón")
    assert [each.account for each in contact.affiliations.all()] == [account]
    assert (converted.account, converted.contact, converted.opportunity) == (account, contact, None)


def test_a_converted_lead_is_closed(cast, lead):
    converted = conversion.convert(lead, operation=by(cast.owner))
    before = Change.objects.count()

    with translation.override("en"), pytest.raises(Refused, match="converted already"):
        conversion.convert(Lead.objects.get(), operation=by(cast.owner))
    with translation.override("en"), pytest.raises(Refused, match="closed"):
        change("lead", Lead.objects.get(), cast.owner, company="Another")

    assert Change.objects.count() == before
    assert Account.objects.count() == 1
    assert Lead.objects.get().company == converted.company


def test_half_a_conversion_is_none(cast, lead):
    before = Change.objects.count()

    with pytest.raises(Invalid):
        conversion.convert(
            lead, operation=by(cast.owner), opportunity={"name": "Digger", "currency": "XXX", "amount": "5"}
        )
    with pytest.raises(NotFound):
        conversion.convert(lead, operation=by(cast.owner), account=999)
    with pytest.raises(Refused):
        conversion.convert(lead, operation=by(cast.teammate))

    assert Change.objects.count() == before
    assert not Account.objects.exists()
    assert Lead.objects.get().status == "new"


def test_nobody_makes_a_lead_converted_by_hand(cast, lead):
    with pytest.raises(Invalid):
        change("lead", lead, cast.owner, status="converted")

    assert Lead.objects.get().status == "new"


def test_the_dialog_finds_the_account_and_says_what_will_happen(cast, lead, signed_in):
    make("account", cast.owner, name="Hormigones Alto Aragón", website="https://haltoaragon.example")
    make("account", cast.owner, name="Áridos Jalón")
    make("account", cast.outsider, name="Hormigones Alto Aragón II")
    services.add_note(registry.get("lead"), lead, "Met at the fair", operation=by(cast.owner))

    page = signed_in(cast.owner).get(f"/leads/{lead.pk}/convert/").content.decode()

    assert "Link to Hormigones Alto Aragón<" in page
    assert "Áridos Jalón" not in page
    assert "Alto Aragón II" not in page
    assert "1 note goes along" in page
    assert 'value="Digger 21 t"' in page


def test_converting_in_the_dialog_and_undoing_it(cast, lead, signed_in):
    client = signed_in(cast.owner)
    stage = Stage.objects.filter(kind="open")[0]

    wrong = client.post(
        f"/leads/{lead.pk}/convert/",
        {
            "account": "new",
            "contact": "new",
            "with_opportunity": "1",
            "name": "",
            "amount": "abc",
            "stage": stage.pk,
        },
    )
    assert wrong.status_code == 422
    assert not Account.objects.exists()

    right = {
        "account": "new",
        "contact": "none",
        "with_opportunity": "1",
        "name": "Digger",
        "amount": "1,500",
    }
    done = client.post(f"/leads/{lead.pk}/convert/", right)
    assert done.status_code == 204
    assert (Account.objects.count(), Contact.objects.count(), Opportunity.objects.get().amount) == (
        1,
        0,
        1500,
    )
    assert "/convert/" not in client.get(f"/leads/{lead.pk}/").content.decode()
    assert client.post(f"/leads/{lead.pk}/convert/", right).status_code == 403

    client.post(json.loads(done.headers["HX-Trigger"])["toast"]["undo_url"])
    assert Lead.objects.get().status == "new"
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("reader", 403), ("teammate", 403)])
def test_others_convert_nothing(cast, lead, signed_in, who, status):
    response = signed_in(getattr(cast, who)).post(f"/leads/{lead.pk}/convert/", {"account": "new"})

    assert response.status_code == status
    assert Lead.objects.get().status == "new"
    assert not Account.objects.exists()


def test_a_role_without_the_action_converts_nothing(cast, lead, signed_in):
    kept = {"modules": {"*": True}, "records": {"*": {"see": "all", "change": "all", "create": True}}}
    role = Role.objects.create(
        name="Own", rules=rules.dump({**kept, "actions": {"lead": {"convert": False}}})
    )
    client = signed_in(give_roles(cast.owner, role))

    assert client.get(f"/leads/{lead.pk}/convert/").status_code == 403
    assert client.post(f"/leads/{lead.pk}/convert/", {"account": "new"}).status_code == 403
    assert Lead.objects.get().status == "new"
    assert not Account.objects.exists()


def test_qualifying_discarding_and_taking_up_again(cast, lead, signed_in):
    client, reason = signed_in(cast.owner), LostReason.objects.all()[0]

    client.post(f"/leads/{lead.pk}/action/qualify/")
    assert Lead.objects.get().status == "qualified"
    assert client.post(f"/leads/{lead.pk}/action/discard/", {"comment": "Too small"}).status_code == 422
    assert Lead.objects.get().status == "qualified"
    client.post(f"/leads/{lead.pk}/action/discard/", {"discard_reason": reason.pk, "comment": "Too small"})
    discarded = Lead.objects.get()
    assert (discarded.status, discarded.discard_reason) == ("discarded", reason)
    assert NoteLink.objects.get().note.body == "Too small"
    client.post(f"/leads/{lead.pk}/action/take_up/")
    assert (Lead.objects.get().status, Lead.objects.get().discard_reason) == ("working", None)


def test_a_lead_imported_as_converted_is_accepted(cast):
    made = write.create(
        registry.get("lead"), {"name": "Old one", "status": "converted"}, operation=by(cast.admin)
    )

    assert made.status == "converted"
