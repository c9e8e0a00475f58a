"""Roles from data and shares hold in each way in, for every kind of record that somebody looks after."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.access import rules
from clientela.access.models import Role, Share, User
from clientela.platform.audit.models import Change
from clientela.records import registry, urlnames
from tests.cast import Cast, give_roles
from tests.contract import ways
from tests.contract.scenes import (
    OWNED,
    Scene,
    SignIn,
    acts,
    acts_by_program,
    changes_by_program,
    deletes,
    deletes_by_program,
    edits_a_field,
    scene,
    sights,
    single_changes,
    words_of,
)

pytestmark = pytest.mark.django_db
EVERYTHING = dict.fromkeys(("see", "change", "delete", "export", "bulk"), "all") | {"create": True}


def give(user: User, **more: Any) -> User:
    """A role that may everything, but for what is said."""
    kept = {"modules": {"*": True}, "records": {"*": EVERYTHING}, "private": "write", **more}
    return give_roles(user, Role.objects.create(name="Own", rules=rules.dump(kept)))


def share(here: Scene, user: User, level: str, until: dt.datetime | None = None) -> None:
    Share.objects.create(record=here.spec.key, record_id=here.record.pk, user=user, level=level, until=until)


@pytest.mark.parametrize("key", OWNED)
def test_a_module_that_is_off_is_not_there(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec = registry.get(key)
    here = scene(key, give(cast.teammate, modules={"*": True, spec.module: False}), cast, signed_in)
    # then
    for url in (*ways.lists(spec).values(), here.url, urlnames.create_url(spec), urlnames.options_url(spec)):
        assert here.client.get(url).status_code == 404, url
    for answer in (
        here.program.get(spec),
        here.program.get(spec, here.record.pk),
        here.program.post(spec, {}),
        changes_by_program(here),
        deletes_by_program(here),
        edits_a_field(here),
        deletes(here),
    ):
        assert answer.status_code == 404
    for name in ("search_palette", "search_page"):
        assert here.url not in here.get(reverse(name), q=here.title)
    assert urlnames.list_url(spec) not in here.get("/profile/")
    assert f"/api/v1/{spec.plural}" not in here.client.get("/api/v1/openapi.json").json()["paths"]


@pytest.mark.parametrize("key", OWNED)
def test_a_scope_by_condition_holds_in_each_way(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, cast.outsider, cast, signed_in)
    other = scene(key, cast.outsider, cast, signed_in)
    condition = {"condition": {"field": "id", "op": "is", "value": here.record.pk}}
    give(cast.outsider, records={"*": EVERYTHING, key: {"see": condition, "export": condition}})
    # then
    for sight in sights(here.spec):
        if sight.__name__ in ("in_count", "in_totals", "in_chart", "in_api_list"):
            continue  # they count the one that is seen, whichever is asked for
        assert sight(here), sight.__name__
        assert not sight(other), sight.__name__
    assert [item["id"] for item in here.program.items(here.spec)] == [here.record.pk]


@pytest.mark.parametrize("key", OWNED)
def test_what_is_shared_to_read_is_read(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, cast.outsider, cast, signed_in)
    share(here, cast.outsider, "read")
    before, entries = ways.saved(here.spec, here.record.pk), Change.objects.filter(record=key).count()
    # then
    for sight in sights(here.spec):
        if sight.__name__ != "in_export":
            assert sight(here), sight.__name__
    assert here.title not in here.get(here.look("export"), view="all", columns=here.spec.title)
    for change in single_changes(here.spec):
        assert change(here).status_code == 403, change.__name__
    assert ways.saved(here.spec, here.record.pk) == before
    assert Change.objects.filter(record=key).count() == entries


@pytest.mark.parametrize("key", OWNED)
def test_what_is_shared_to_write_is_changed_and_not_deleted(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, cast.outsider, cast, signed_in)
    share(here, cast.outsider, "write", timezone.now() + dt.timedelta(days=1))
    # then
    assert edits_a_field(here).status_code == 200
    assert here.program.patch(here.spec, here.record.pk, {words_of(here): "Once more"}).status_code == 200
    assert (deletes(here).status_code, deletes_by_program(here).status_code) == (403, 403)
    assert here.spec.model._default_manager.filter(pk=here.record.pk).exists()


@pytest.mark.parametrize("key", OWNED)
def test_a_share_that_has_run_out_shows_nothing(key: str, cast: Cast, signed_in: SignIn) -> None:
    here = scene(key, cast.outsider, cast, signed_in)
    share(here, cast.outsider, "write", timezone.now() - dt.timedelta(seconds=1))
    for sight in sights(here.spec):
        assert not sight(here), sight.__name__
    assert changes_by_program(here).status_code == 404


@pytest.mark.parametrize("key", OWNED)
def test_a_field_that_is_only_read_is_written_in_no_way(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec = registry.get(key)
    name = words_of(scene(key, cast.owner, cast, signed_in))
    here = scene(key, give(cast.owner, fields={key: {name: "read"}}), cast, signed_in)
    before = ways.saved(spec, here.record.pk)
    # then it is seen, and not written
    assert name in here.program.get(spec, here.record.pk).json()
    refused = changes_by_program(here)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [name])
    assert edits_a_field(here).status_code == 404
    assert here.program.post(spec, {name: "New"}).status_code == 422
    sent = {"do": "field", "confirmed": "1", "field": name, name: "Changed", "ids": [here.record.pk]}
    here.client.post(here.look("bulk"), sent)
    assert ways.saved(spec, here.record.pk) == before


@pytest.mark.parametrize(
    "key", [key for key in OWNED if any(each.bulk for each in registry.get(key).actions)]
)
def test_an_action_that_no_role_allows_is_not_done(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, give(cast.owner, actions={key: {"*": False}}), cast, signed_in)
    before = ways.saved(here.spec, here.record.pk)
    bulk = {"do": f"action:{here.spec.actions[0].name}", "confirmed": "1", "ids": [here.record.pk]}
    # then
    for answer in (acts(here), acts_by_program(here), here.client.post(here.look("bulk"), bulk)):
        assert answer.status_code in (403, 404)
    assert f"{here.url}action/" not in here.get(here.url)
    assert ways.saved(here.spec, here.record.pk) == before


def test_samples_have_modules() -> None:
    assert {registry.get(key).module for key in OWNED} >= {"parties", "sales"}
    assert [registry.get(key).module for key in ("user", "team", "role", "note")] == ["", "", "", ""]
