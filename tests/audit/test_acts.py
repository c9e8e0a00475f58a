"""Every action that a kind of record offers, done on its page, goes back whole from its toast."""

from __future__ import annotations

import json

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Tag
from clientela.domain.sales.models import LostReason, Opportunity, Stage
from clientela.platform.audit import along, undo
from clientela.platform.audit.models import Change
from clientela.platform.history import bin
from clientela.platform.timeline import services
from clientela.records import registry, write
from tests.duplicates.builders import snapshot
from tests.pages.builders import by, make

pytestmark = pytest.mark.django_db
ACTIONS = sorted(
    (spec.key, action.name)
    for spec in registry.every()
    if spec.model.__module__.startswith("clientela.")
    for action in spec.actions
)
BEFORE = {("opportunity", "reopen"): "win", ("lead", "take_up"): "discard"}
"""What must have been done before."""
SIGNED_IN = ("access.user", "sessions.session", "signing.device", "signing.session")


def record(kind, cast):
    account = make("account", cast.owner, name="Áridos", city="Ricla")
    if kind == "opportunity":
        made = make("opportunity", cast.owner, name="Crusher", account=account.pk)
    else:
        given = {"first_name": "Ana", "last_name": "Gil", "company": "Canteras", "phone": "629417022"}
        made = make(kind, cast.owner, **given, email="ana@canteras.example", amount="1500")
    for person in (cast.owner, cast.manager):
        services.add_note(registry.get(kind), made, f"{person.name} called.", operation=by(person))
    return made


def given(kind, name):
    reason = LostReason.objects.all()[0].pk
    convert = {
        "account": "new",
        "contact": "new",
        "with_opportunity": "1",
        "name": "Digger",
        "amount": "1500",
    }
    return {
        ("opportunity", "win"): {"amount": "1500", "currency": "EUR", "close_date": "2026-03-31"},
        ("opportunity", "lose"): {"lost_reason": reason, "comment": "Too dear"},
        ("lead", "convert"): convert,
        ("lead", "discard"): {"discard_reason": reason, "comment": "Too small"},
    }.get((kind, name), {})


def do(client, spec, made, name):
    url = f"/{spec.plural}/{made.pk}/action/{name}/"
    answer = client.post(f"/leads/{made.pk}/convert/" if name == "convert" else url, given(spec.key, name))
    assert answer.status_code == 204, answer.content.decode()
    return json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]


def company():
    """All rows, but for what says who is signed in."""
    return {name: rows for name, rows in snapshot().items() if name not in SIGNED_IN}


def taken_back(client, url):
    answer = client.post(url)
    assert answer.status_code == 204
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def test_every_action_is_tried():
    """Whoever adds an action says here what it is given."""
    assert ACTIONS == [
        ("lead", "convert"),
        ("lead", "discard"),
        ("lead", "qualify"),
        ("lead", "take_up"),
        ("opportunity", "lose"),
        ("opportunity", "reopen"),
        ("opportunity", "win"),
    ]


@pytest.mark.parametrize(("kind", "name"), ACTIONS)
def test_an_action_goes_back_whole_and_comes_again(cast, signed_in, kind, name):
    # given
    spec, client = registry.get(kind), signed_in(cast.owner)
    made = record(kind, cast)
    if (kind, name) in BEFORE:
        do(client, spec, made, BEFORE[kind, name])
    before = company()
    # when
    url = do(client, spec, made, name)
    # then
    after = company()
    assert after != before
    # when
    toast = taken_back(client, url)
    # then
    assert company() == before
    # when the undo is undone
    toast = taken_back(client, toast["undo_url"])
    # then
    assert company() == after
    taken_back(client, toast["undo_url"])
    assert company() == before


@pytest.mark.parametrize(
    ("kind", "values"), [("opportunity", {"field": "owner"}), ("account", {"do": "owner"})]
)
def test_giving_records_to_somebody_goes_back(cast, signed_in, kind, values):
    # given
    spec, client = registry.get(kind), signed_in(cast.owner)
    made = [make(kind, cast.owner, name=f"Number {place}") for place in range(3)]
    before = company()
    # when
    asked = {"do": "field", "owner": cast.teammate.pk, "confirmed": "1", **values}
    answer = client.post(
        f"/{spec.plural}/bulk/", {**asked, "ids": [each.pk for each in made]}, headers={"HX-Request": "true"}
    )
    # then
    assert answer.status_code == 204
    assert set(spec.model._default_manager.values_list("owner", flat=True)) == {cast.teammate.pk}
    taken_back(client, json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"])
    assert company() == before


def test_a_card_moved_to_another_stage_goes_back(cast, signed_in):
    # given
    client = signed_in(cast.owner)
    made = make("opportunity", cast.owner, name="Crusher")
    to = Stage.objects.filter(kind="open", pipeline=made.stage.pipeline).exclude(pk=made.stage_id)[0]
    before = company()
    # when
    answer = client.post(f"/opportunities/{made.pk}/board/", {"to": to.pk}, headers={"HX-Request": "true"})
    # then
    assert answer.status_code == 200
    made.refresh_from_db()
    assert made.stage_id == to.pk
    taken_back(client, json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"])
    assert company() == before


def deleted(person, kind, made):
    operation = by(person)
    write.delete(registry.get(kind), [made], operation=operation)
    return operation.id


def test_a_deleted_word_comes_back_to_all_that_had_it(cast):
    # given
    tag, other = (make("tag", cast.admin, name=name).pk for name in ("Fair", "Web"))
    named = {"account": "name", "contact": "last_name", "lead": "last_name", "opportunity": "name"}
    made = {
        kind: make(kind, cast.owner, **{name: "Áridos"}, tags=[tag, other]) for kind, name in named.items()
    }
    before = company()
    # when
    operation = deleted(cast.admin, "tag", Tag.objects.get(pk=tag))
    # then
    told = {each.record: (each.before, each.after) for each in Change.objects.filter(operation=operation)}
    assert told.pop("tag")[1] == {}
    assert told == dict.fromkeys(made, ({"tags": [tag, other]}, {"tags": [other]}))
    # when
    assert undo.undo(operation, actor=actor_of(cast.admin)).stays == []
    # then
    assert company() == before


def test_whoever_deleted_a_record_brings_it_back_with_what_others_had_tied_to_it(cast):
    # given
    rival = make("account", cast.owner, name="Áridos")
    make("contact", cast.teammate, last_name="Gil", account=rival.pk)
    make("opportunity", cast.teammate, name="Crusher", competitors=[rival.pk])
    make("opportunity", cast.teammate, name="Digger", lost_to=rival.pk)
    make("opportunity", cast.teammate, name="Loader", account=rival.pk)
    before = company()
    # when
    operation = deleted(cast.owner, "account", rival)
    after = company()
    # then nothing follows a record that is not there
    tied = list(Change.objects.filter(operation=operation, record="contact"))
    assert along.along(registry.get("contact"), tied) == set()
    # but when it is, all comes with it
    back = undo.undo(operation, actor=actor_of(cast.owner))
    assert (back.stays, company()) == ([], before)
    again = undo.undo(back.operation, actor=actor_of(cast.owner))
    assert (again.stays, company()) == ([], after)


def test_a_record_brought_back_alone_is_not_tied_to_what_stays_deleted(cast):
    # given
    account = make("account", cast.owner, name="Áridos")
    deal = make("opportunity", cast.owner, name="Crusher", account=account.pk)
    deleted(cast.owner, "account", account)
    # when
    back = bin.restore(
        registry.get("opportunity"), deal.pk, actor=actor_of(cast.owner), source=by(cast.owner).source
    )
    # then
    assert [(stay.title, stay.fields) for stay in back.stays] == [("Crusher", ["account"])]
    assert Opportunity.objects.get().account is None
