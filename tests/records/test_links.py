"""What somebody does not see of a record stays in it when he saves, and the history does not tell it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils import translation

from clientela.access.actor import SYSTEM, actor_of
from clientela.records import display, query, refs, registry, urlnames, values, write
from clientela.records.changes import Operation, Source
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
SECRET = "Zorgplex"


def spec_of(key):
    return registry.get(key)


@pytest.fixture
def system():
    return Operation(SYSTEM, Source("test"))


@pytest.fixture
def hidden(cast):
    return samples.make(spec_of("account"), cast.outsider, name=SECRET)


@pytest.fixture
def seen(cast):
    return samples.make(spec_of("account"), cast.owner, name="In sight")


@pytest.fixture
def deal(cast, hidden):
    return samples.make(spec_of("opportunity"), cast.owner, name="Crane", account=hidden.pk)


def account_of(deal):
    return query.visible(spec_of("opportunity"), SYSTEM).values_list("account", flat=True).get(pk=deal.pk)


def test_a_link_out_of_sight_says_so_and_leads_nowhere(deal, cast, hidden, signed_in):
    reader = display.reader_for(actor_of(cast.owner))
    with translation.override("en"):
        shown = display.shown(refs.resolve(spec_of("opportunity"), "account"), deal, reader)
    assert (shown.kind, shown.text, shown.url) == ("hidden", "No access", "")
    page = signed_in(cast.owner).get(urlnames.record_url(spec_of("opportunity"), deal.pk)).content.decode()
    assert "No access" in page
    assert urlnames.record_url(spec_of("account"), hidden.pk) not in page


def test_an_emptied_editor_keeps_the_account_that_one_does_not_see(deal, cast, hidden, signed_in):
    url = urlnames.part_url(spec_of("opportunity"), deal.pk, "field", "account")
    client = signed_in(cast.owner)
    editor = client.get(url).content.decode()
    assert SECRET not in editor
    assert f'value="{hidden.pk}"' not in editor
    assert client.post(url, {"account": ""}).status_code == 200
    assert account_of(deal) == hidden.pk


def test_choosing_another_account_replaces_it(deal, cast, seen, signed_in):
    url = urlnames.part_url(spec_of("opportunity"), deal.pk, "field", "account")
    assert signed_in(cast.owner).post(url, {"account": str(seen.pk)}).status_code == 200
    assert account_of(deal) == seen.pk


def test_a_program_that_sends_back_what_it_read_empties_nothing(deal, cast, hidden):
    program = ways.Program(cast.owner)
    item = program.get(spec_of("opportunity"), deal.pk).json()
    assert item["account"] is None
    assert program.patch(spec_of("opportunity"), deal.pk, {"account": item["account"]}).status_code == 200
    assert account_of(deal) == hidden.pk


def test_who_sees_the_account_may_empty_the_link(cast, seen):
    contact = samples.make(spec_of("contact"), cast.owner, account=seen.pk)
    program = ways.Program(cast.owner)
    assert program.patch(spec_of("contact"), contact.pk, {"account": None}).status_code == 200
    assert spec_of("contact").model._default_manager.get(pk=contact.pk).account_id is None


def test_lines_about_somebody_out_of_sight_are_left_out_and_kept(cast, deal, system):
    spec = spec_of("opportunity")
    other = samples.make(spec_of("contact"), cast.outsider, first_name=SECRET)
    own = samples.make(spec_of("contact"), cast.owner, first_name="Known")
    rows = [{"contact": other.pk, "role": ""}, {"contact": own.pk, "role": ""}]
    write.change(spec, deal, {"contact_roles": rows}, operation=system, trusted=True)
    program = ways.Program(cast.owner)
    told = program.get(spec, deal.pk).json()["contact_roles"]
    assert [row["contact"] for row in told] == [own.pk]
    page = program.client.get(ways.api_url(spec), {"fields": "contact_roles"}).content.decode()
    assert str(SECRET) not in page
    assert program.patch(spec, deal.pk, {"contact_roles": []}).status_code == 200
    kept = values.snapshot(spec, spec.model._default_manager.get(pk=deal.pk), ["contact_roles"])[
        "contact_roles"
    ]
    assert [row["contact"] for row in kept] == [other.pk]


def test_the_history_does_not_tell_of_an_account_out_of_sight(cast, deal, seen, system, signed_in):
    write.change(spec_of("opportunity"), deal, {"account": seen.pk}, operation=system)
    url = reverse("timeline", args=["opportunities", deal.pk])
    assert SECRET in signed_in(cast.admin).get(url).content.decode()
    assert SECRET not in signed_in(cast.owner).get(url).content.decode()
    assert "…" not in signed_in(cast.owner).get(url, {"show": "changes"}).content.decode()


def test_a_saved_condition_of_somebody_who_sees_more_finds_nothing(cast, deal, hidden, signed_in):
    leaf = json.dumps({"field": "account__name", "op": "is", "value": SECRET})
    url = urlnames.list_url(spec_of("opportunity"), view="all", filter=leaf)
    assert "Crane" in signed_in(cast.admin).get(url).content.decode()
    assert "Crane" not in signed_in(cast.owner).get(url).content.decode()
