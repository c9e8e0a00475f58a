"""The index follows every write, and finds what people type."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import Opportunity
from clientela.platform.audit import undo
from clientela.platform.search import index, tasks
from clientela.platform.search.models import Entry
from clientela.records import query, registry, write
from clientela.records.changes import SYSTEM, Operation

JALON = "Áridos y Hormigones del Jalón, S.L."


def make(operation, key: str, **values):
    return write.create(registry.get(key), values, operation=operation)


def found(operation, key: str, text: str) -> list[str]:
    spec = registry.get(key)
    rows = query.matching(spec, operation.actor, text=text)
    return sorted(rows.values_list(spec.title, flat=True))


def filtered(operation, key: str, field: str, value: str, op: str = "contains") -> list[str]:
    spec = registry.get(key)
    rows = query.matching(spec, operation.actor, {"field": field, "op": op, "value": value})
    return sorted(rows.values_list(spec.title, flat=True))


def entry(instance) -> Entry:
    spec = registry.of_model(type(instance))
    assert spec is not None
    return Entry.objects.get(record=spec.key, record_id=instance.pk)


@pytest.mark.parametrize(
    "text",
    [
        "jalón",
        "JALON",
        "aridos jalon",
        "hormigones áridos",
        "rmigon",
        "ár",
        "b50273143",
        "del Jal",
        "zaragoza",
    ],
)
def test_a_record_is_found_whatever_the_accents_and_the_order(operation, text):
    make(operation, "account", name=JALON, tax_id="B50273143", city="Zaragoza")
    make(operation, "account", name="Talleres Ebro", city="Tudela")
    assert found(operation, "account", text) == [JALON]


@pytest.mark.parametrize(
    "text", ["jalon tudela", "zz", "%", "_", "'", '"', "*", "a OR b", "\x00", "\ud800", "(" * 300]
)
def test_what_is_not_there_is_not_found(operation, text):
    make(operation, "account", name=JALON, city="Zaragoza")
    assert found(operation, "account", text) == []


def test_all_is_listed_where_nothing_is_asked(operation):
    make(operation, "account", name=JALON)
    assert found(operation, "account", "   ") == [JALON]


def test_signs_of_the_query_languages_are_only_letters(operation):
    make(operation, "account", name='100% "Obra" (norte) a_b*')
    make(operation, "account", name="100 obras norte axb")
    for text in ("100%", '"obra"', "(norte)", "a_b*"):
        assert found(operation, "account", text) == ['100% "Obra" (norte) a_b*']


def test_a_rename_is_followed_at_once(operation):
    account = make(operation, "account", name=JALON)
    write.change(registry.get("account"), account, {"name": "Gravas Ebro"}, operation=operation)
    assert found(operation, "account", "jalon") == []
    assert found(operation, "account", "gravas") == ["Gravas Ebro"]


def test_a_change_of_another_field_leaves_the_entry(operation, django_assert_max_num_queries):
    account = make(operation, "account", name=JALON)
    before = Entry.objects.values().get(record_id=account.pk)
    write.change(registry.get("account"), account, {"employees": 7}, operation=operation)
    assert Entry.objects.values().get(record_id=account.pk) == before


def test_a_linked_name_is_searched_and_its_rename_followed(operation):
    account = make(operation, "account", name=JALON)
    make(operation, "opportunity", name="Flota", account=account.pk)
    make(operation, "contact", first_name="Ana", last_name="Gil", account=account.pk)
    assert found(operation, "opportunity", "jalon flota") == ["Flota"]
    write.change(registry.get("account"), account, {"name": "Gravas Ebro"}, operation=operation)
    assert found(operation, "opportunity", "jalon") == []
    assert found(operation, "opportunity", "gravas") == ["Flota"]
    assert found(operation, "contact", "gravas gil") == ["Ana Gil"]
    assert entry(Opportunity.objects.get()).subtitle == "Gravas Ebro"


def test_many_followers_are_left_to_a_job(operation, monkeypatch, run_jobs):
    monkeypatch.setattr(index, "FOLLOWERS_AT_ONCE", 2)
    account = make(operation, "account", name=JALON)
    for number in range(5):
        make(operation, "opportunity", name=f"Deal {number}", account=account.pk)
    write.change(registry.get("account"), account, {"name": "Gravas Ebro"}, operation=operation)
    assert Entry.objects.filter(record="opportunity", text__contains="gravas").count() == 2
    run_jobs()
    assert Entry.objects.filter(record="opportunity", text__contains="gravas").count() == 5


def test_the_job_of_a_record_no_longer_there_does_nothing(db):
    tasks.refresh_rest.func("vanished", "account", [1], 0)
    assert Entry.objects.count() == 0


def test_a_deleted_record_leaves_the_index_and_comes_back_with_undo(operation):
    account = make(operation, "account", name=JALON)
    make(operation, "opportunity", name="Flota", account=account.pk)
    deletion = Operation(operation.actor, SYSTEM)
    write.delete(registry.get("account"), [account], operation=deletion)
    assert Entry.objects.count() == 0
    undo.undo(deletion.id, actor=operation.actor)
    assert found(operation, "account", "jalon") == [JALON]
    assert found(operation, "opportunity", "jalon") == ["Flota"]


def test_many_at_once_are_indexed_together(operation):
    items = [(None, {"name": f"Empresa {number}"}) for number in range(30)]
    write.apply_many(registry.get("account"), items, operation=operation)
    assert found(operation, "account", "empresa 29") == ["Empresa 29"]
    assert Entry.objects.count() == 30


def test_contains_in_a_filter_ignores_accents(operation):
    account = make(operation, "account", name=JALON, description="Camión grúa")
    make(operation, "account", name="Talleres Ebro")
    make(operation, "opportunity", name="Flota", account=account.pk)
    make(operation, "opportunity", name="Suelta")
    assert filtered(operation, "account", "name", "jalon") == [JALON]
    assert filtered(operation, "account", "description", "camion") == [JALON]
    assert filtered(operation, "opportunity", "account", "hormigones del") == ["Flota"]
    assert filtered(operation, "opportunity", "account__name", "ÁRIDOS") == ["Flota"]
    assert filtered(operation, "opportunity", "account__description", "grua") == ["Flota"]


def test_not_containing_includes_what_is_empty(operation):
    account = make(operation, "account", name=JALON)
    make(operation, "opportunity", name="Flota", account=account.pk)
    make(operation, "opportunity", name="Suelta")
    spec = registry.get("opportunity")
    condition = {"not": {"field": "account", "op": "contains", "value": "jalon"}}
    rows = query.matching(spec, operation.actor, condition)
    assert list(rows.values_list("name", flat=True)) == ["Suelta"]


def test_people_and_words_that_classify_are_compared_without_the_index(operation, cast):
    make(operation, "account", name=JALON, owner=cast.owner.pk)
    assert filtered(operation, "account", "owner", "OWN") == [JALON]
    assert found(operation, "user", "teamm") == ["Teammate"]
    assert found(operation, "user", "team example") == ["Teammate"]


def test_rows_written_past_the_application_are_indexed_by_the_command(db, operation, capsys):
    account = Account.objects.create(name=JALON)
    Contact.objects.create(name="Ana Gil", account=account)
    Entry.objects.create(
        record="account", record_id=account.pk + 999, label="Ghost", title="ghost", text="ghost"
    )
    Entry.objects.create(record="vanished", record_id=1, label="Ghost", title="ghost", text="ghost")
    assert index.missing(registry.get("contact")) == 1
    call_command("reindex_search")
    assert index.missing(registry.get("contact")) == 0
    assert found(operation, "contact", "jalon") == ["Ana Gil"]
    assert sorted(Entry.objects.values_list("label", flat=True)) == ["Ana Gil", JALON]
    assert "account: 1" in capsys.readouterr().out


def test_making_the_index_anew_mends_what_is_wrong_and_leaves_the_rest(operation):
    wrong, right = (make(operation, "account", name=f"Talleres {word}") for word in ("Ebro", "Duero"))
    Entry.objects.filter(record_id=wrong.pk).update(title="ghost", text="ghost")
    with CaptureQueriesContext(connection) as mending:
        index.rebuild([registry.get("account")])
    assert found(operation, "account", "talleres") == ["Talleres Duero", "Talleres Ebro"]
    assert found(operation, "account", "ghost") == []
    with CaptureQueriesContext(connection) as idle:
        index.rebuild([registry.get("account")])
    assert sum('INTO "search_entry"' in each["sql"] for each in mending) == 1
    assert sum('INTO "search_entry"' in each["sql"] for each in idle) == 0
    assert found(operation, "account", "duero") == [right.name]


def test_one_kind_is_found_whatever_holds_the_words_elsewhere(operation):
    account = make(operation, "account", name="Talleres Duero")
    make(operation, "opportunity", name="Dumper para Duero", account=account.pk)
    assert found(operation, "account", "duero") == ["Talleres Duero"]
    assert found(operation, "opportunity", "duero") == ["Dumper para Duero"]
    assert found(operation, "contact", "duero") == []


def test_private_fields_are_not_in_the_index(operation, monkeypatch):
    spec = registry.get("account")
    assert "email" in index.plan_of(spec).paths
    object.__setattr__(spec.access, "private", ("email",))
    try:
        assert "email" not in index.plan_of(spec).paths
    finally:
        object.__setattr__(spec.access, "private", ())


def test_slips_of_the_keyboard_are_mended(operation, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make(operation, "account", name=JALON)
        make(operation, "account", name="Talleres Ebro")
    for text in ("arids jaln", "hormigoens", "Jalónn", "airdos"):
        assert found(operation, "account", text) == [JALON]
    assert found(operation, "account", "xylofon") == []


def test_a_title_of_any_length_is_kept_and_searched_to_its_end(operation):
    account = make(operation, "account", name=JALON)
    about = [{"record": "account", "record_id": account.pk}]
    body = "Grúa 21 t " + "ﷺ" * 5000 + " fin"
    make(operation, "note", body=body, links=about)
    assert found(operation, "note", "grua") == [body]
    assert filtered(operation, "note", "body", "FIN") == [body]
