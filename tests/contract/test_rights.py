"""The rights table, over each way in: who sees a record, who changes it, and that a refusal changes nothing.

A record of `owner`'s is seen by all but `outsider`; `owner`, `manager` and `admin` may change it.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from clientela.platform.audit.models import Change
from clientela.platform.timeline.models import Note
from clientela.records import kinds, refs, registry, save, urlnames
from tests.cast import Cast
from tests.contract import samples, ways
from tests.contract.scenes import (
    CHANGES,
    CONFIGURATION,
    OWNED,
    SEES,
    SignIn,
    in_api,
    many_changes,
    on_its_page,
    scene,
    sights,
    single_changes,
    takes_over_by_program,
    words_of,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize("key", OWNED)
def test_who_sees_a_record_in_each_way(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, getattr(cast, who), cast, signed_in)
    # then
    for sight in sights(here.spec):
        assert sight(here) is SEES[who], sight.__name__


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize("key", OWNED)
def test_who_changes_a_record_in_each_way(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    spec = registry.get(key)
    for change in single_changes(spec):
        # given
        here = scene(key, getattr(cast, who), cast, signed_in)
        before, entries = ways.saved(spec, here.record.pk), Change.objects.filter(record=key).count()
        # when
        status = change(here).status_code
        # then
        if who in CHANGES:
            assert status in (200, 204), (change.__name__, status)
            assert ways.saved(spec, here.record.pk) != before, change.__name__
        else:
            assert status == (403 if SEES[who] else 404), (change.__name__, status)
            assert ways.saved(spec, here.record.pk) == before, change.__name__
            assert Change.objects.filter(record=key).count() == entries, change.__name__


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize("key", OWNED)
def test_who_changes_many_in_each_way(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    spec = registry.get(key)
    for change in many_changes(spec):
        # given
        spec.model._default_manager.all().delete()
        here = scene(key, getattr(cast, who), cast, signed_in)
        before, entries = ways.saved(spec, here.record.pk), Change.objects.filter(record=key).count()
        # when
        response = change(here)
        # then who may change some records changes none of those that are not theirs
        assert response.status_code == (403 if who == "reader" else 204), change.__name__
        assert (ways.saved(spec, here.record.pk) != before) is (who in CHANGES), change.__name__
        assert (Change.objects.filter(record=key).count() > entries) is (who in CHANGES), change.__name__


@pytest.mark.parametrize("who", ["teammate", "outsider", "reader"])
@pytest.mark.parametrize("key", OWNED)
def test_whose_record_it_is_decides_not_what_they_send(
    key: str, who: str, cast: Cast, signed_in: SignIn
) -> None:
    # given
    here = scene(key, getattr(cast, who), cast, signed_in)
    before = ways.saved(here.spec, here.record.pk)
    # when
    status = takes_over_by_program(here).status_code
    # then
    assert status == (403 if SEES[who] else 404)
    assert ways.saved(here.spec, here.record.pk) == before


@pytest.mark.parametrize("key", OWNED)
def test_an_editor_opens_for_who_may_change(key: str, cast: Cast, signed_in: SignIn) -> None:
    for who, sees in SEES.items():
        here = scene(key, getattr(cast, who), cast, signed_in)
        expected = 200 if who in CHANGES else 403 if sees else 404
        assert here.client.get(here.part("field", words_of(here))).status_code == expected, who
        for action in here.spec.actions:
            if not action.view and action.available(here.record):
                assert here.client.get(here.part("action", action.name)).status_code == expected, who


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize("key", OWNED)
def test_a_note_is_written_by_who_sees_the_record(key: str, who: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, getattr(cast, who), cast, signed_in)
    # when
    status = here.client.post(
        reverse("timeline_note", args=[here.spec.plural, here.record.pk]), {"body": "Called them"}
    ).status_code
    # then a reader reads only
    expected = 404 if not SEES[who] else 403 if who == "reader" else 200
    assert status == expected
    assert Note.objects.count() == (1 if expected == 200 else 0)


@pytest.mark.parametrize("key", OWNED)
def test_a_reader_makes_nothing(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    spec, client = registry.get(key), signed_in(cast.reader)
    given = samples.sample_values(spec)
    count = spec.model._default_manager.count()
    sent = {name: refs.fields_of(spec)[name].kind.to_json(value) for name, value in given.items()}
    # then
    assert client.get(urlnames.create_url(spec)).status_code == 403
    assert client.post(urlnames.create_url(spec), ways.form_data(spec, given)).status_code == 403
    assert ways.Program(cast.reader).post(spec, sent).status_code == 403
    assert spec.model._default_manager.count() == count


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize("key", CONFIGURATION)
def test_configuration_is_seen_by_all_and_changed_by_administrators(
    key: str, who: str, cast: Cast, signed_in: SignIn
) -> None:
    # given
    here = scene(key, getattr(cast, who), cast, signed_in)
    before, name = ways.saved(here.spec, here.record.pk), ways.texts(here.spec)[0].path
    ways_in = (
        lambda: here.client.post(here.part("field", name), {name: "Changed"}),
        lambda: here.program.patch(here.spec, here.record.pk, {name: "Changed too"}),
        lambda: here.client.post(
            here.look("bulk"), {"do": "delete", "confirmed": "1", "ids": [here.record.pk]}
        ),
        lambda: here.program.delete(here.spec, here.record.pk),
    )
    # then
    assert on_its_page(here)
    assert in_api(here)
    for number, way in enumerate(ways_in[:2] if who == "admin" else ways_in):
        status = way().status_code
        if who == "admin":
            assert status == 200, number
            assert ways.saved(here.spec, here.record.pk) != before, number
        else:
            assert status == 403, number
            assert ways.saved(here.spec, here.record.pk) == before, number


@pytest.mark.parametrize("key", sorted({*OWNED, *CONFIGURATION}))
def test_a_stranger_changes_nothing(key: str, cast: Cast) -> None:
    # given
    spec, stranger = registry.get(key), Client()
    record = samples.make(spec, cast.owner)
    before = ways.saved(spec, record.pk)
    name = ways.texts(spec)[0].path
    posts = {
        urlnames.create_url(spec): {name: "Mine"},
        urlnames.part_url(spec, record.pk, "field", name): {name: "Mine"},
        urlnames.part_url(spec, record.pk, "delete"): {},
        urlnames.view_url(spec, "bulk"): {"do": "delete", "confirmed": "1", "ids": [record.pk]},
        reverse("undo", args=[Change.objects.latest("id").operation]): {},
        **{urlnames.part_url(spec, record.pk, "action", action.name): {} for action in spec.actions},
    }
    count = spec.model._default_manager.count()
    for url, data in posts.items():
        # when
        response = stranger.post(url, data)
        # then
        assert response.status_code == 302, url
        assert response["Location"].startswith("/account/login/"), url
    program = ways.Program(None)
    assert program.post(spec, {name: "Mine"}).status_code == 401
    assert program.patch(spec, record.pk, {name: "Mine"}).status_code == 401
    assert program.delete(spec, record.pk).status_code == 401
    assert ways.saved(spec, record.pk) == before
    assert spec.model._default_manager.count() == count


@pytest.mark.parametrize("key", OWNED)
def test_nothing_is_written_by_reading(key: str, cast: Cast, signed_in: SignIn) -> None:
    # given
    here = scene(key, cast.admin, cast, signed_in)
    before, entries = ways.saved(here.spec, here.record.pk), Change.objects.count()
    # then
    assert here.client.get(here.part("delete")).status_code == 405
    assert here.client.get(here.look("bulk")).status_code == 405
    for sight in sights(here.spec):
        assert sight(here), sight.__name__
    assert ways.saved(here.spec, here.record.pk) == before
    assert Change.objects.count() == entries


@pytest.mark.parametrize("key", OWNED)
def test_nobody_links_to_what_they_may_not_see(key: str, cast: Cast, signed_in: SignIn) -> None:
    """The outsider's own record, for each of its links to a kind of record that has owners."""
    spec = registry.get(key)
    own = samples.make(spec, cast.outsider)
    before, client, program = ways.saved(spec, own.pk), signed_in(cast.outsider), ways.Program(cast.outsider)
    for name, ref in refs.fields_of(spec).items():
        target = ref.target
        if target is None or target.key not in OWNED or ref.read_only or ref.kind is not kinds.Link:
            continue
        # given
        hidden = samples.make(target, cast.owner)
        # when
        by_program = program.patch(spec, own.pk, {name: hidden.pk})
        by_page = client.post(urlnames.part_url(spec, own.pk, "field", name), {name: str(hidden.pk)})
        # then neither says whether there is such a record, nor what it is called
        assert by_program.status_code == by_page.status_code == 422, name
        assert save.title_of(target, hidden) not in ways.body_of(by_page), name
        assert ways.saved(spec, own.pk) == before, name
