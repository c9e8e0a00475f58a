"""The palette and the search page show what somebody may see, in a fixed number of queries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clientela.access.actor import actor_of
from clientela.platform.savedviews.models import SavedView
from clientela.platform.search import finding, places
from clientela.platform.timeline import services
from clientela.records import query, registry, write
from clientela.records.changes import SYSTEM, Operation

JALON = "Áridos y Hormigones del Jalón, S.L."


def make(operation, key: str, **values):
    return write.create(registry.get(key), values, operation=operation)


def titles(actor, text: str, limit: int = 10) -> list[str]:
    return [str(hit.title) for hit in finding.find(actor, text, limit)]


@pytest.fixture
def world(operation, cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        account = make(operation, "account", name=JALON, city="La Almunia", owner=cast.owner.pk)
        make(
            operation,
            "contact",
            first_name="Fermín",
            last_name="Jalón",
            account=account.pk,
            owner=cast.owner.pk,
        )
        make(operation, "opportunity", name="Renovación de flota", account=account.pk, owner=cast.outsider.pk)
        make(operation, "account", name="Talleres Ebro", owner=cast.outsider.pk)
    return account


def test_records_of_every_kind_are_found_the_best_first(world, operation):
    assert titles(operation.actor, "jalon") == ["Fermín Jalón", JALON, "Renovación de flota"]
    assert titles(operation.actor, "aridos") == [JALON, "Fermín Jalón", "Renovación de flota"]
    assert titles(operation.actor, "jalon", 1) == ["Fermín Jalón"]
    assert titles(operation.actor, "") == []


def test_slips_are_mended_where_little_is_found(world, operation):
    assert titles(operation.actor, "arids jaln")[0] == JALON
    assert titles(operation.actor, "qqqqqqqq") == []


def test_nobody_finds_what_he_may_not_see(world, cast):
    assert titles(actor_of(cast.owner), "jalon") == ["Fermín Jalón", JALON]
    assert titles(actor_of(cast.teammate), "jalon") == ["Fermín Jalón", JALON]
    assert titles(actor_of(cast.outsider), "renovacion") == ["Renovación de flota"]
    assert titles(actor_of(cast.outsider), "jalon") == []  # only the name of an account out of his sight
    assert titles(actor_of(cast.reader), "jalon") == ["Fermín Jalón", JALON, "Renovación de flota"]
    assert titles(actor_of(cast.outsider), "arids jaln") == []


def test_what_was_looked_for_is_marked(world, operation):
    hit = finding.find(operation.actor, "jalon", 3)[1]
    assert (hit.title.before, hit.title.match) == ("Áridos y Hormigones del ", "Jalón")
    assert str(hit.subtitle) == "La Almunia"


def test_before_typing_one_sees_what_one_worked_on(world, cast):
    own = Operation(actor_of(cast.owner), SYSTEM)
    make(own, "account", name="Primera")
    make(own, "account", name="Segunda")
    write.change(registry.get("account"), world, {"city": "Ricla"}, operation=own)
    assert [str(hit.title) for hit in finding.recent(own.actor, 2)] == [JALON, "Segunda"]
    assert finding.recent(actor_of(cast.outsider), 5) == []


def test_before_typing_one_sees_what_one_wrote_about_and_not_the_notes(world, cast):
    own = Operation(actor_of(cast.owner), SYSTEM)
    make(own, "account", name="Primera")
    services.add_note(registry.get("account"), world, "Llamar", operation=own)
    assert [str(hit.title) for hit in finding.recent(own.actor, 5)] == [JALON, "Primera"]


def test_the_palette_answers_groups_of_options(world, cast, signed_in):
    page = signed_in(cast.owner).get(reverse("search_palette"), {"q": "jalón"})
    html = page.content.decode()
    assert page.status_code == 200
    assert f'href="{reverse("record_page", args=["accounts", world.pk])}"' in html
    assert "<mark>Jalón</mark>" in html
    assert "Renovación" not in html
    assert re.findall(r'role="group" aria-label="([^"]+)"', html) == ["Records"]
    assert "<html" not in html
    assert "style=" not in html


def test_the_palette_offers_commands_and_views(world, cast, signed_in):
    client = signed_in(cast.owner)
    html = client.get(reverse("search_palette"), {"q": "sign out"}).content.decode()
    assert re.findall(r'role="group" aria-label="([^"]+)"', html) == ["More commands"]
    html = client.get(reverse("search_palette"), {"q": "closing"}).content.decode()
    assert f"{reverse('record_list', args=['opportunities'])}?view=closing" in html
    html = client.get(reverse("search_palette")).content.decode()
    assert re.findall(r'role="group" aria-label="([^"]+)"', html) == ["More commands"]


def test_saved_views_are_offered_to_those_who_have_them(world, cast, signed_in):
    SavedView.objects.create(record="account", owner=cast.owner, name="Comarca del Jalón")
    html = signed_in(cast.owner).get(reverse("search_palette"), {"q": "comarca"}).content.decode()
    assert "Comarca del Jalón" in html
    html = signed_in(cast.outsider).get(reverse("search_palette"), {"q": "comarca"}).content.decode()
    assert "Comarca" not in html


def test_a_command_of_a_page_that_is_not_there_is_not_offered(cast, monkeypatch):
    monkeypatch.setattr(places, "_commands", [])
    places.add_command("Nowhere", "x", "no_such_page")
    places.add_command("Secret", "x", "search_page", lambda actor: actor.is_admin)
    assert places.commands(actor_of(cast.owner), "") == []
    assert [each.label for each in places.commands(actor_of(cast.admin), "")] == ["Secret"]


def test_visitors_find_nothing(client, db):
    for name in ("search_palette", "search_page"):
        assert client.get(reverse(name), {"q": "jalon"}).status_code == 302


def test_markup_in_a_name_is_only_text(operation, cast, signed_in):
    make(operation, "account", name="<script>alert(1)</script> jalon", owner=cast.owner.pk)
    for name in ("search_palette", "search_page"):
        html = signed_in(cast.owner).get(reverse(name), {"q": "script jalon"}).content.decode()
        assert "<script>alert" not in html
        assert "alert(1)" in html


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800"[:0] + "'", '"*', "%", "a" * 5000, "🙂", "(((", "../..", "ñ"]
)
def test_no_text_breaks_the_search(world, cast, signed_in, text):
    for name in ("search_palette", "search_page"):
        assert signed_in(cast.owner).get(reverse(name), {"q": text}).status_code == 200


def test_the_search_page_groups_by_kind(world, cast, signed_in):
    html = signed_in(cast.admin).get(reverse("search_page"), {"q": "jalon"}).content.decode()
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", html.partition('id="found"')[2])[:3] == [
        "Contacts",
        "Accounts",
        "Opportunities",
    ]
    nothing = signed_in(cast.admin).get(reverse("search_page"), {"q": "qqqqq"}).content.decode()
    assert "Nothing found for “qqqqq”" in nothing
    assert "What are you looking for?" in signed_in(cast.admin).get(reverse("search_page")).content.decode()


def queries(client, text: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(reverse("search_palette"), {"q": text}).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow(operation, cast, signed_in):
    client = signed_in(cast.owner)
    items = [(None, {"name": f"Jalón {number}", "owner": cast.owner.pk}) for number in range(3)]
    write.apply_many(registry.get("account"), items * 2, operation=operation)
    few = queries(client, "jalon")
    write.apply_many(registry.get("account"), items * 10, operation=operation)
    assert queries(client, "jalon") == few
    assert few <= 8


def test_rights_follow_a_change_of_hands_at_once(world, operation, cast):
    write.change(registry.get("account"), world, {"owner": cast.outsider.pk}, operation=operation)
    assert titles(actor_of(cast.owner), "aridos hormigones") == []
    assert titles(actor_of(cast.owner), "fermin") == ["Fermín Jalón"]
    assert JALON in titles(actor_of(cast.outsider), "aridos hormigones")


@pytest.mark.parametrize("who", ["owner", "teammate", "manager", "outsider", "reader", "admin"])
def test_the_index_shows_each_person_exactly_what_lists_do(operation, cast, who):
    for number, owner in enumerate((cast.owner, cast.manager, cast.outsider, cast.admin, None)):
        make(operation, "account", name=f"Jalón {number}", owner=owner.pk if owner else None)
    actor = actor_of(getattr(cast, who))
    listed = query.visible(registry.get("account"), actor).values_list("name", flat=True)
    assert sorted(titles(actor, "jalon")) == sorted(listed)


def test_private_notes_are_found_by_those_who_may_read_them(world, cast):
    own = Operation(actor_of(cast.owner), SYSTEM)
    make(own, "note", body="Fuga en el cilindro", links=[{"record": "account", "record_id": world.pk}])
    assert titles(actor_of(cast.owner), "cilindro") == ["Fuga en el cilindro"]
    assert titles(actor_of(cast.outsider), "cilindro") == []


def test_what_is_hidden_takes_no_place_of_what_is_seen(
    operation, cast, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(finding, "_POOL", 2)
    with django_capture_on_commit_callbacks(execute=True):
        secret = make(operation, "account", name="Others", owner=cast.outsider.pk)
        own = make(operation, "account", name="Own", owner=cast.owner.pk)
        for number, account in enumerate([own, secret, secret, secret, secret]):
            note = {"body": f"gravel {number}", "links": [{"record": "account", "record_id": account.pk}]}
            make(operation, "note", **note)

    assert titles(actor_of(cast.owner), "gravel", 2) == ["gravel 0"]
