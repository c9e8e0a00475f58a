"""Candidates over the whole base, and why."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import translation

from clientela.domain.parties.models import Account, Contact
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import comparison, facts, finding, keys, queue, tasks
from clientela.platform.duplicates.models import Decision, Key, Pair, Progress
from clientela.records import registry
from tests.duplicates.builders import change, make

pytestmark = pytest.mark.django_db


def compared(kind: str = "account"):
    found = comparison.of(registry.get(kind))
    assert found is not None
    return found


def rows(*values, model=Account):
    return model.objects.bulk_create([model(**each) for each in values])


def search(kind: str = "account", **how):
    return finding.search(compared(kind), **how)


def pairs(kind: str = "account"):
    """Titles of each pair, its score and what agrees."""
    model = registry.get(kind).model
    titles = dict(model._base_manager.values_list("pk", "name"))
    return {
        (titles[pair.first_id], titles[pair.second_id]): (
            pair.score,
            [reason["why"] for reason in pair.reasons],
        )
        for pair in Pair.objects.filter(record=kind)
    }


@pytest.mark.parametrize(
    ("one", "other", "why", "least"),
    [
        ({"tax_id": "A50048719"}, {"tax_id": "a-5004871.9"}, ["tax_id"], 85),
        ({"email": "Info@ricla.example"}, {"email": "info@RICLA.example"}, ["email"], 75),
        ({"phone": "+34976812044"}, {"phone": "976 81 20 44"}, ["phone"], 60),
        ({"name": "Áridos Jalón, S.L."}, {"name": "ARIDOS JALON SLU"}, ["name"], 75),
        ({"name": "Sabana Norte S.A.S."}, {"name": "Sabana Norte, C.A."}, ["name"], 75),
        ({"name": "Grúas del Sur Ltda."}, {"name": "Gruas Sur SpA"}, ["name"], 75),
        ({"name": "Minas Cobre S. de R.L. de C.V."}, {"name": "Minas Cobre SA de CV"}, ["name"], 75),
        ({"name": "Talleres Moncayo"}, {"name": "Tallers Moncaio"}, ["name"], 50),
    ],
)
def test_each_agreement_is_found(one, other, why, least):
    rows({"name": "Quicksilver", **one}, {"name": "Bodegas", **other})

    search()

    found = list(Pair.objects.values_list("score", "reasons"))
    assert [[reason["why"] for reason in reasons] for _score, reasons in found] == [why]
    assert found[0][0] >= least


def test_a_slip_and_the_same_place_together_are_enough():
    place = {"street": "C/ Mayor, 3", "postal_code": "50270", "city": "Ricla"}
    rows(
        {"name": "Talleres Moncayo", **place},
        {"name": "Talleres Moncallo S.L.", **place, "street": "Calle Mayor 3"},
    )

    search()

    assert [why for _score, why in pairs().values()] == [["address", "name"]]


def test_a_mail_domain_of_everybody_says_nothing_and_one_of_a_company_little():
    rows(
        {"name": "Uno", "email": "uno@gmail.com"},
        {"name": "Dos", "email": "dos@gmail.com"},
        {"name": "Tres", "email": "tres@moncayo.example"},
        {"name": "Cuatro", "website": "https://www.moncayo.example/es"},
    )

    search()

    assert pairs() == {}
    assert facts.domain_of("https://www.moncayo.example/es") == "moncayo.example"


def test_two_tax_ids_speak_against_it():
    rows({"name": "Obras Ebro SL", "tax_id": "B1"}, {"name": "Obras Ebro SA", "tax_id": "B2"})

    search()

    assert pairs() == {}


def test_a_common_word_is_not_a_near_name():
    rows({"name": "Construcciones Pérez SL"}, {"name": "Construcciones López SL"})

    search()

    assert pairs() == {}


def test_a_department_is_not_a_duplicate_of_its_company():
    (company,) = rows({"name": "Obras Ebro", "phone": "+34976812044"})
    rows({"name": "Obras Ebro", "phone": "+34976812044", "parent": company})

    search()

    assert pairs() == {}


def test_people_need_more_than_a_name():
    (company,) = rows({"name": "Obras Ebro"})
    rows(
        {"name": "Ana Gil"},
        {"name": "Ana Gil"},
        {"name": "Luis Pons", "account": company},
        {"name": "Lluis Pons", "account": company, "phone": "+34976812044"},
        {"name": "Eva Mas", "account": company},
        {"name": "Eva Mas", "account": company},
        model=Contact,
    )

    search("contact")

    assert pairs("contact") == {
        ("Eva Mas", "Eva Mas"): (64, ["name", "link"]),
        ("Luis Pons", "Lluis Pons"): (56, ["link", "name"]),
    }


def test_colleagues_are_not_one():
    (company,) = rows({"name": "Obras Ebro"})
    office = {"account": company, "phone": "+34976812044"}
    rows(
        {"name": "Ana Gil", "email": "ana@ebro.example", **office},
        {"name": "Luis Pons", "email": "luis@ebro.example", **office},
        {"name": "Josefa Mas Ruiz", "phone": "+34655812044", "account": company},
        {"name": "Pepa Mas", "phone": "+34655812044", "account": company},
        model=Contact,
    )

    search("contact")

    assert pairs("contact") == {("Josefa Mas Ruiz", "Pepa Mas"): (58, ["phone", "link"])}


def test_lines_are_compared_too(cast):
    make("account", cast.owner, name="Uno", emails=[{"email": "a@x.example", "main": True}])
    both = [{"email": "b@y.example", "main": True}, {"email": "a@x.example", "main": False}]
    make("account", cast.owner, name="Dos", emails=both)

    search()

    assert pairs() == {("Uno", "Dos"): (75, ["email"])}


def test_only_what_changed_is_compared_the_next_time(cast):
    one = make("account", cast.owner, name="Uno", phone="+34976812044")
    for place in range(5):
        make("account", cast.owner, name=f"Other {'abcde'[place] * 9}")
    assert search().compared == 6
    Progress.objects.update(change_id=Change.objects.latest("id").pk + finding.OVERLAP)
    two = make("account", cast.owner, name="Dos", phone="976812044")
    Progress.objects.update(change_id=Change.objects.latest("id").pk - 1 + finding.OVERLAP)

    found = search()

    assert (found.compared, found.pairs) == (1, 1)
    assert Pair.objects.get().first_id == one.pk
    change("account", two.pk, cast.owner, phone="")
    search()
    assert not Pair.objects.exists()


def test_what_was_decided_stays_decided(cast):
    rows({"name": "Uno", "phone": "+34976812044"}, {"name": "Dos", "phone": "+34976812044"})
    search()
    Pair.objects.update(decision=Decision.DIFFERENT)

    search(whole=True)

    assert Pair.objects.get().decision == Decision.DIFFERENT


def test_a_number_that_many_share_brings_neighbours_only():
    rows(*({"name": f"{place:02} {'xyz'[place % 3] * 7}", "phone": "+34976812044"} for place in range(40)))

    search()

    most = 40 * finding.NEIGHBOURS
    assert 0 < Pair.objects.count() <= most


def test_searching_twice_finds_the_same_and_keeps_each_key_once(cast):
    rows({"name": "Uno", "phone": "+34976812044"}, {"name": "Dos", "phone": "+34976812044"})
    search(whole=True)
    before = (sorted(Key.objects.values_list("record_id", "key")), Pair.objects.get().reasons)

    search(whole=True)

    assert (sorted(Key.objects.values_list("record_id", "key")), Pair.objects.get().reasons) == before


def test_bands_are_the_same_in_every_process():
    assert keys.bands("canteras ricla") == keys.bands("canteras ricla")
    assert keys.number_of("aridos") == -543912633843564239


def test_the_worker_searches_what_is_due_once(run_jobs):
    rows({"name": "Uno", "phone": "+34976812044"}, {"name": "Dos", "phone": "+34976812044"})

    tasks.ask_when_due()
    tasks.ask_when_due()
    run_jobs()

    assert Pair.objects.count() == 1
    assert sorted(Progress.objects.values_list("record", flat=True)) == ["account", "contact", "lead"]
    assert all(each.finished_at for each in Progress.objects.all())


def test_the_command_says_what_it_found(capsys):
    rows({"name": "Uno", "phone": "+34976812044"}, {"name": "Dos", "phone": "+34976812044"})

    call_command("find_duplicates", "account", "--whole")

    assert capsys.readouterr().out.startswith("account: 2 / 1 (")


def test_reasons_in_words():
    spec = registry.get("account")
    with translation.override("en"):
        assert queue.words(spec, {"why": "name", "share": 94}) == "name 94 % alike"
        assert queue.words(spec, {"why": "tax_id"}) == "same tax id"
