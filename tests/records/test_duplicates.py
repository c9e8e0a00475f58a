"""What a record being typed resembles."""

from __future__ import annotations

import pytest
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.platform.editing.duplicates import alike
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db


def make(person, **values):
    return write.create(registry.get("account"), values, operation=Operation(actor_of(person), PAGE))


def found(person, **values):
    with translation.override("en"):
        return [(each.name, each.why) for each in alike(registry.get("account"), values, actor_of(person))]


def test_nearly_the_same_name_without_its_legal_form(cast):
    make(cast.owner, name="Canteras de Ricla, S.A.")
    make(cast.owner, name="Áridos Jalón")

    assert found(cast.owner, name="Canteras Ricla SL") == [("Canteras de Ricla, S.A.", ("Name",))]


def test_the_same_tax_id_however_it_is_written(cast):
    make(cast.owner, name="Uno", tax_id="J-99216582", country="ES")

    assert found(cast.owner, name="Dos", tax_id="j99216582", country="ES") == [("Uno", ("Tax id",))]


def test_the_same_e_mail_in_other_letters(cast):
    make(cast.owner, name="Uno", email="info@jalon.example")

    assert found(cast.owner, email="INFO@jalon.example") == [("Uno", ("E-mail",))]


def test_the_likest_comes_first(cast):
    make(cast.owner, name="Canteras de Riclas")
    make(cast.owner, name="Canteras Ricla", email="info@ricla.example")

    names = [name for name, _why in found(cast.owner, name="Canteras Ricla", email="info@ricla.example")]

    assert names == ["Canteras Ricla", "Canteras de Riclas"]


def test_records_that_are_not_visible_do_not_appear(cast):
    make(cast.outsider, name="Canteras de Ricla", email="info@ricla.example")

    assert found(cast.owner, name="Canteras de Ricla", email="info@ricla.example") == []


def test_nothing_typed_resembles_nothing(cast):
    make(cast.owner, name="Canteras de Ricla")

    assert found(cast.owner, name="") == []


def test_the_form_shows_them_with_what_agrees_and_writes_nothing(cast, signed_in):
    account = make(cast.owner, name="Canteras de Ricla", city="Ricla")

    answer = signed_in(cast.owner).post("/accounts/duplicates/", {"name": "canteras ricla"})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="/accounts/{account.pk}/"' in text
    assert "<mark>Canteras</mark> de <mark>Ricla</mark>" in text
    assert Account.objects.count() == 1


def test_a_fixed_number_of_queries(cast, django_assert_max_num_queries):
    for number in range(30):
        make(cast.owner, name=f"Canteras Ricla {number}")

    with django_assert_max_num_queries(5):
        assert len(found(cast.owner, name="Canteras Ricla", email="a@b.example")) == 6
