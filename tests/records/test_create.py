"""Quick create: the form, what comes of it, and what links may choose."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Contact, Sector
from clientela.domain.sales.models import Opportunity
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def make(person, record, **values):
    return write.create(registry.get(record), values, operation=Operation(actor_of(person), PAGE))


def events_of(answer):
    return json.loads(answer.headers["HX-Trigger"])


def test_the_form_is_a_dialog_over_a_page_and_a_page_of_its_own(cast, signed_in):
    client = signed_in(cast.owner)

    dialog = client.get("/accounts/new/", headers=HTMX).content.decode()
    whole = client.get("/accounts/new/").content.decode()

    assert dialog.startswith('<dialog class="quick-create"')
    assert "<html" not in dialog
    assert "<html" in whole
    for name in ("name", "kind", "tax_id", "phone", "email", "city"):
        assert f'name="{name}"' in dialog
        assert f'name="{name}"' in whole


def test_creating_goes_to_the_record_with_the_word_and_the_way_back(cast, signed_in):
    client = signed_in(cast.owner)

    answer = client.post("/accounts/new/", {"name": "Áridos Jalón", "phone": "976 60 41 80"}, headers=HTMX)

    made = Account.objects.get()
    assert (made.name, made.phone, made.owner) == ("Áridos Jalón", "+34976604180", cast.owner)
    assert Change.objects.get(record="account").label == "New account"
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/accounts/{made.pk}/"
    page = client.get(f"/accounts/{made.pk}/").content.decode()
    assert f'data-undo-url="/undo/{Change.objects.get().operation}/"' in page
    assert client.post(f"/undo/{Change.objects.get().operation}/").status_code == 204
    assert not Account.objects.exists()


def test_without_scripts_the_same_form_works(cast, signed_in):
    answer = signed_in(cast.owner).post("/accounts/new/", {"name": "Áridos Jalón"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/{Account.objects.get().pk}/")


def test_creating_and_another_answers_an_empty_form_and_a_toast(cast, signed_in):
    data = {"name": "Áridos Jalón", "then": "again"}

    answer = signed_in(cast.owner).post("/accounts/new/", data, headers=HTMX)

    assert answer.status_code == 200
    assert "Áridos" not in answer.content.decode()
    assert events_of(answer)["toast"]["undo_url"].startswith("/undo/")
    assert Account.objects.count() == 1


def test_bad_input_comes_back_whole_with_the_reason_beside_the_field(cast, signed_in):
    data = {"name": "", "tax_id": "B123", "email": "nowhere", "city": "<Ricla>"}

    answer = signed_in(cast.owner).post("/accounts/new/", data, headers=HTMX)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="B123"' in text
    assert 'value="nowhere"' in text
    assert 'value="&lt;Ricla&gt;"' in text
    for name in ("name", "tax_id", "email"):
        assert f'aria-describedby="new-account-{name}-error"' in text
        assert f'id="new-account-{name}-error"' in text
    assert not Account.objects.exists()
    assert not Change.objects.exists()


def test_more_fields_keeps_what_was_typed(cast, signed_in):
    data = {"name": "Áridos Jalón", "city": "Ricla", "email": "a@jalon.example", "then": "more"}

    answer = signed_in(cast.owner).post("/accounts/new/", data, headers=HTMX)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'value="Áridos Jalón"' in text
    assert 'value="a@jalon.example"' in text
    assert 'value="Ricla"' in text
    assert 'name="website"' in text
    assert 'aria-invalid="true"' not in text
    assert not Account.objects.exists()


def test_the_address_fills_the_form(cast, signed_in):
    account = make(cast.owner, "account", name="Áridos Jalón")
    sector = Sector.objects.create(name="Mining")

    text = signed_in(cast.owner).get(f"/contacts/new/?account={account.pk}", headers=HTMX).content.decode()
    other = signed_in(cast.owner).get(f"/accounts/new/?sector={sector.pk}", headers=HTMX).content.decode()

    assert f'name="account" value="{account.pk}"' in text
    assert 'value="Áridos Jalón"' in text
    assert f'<option value="{sector.pk}" selected>Mining</option>' in other


def test_an_amount_is_read_in_the_language_of_the_page_with_its_currency(cast, signed_in):
    cast.owner.language = "es"
    cast.owner.save()
    data = {"name": "Excavadora", "amount": "1.234,50", "currency": "EUR", "close_date": "2026-03-31"}

    signed_in(cast.owner).post("/opportunities/new/", data, headers=HTMX)

    deal = Opportunity.objects.get()
    assert (deal.amount, deal.currency) == (Decimal("1234.50"), "EUR")
    assert deal.close_date == date(2026, 3, 31)


def test_what_a_combobox_made_is_told_to_it(cast, signed_in):
    answer = signed_in(cast.owner).post("/accounts/new/", {"name": "Áridos", "for": "link"}, headers=HTMX)

    assert answer.status_code == 204
    assert events_of(answer)["clientela:created"] == {"id": Account.objects.get().pk, "label": "Áridos"}
    assert "HX-Redirect" not in answer.headers


def test_who_may_not_create_gets_no_form_and_makes_nothing(cast, signed_in):
    client = signed_in(cast.reader)

    assert client.get("/accounts/new/").status_code == 403
    assert client.post("/accounts/new/", {"name": "Áridos"}).status_code == 403
    assert not Account.objects.exists()


def test_options_ignore_accents_and_leave_out_what_is_not_visible(cast, signed_in):
    mine = make(cast.owner, "account", name="Áridos Jalón", city="Ricla")
    make(cast.outsider, "account", name="Áridos del Sur")

    text = signed_in(cast.owner).get("/accounts/options/?q=aridos").content.decode()

    assert f'data-value="{mine.pk}"' in text
    assert "Ricla" in text
    assert "del Sur" not in text
    assert 'data-create-url="/accounts/new/?for=link&amp;name=aridos"' in text


def test_options_are_twenty_at_most_and_a_reader_may_not_create_there(cast, signed_in):
    for number in range(25):
        make(cast.owner, "account", name=f"Obra {number:02}")

    text = signed_in(cast.reader).get("/accounts/options/?q=obra").content.decode()

    assert text.count('role="option"') == 20
    assert "data-create-url" not in text


def test_people_who_left_are_not_offered(cast, signed_in):
    cast.teammate.is_active = False
    cast.teammate.save()

    text = signed_in(cast.owner).get("/users/options/").content.decode()

    assert "Owner" in text
    assert "Teammate" not in text


@pytest.mark.parametrize("query", ["%00", "%", "_", "'", '"', "\\", "🙂", "a" * 5000])
def test_options_bear_any_text(cast, signed_in, query):
    assert signed_in(cast.owner).get("/accounts/options/", {"q": query}).status_code == 200


def test_a_contact_is_made_with_its_name_in_one_piece(cast, signed_in):
    signed_in(cast.owner).post("/contacts/new/", {"first_name": "Pilar", "last_name": "Ibáñez"}, headers=HTMX)

    assert Contact.objects.get().name == "Pilar Ibáñez"
