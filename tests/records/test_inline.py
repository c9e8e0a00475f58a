"""One field edited where it is read."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(cast):
    operation = Operation(actor_of(cast.owner), PAGE)
    return write.create(
        registry.get("account"), {"name": "Áridos Jalón", "city": "Ricla"}, operation=operation
    )


@pytest.fixture
def deal(cast, account):
    operation = Operation(actor_of(cast.owner), PAGE)
    values = {"name": "Excavadora", "account": account.pk, "amount": "92300.00"}
    return write.create(registry.get("opportunity"), values, operation=operation)


def city_of(account):
    return Account.objects.values_list("city", flat=True).get(pk=account.pk)


def url(record, name, place="cell"):
    plural = {"Account": "accounts", "Opportunity": "opportunities"}[type(record).__name__]
    return f"/{plural}/{record.pk}/field/{name}/?as={place}"


def test_the_editor_holds_the_value_and_what_was_seen(cast, signed_in, account):
    page = signed_in(cast.owner).get(url(account, "city"), headers=HTMX)

    assert page.status_code == 200
    text = page.content.decode()
    assert 'class="cell-edit"' in text
    assert 'name="city"' in text
    assert 'value="Ricla"' in text
    assert 'name="_seen_city" value="&#34;Ricla&#34;"' in text


def test_saving_answers_the_value_as_it_is_read_with_its_undo(cast, signed_in, account):
    client = signed_in(cast.owner)

    answer = client.post(url(account, "city"), {"city": "Épila", "_seen_city": '"Ricla"'}, headers=HTMX)

    assert (answer.status_code, answer.content.decode().strip()) == (200, "Épila")
    assert city_of(account) == "Épila"
    events = json.loads(answer.headers["HX-Trigger"])
    assert events["clientela:changed"] == {"record": "account", "id": account.pk}
    undone = client.post(events["toast"]["undo_url"], headers=HTMX)
    assert undone.status_code == 204
    assert city_of(account) == "Ricla"


def test_saving_without_a_change_says_nothing_and_keeps_no_history(cast, signed_in, account):
    before = Change.objects.count()

    answer = signed_in(cast.owner).post(url(account, "city"), {"city": "Ricla", "_seen_city": '"Ricla"'})

    assert answer.status_code == 200
    assert "toast" not in json.loads(answer.headers["HX-Trigger"])
    assert Change.objects.count() == before


def test_what_somebody_else_wrote_meanwhile_is_shown_and_the_choice_is_the_writers(cast, signed_in, account):
    client = signed_in(cast.owner)
    Account.objects.filter(pk=account.pk).update(city="Calatayud")
    mine = {"city": "Épila", "_seen_city": '"Ricla"'}

    conflict = client.post(url(account, "city"), mine)

    assert conflict.status_code == 409
    text = conflict.content.decode()
    assert "Calatayud" in text
    assert "Épila" in text
    assert 'name="keep" value="theirs"' in text
    assert 'name="keep" value="mine"' in text
    assert city_of(account) == "Calatayud"

    theirs = client.post(url(account, "city"), mine | {"keep": "theirs"})
    assert (theirs.status_code, theirs.content.decode().strip()) == (200, "Calatayud")
    assert city_of(account) == "Calatayud"

    kept = client.post(url(account, "city"), mine | {"keep": "mine"})
    assert kept.status_code == 200
    assert city_of(account) == "Épila"


def test_what_cannot_be_kept_stays_in_the_editor_with_its_reason(cast, signed_in, account):
    answer = signed_in(cast.owner).post(
        url(account, "email"), {"email": "nobody at home", "_seen_email": '""'}
    )

    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="nobody at home"' in text
    assert 'aria-invalid="true"' in text
    assert 'class="error"' in text
    account.refresh_from_db()
    assert account.email == ""


def test_an_amount_is_written_with_its_currency(cast, signed_in, deal):
    client = signed_in(cast.owner)
    editor = client.get(url(deal, "amount")).content.decode()
    assert 'value="€92,300.00"' in editor

    seen = {"_seen_amount": '"92300.00"', "_seen_currency": '"EUR"'}
    answer = client.post(url(deal, "amount"), {"amount": "€94,000.50", **seen})

    assert (answer.status_code, answer.content.decode().strip()) == (200, "€94,000.50")
    deal.refresh_from_db()
    assert (deal.amount, deal.currency) == (Decimal("94000.50"), "EUR")


def test_an_amount_that_is_no_number_changes_nothing(cast, signed_in, deal):
    answer = signed_in(cast.owner).post(url(deal, "amount"), {"amount": "a lot"})

    assert answer.status_code == 422
    assert 'value="a lot"' in answer.content.decode()
    assert Opportunity.objects.get(pk=deal.pk).amount == Decimal("92300.00")


@pytest.mark.parametrize(("person", "status"), [("teammate", 403), ("reader", 403), ("outsider", 404)])
def test_who_may_not_change_it_gets_no_editor_and_changes_nothing(cast, signed_in, account, person, status):
    client = signed_in(getattr(cast, person))

    assert client.get(url(account, "city")).status_code == status
    assert client.post(url(account, "city"), {"city": "Épila"}).status_code == status
    assert city_of(account) == "Ricla"


@pytest.mark.parametrize("name", ["created_at", "version", "nonsense", "affiliations", "id"])
def test_a_field_that_is_not_there_or_is_read_only_has_no_editor(cast, signed_in, account, name):
    assert signed_in(cast.owner).get(url(account, name)).status_code == 404


def test_lines_are_edited_in_the_record_with_their_ids_kept(cast, signed_in, account):
    client = signed_in(cast.owner)
    client.post(url(account, "email"), {"email": "one@jalon.example"})
    first = account.emails.get()
    data = {
        "emails": ["", str(first.pk), "new7", "99999"],
        f"emails-{first.pk}-email": "one@jalon.example",
        f"emails-{first.pk}-kind": "work",
        "emails-new7-email": "two@jalon.example",
        "emails-new7-kind": "home",
        "emails-99999-email": "three@jalon.example",
        "emails-main": "new7",
    }

    answer = client.post(url(account, "emails", "field"), data)

    assert answer.status_code == 200
    kept = list(account.emails.values_list("email", "kind", "main"))
    assert kept == [
        ("one@jalon.example", "work", False),
        ("two@jalon.example", "home", True),
        ("three@jalon.example", "work", False),
    ]
    assert account.emails.first().pk == first.pk
    assert Account.objects.get(pk=account.pk).email == "two@jalon.example"
