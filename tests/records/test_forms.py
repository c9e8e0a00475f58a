"""Every kind's editor: what it shows and what it reads back."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone, translation

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Contact, Sector, Tag
from clientela.platform.editing import forms
from clientela.records import kinds, refs, registry, write
from clientela.records.changes import PAGE, Operation
from tests.cast import give_roles

pytestmark = pytest.mark.django_db
HOSTILE = [
    "",
    "undefined",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "田中さんにあげて下さい",
    "Ω≈ç√∫˜µ≤≥÷",
    "‪‪test‪",
    "👩‍👩‍👧‍👦",
    "הָיְתָהtestالصفحات",
    "%s%n%d",
    "../../../etc/passwd",
    "a" * 200,
    "𝕋𝕙𝕖 𝕢𝕦𝕚𝕔𝕜",
    "1;DROP TABLE users",
    "\\\\",
]


def data(**given):
    made = QueryDict(mutable=True)
    for name, value in given.items():
        made.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return made


def ref_of(record, name):
    return refs.fields_of(registry.get(record))[name]


def shown(cast, record, name, value, **more):
    return forms.editor(ref_of(record, name), value, forms.Form(actor_of(cast.owner), **more))


def read(cast, record, **given):
    return forms.parse(
        registry.get(record), refs.fields_of(registry.get(record)), data(**given), actor_of(cast.owner)
    )


@pytest.mark.parametrize(
    ("language", "record", "name", "value", "text", "read_back"),
    [
        ("es", "account", "city", "Épila", "Épila", "Épila"),
        ("es", "account", "description", "One\n two", "One\n two", "One\n two"),
        ("es", "account", "email", "a@b.example", "a@b.example", "a@b.example"),
        ("es", "account", "phone", "+34976604180", "+34976604180", "+34976604180"),
        ("es", "account", "kind", "customer", "customer", "customer"),
        ("es", "account", "country", "ES", "ES", "ES"),
        ("es", "account", "employees", 1234, "1.234", 1234),
        ("en", "account", "employees", 1234, "1,234", 1234),
        ("es", "stage", "probability", "12.50", "12,5", Decimal("12.5")),
        ("es", "currency", "rate", "0.92000000", "0,92", Decimal("0.92")),
        ("es", "currency", "rate", "1.12500000", "1,125", Decimal("1.125")),
        ("en", "currency", "rate", "1.12500000", "1.125", Decimal("1.125")),
        ("ca", "opportunity", "amount", "92300.00", "92.300", Decimal(92300)),
        ("es", "contact", "birthday", "1980-02-29", "1980-02-29", "1980-02-29"),
        ("es", "pipeline", "is_default", True, "1", True),
        ("es", "pipeline", "is_default", False, "", False),
        ("es", "tag", "color", "teal", "teal", "teal"),
    ],
)
def test_what_an_editor_shows_is_read_back_the_same(cast, language, record, name, value, text, read_back):
    give_roles(cast.owner, "admin")
    with translation.override(language):
        made = shown(cast, record, name, value)
        found, errors = read(cast, record, **{name: made.value})

    assert made.value == text
    assert errors == {}
    got = found[name]
    assert (got.isoformat() if hasattr(got, "isoformat") else got) == read_back


@pytest.mark.parametrize("language", ["es", "ca", "en"])
@pytest.mark.parametrize("currency", ["EUR", "USD", "COP", "GBP", "MXN", "AUD", "JPY", "CHF", "ARS"])
@pytest.mark.parametrize("amount", ["0.00", "1234.50", "-99.99", "1000000.00"])
def test_an_amount_in_a_cell_keeps_its_number_and_currency(cast, language, currency, amount):
    spec, actor = registry.get("opportunity"), actor_of(cast.owner)
    form = forms.Form(actor, short=True)
    now = {"amount": amount, "currency": currency}
    with translation.override(language):
        ref = ref_of("opportunity", "amount")
        made = forms.with_currency(forms.editor(ref, amount, form), now, form, refs.fields_of(spec))
        found, errors = read(cast, "opportunity", amount=made.value)

    assert errors == {}
    assert found["amount"] == Decimal(amount)
    assert found.get("currency", currency) == currency


def test_a_currency_written_with_the_amount_wins_over_the_one_beside_it(cast):
    with translation.override("es"):
        found, _errors = read(cast, "opportunity", amount="300 USD", currency="EUR")

    assert found == {"amount": Decimal(300), "currency": "USD"}


@pytest.mark.parametrize(
    ("record", "name", "text"),
    [
        ("account", "employees", "many"),
        ("account", "employees", "1,5"),
        ("account", "annual_revenue", "12 34 5x"),
        ("contact", "birthday", "31-02-2026"),
        ("contact", "account", "seven"),
        ("contact", "tags", "1x"),
    ],
)
def test_what_cannot_be_read_says_so_and_stays_in_the_form(cast, record, name, text):
    with translation.override("es"):
        given = data(**{name: text})
        found, errors = forms.parse(registry.get(record), [name], given, actor_of(cast.owner))
        made = forms.editor(ref_of(record, name), None, forms.Form(actor_of(cast.owner), "f", given, errors))

    assert found == {}
    assert len(errors[name]) == 1
    assert made.errors == tuple(errors[name])
    assert made.value in (text, [text])


def test_a_field_that_was_not_sent_is_left_alone(cast):
    assert read(cast, "account", city="Ricla") == ({"city": "Ricla"}, {})


def test_read_only_fields_are_neither_offered_nor_read(cast):
    spec = registry.get("opportunity")
    offered = forms.editable(
        spec, ["pipeline", "created_at", "id", "stage_spans", "name"], actor_of(cast.owner)
    )

    assert [ref.path for ref in offered] == ["name"]
    assert read(cast, "opportunity", pipeline="1", id="7", created_at="2026-01-01") == ({}, {})


def test_a_moment_without_a_zone_is_the_readers(cast):
    ref = refs.FieldRef("at", registry.get("account"), "At", kinds.DateTime, ())
    with timezone.override("Europe/Madrid"):
        made = forms.editor(ref, "2026-07-01T10:00:00Z", forms.Form(actor_of(cast.owner)))
        found = forms._read(ref, "at", forms.Form(actor_of(cast.owner), data=data(at=made.value)))

    assert made.value == "2026-07-01T12:00"
    assert found["at"].isoformat() == "2026-07-01T12:00:00+02:00"


def test_a_small_set_is_a_select_and_a_large_one_a_combobox(cast):
    sector = Sector.objects.create(name="Mining")
    account = write.create(
        registry.get("account"), {"name": "A"}, operation=Operation(actor_of(cast.owner), PAGE)
    )

    small = shown(cast, "account", "sector", sector.pk)
    large = shown(cast, "contact", "account", account.pk)

    assert (small.widget, [option.label for option in small.options]) == ("link", ["Mining"])
    assert (large.widget, large.label, large.options_url) == ("combobox", "A", "/accounts/options/")


def test_a_set_that_grew_is_looked_up_and_a_hidden_record_is_not_named(cast):
    Tag.objects.bulk_create(Tag(name=f"T{number}") for number in range(forms.LONGEST_SELECT + 1))
    hidden = write.create(
        registry.get("account"), {"name": "Secret"}, operation=Operation(actor_of(cast.outsider), PAGE)
    )

    assert shown(cast, "account", "tags", []).widget == "comboboxes"
    assert shown(cast, "contact", "account", hidden.pk).label != "Secret"


def test_lines_are_read_in_their_order_with_one_main_and_forged_ids_dropped(cast):
    found, errors = read(
        cast,
        "account",
        phones=["", "new2", "77"],
        phones__new2__phone="976 60 41 80",
        phones__new2__kind="work",
        phones__77__phone="976 00 00 00",
        phones__77__kind="mobile",
        phones__main="77",
    )

    assert errors == {}
    assert found["phones"] == [
        {"phone": "976 60 41 80", "kind": "work", "main": False},
        {"phone": "976 00 00 00", "kind": "mobile", "main": True},
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_come_back_unharmed(cast, signed_in, text):
    client = signed_in(cast.owner)
    account = write.create(
        registry.get("account"), {"name": "A"}, operation=Operation(actor_of(cast.owner), PAGE)
    )

    answer = client.post(f"/accounts/{account.pk}/field/description/", {"description": text})
    page = client.get(f"/accounts/{account.pk}/field/description/").content.decode()

    assert answer.status_code == 200
    assert Account.objects.get(pk=account.pk).description == text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", ["first_name", "job_title", "street", "description"])
def test_a_nul_is_refused_and_changes_nothing(cast, signed_in, name):
    contact = write.create(
        registry.get("contact"), {"name": "Ana Gil"}, operation=Operation(actor_of(cast.owner), PAGE)
    )

    answer = signed_in(cast.owner).post(f"/contacts/{contact.pk}/field/{name}/", {name: "a\x00b"})

    assert answer.status_code == 422
    assert Contact.objects.get(pk=contact.pk).version == contact.version


def test_the_seen_values_are_json(cast, signed_in):
    account = write.create(
        registry.get("account"), {"name": 'A "quoted" <b>'}, operation=Operation(actor_of(cast.owner), PAGE)
    )

    page = signed_in(cast.owner).get(f"/accounts/{account.pk}/field/name/").content.decode()

    assert "<b>" not in page
    assert json.dumps(account.name).replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;") in page
