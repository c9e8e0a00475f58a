"""Records and lists as they were."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.platform.audit.models import Change
from clientela.platform.history import past, shadow
from clientela.records import query, refs, registry, values, write
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import ConditionError
from tests.fakes.models import Family, Thing

pytestmark = pytest.mark.django_db
ACCOUNT, THING = registry.get("account"), registry.get("thing")


@pytest.fixture
def do(cast):
    def operation(person=None):
        return Operation(actor_of(person or cast.admin), PAGE)

    return operation


@pytest.fixture
def story(cast, do):
    """Three accounts; then one changed, one deleted, one new."""
    made = [
        write.create(ACCOUNT, {"name": name, "city": "Ricla", "owner": cast.owner.pk}, operation=do())
        for name in ("Changed", "Deleted", "Still")
    ]
    then = timezone.now()
    write.change(
        ACCOUNT, Account.objects.get(pk=made[0].pk), {"city": "Épila", "name": "New name"}, operation=do()
    )
    write.delete(ACCOUNT, [Account.objects.get(pk=made[1].pk)], operation=do())
    write.create(ACCOUNT, {"name": "Later", "owner": cast.owner.pk}, operation=do())
    return then, made


def cities(actor, spec=ACCOUNT):
    return sorted(query.visible(spec, actor).values_list("name", "city"))


def test_a_list_is_as_it_was_and_then_as_it_is(cast, story):
    then, _made = story
    actor = actor_of(cast.owner)

    with past.read(ACCOUNT, then, actor):
        assert cities(actor) == [("Changed", "Ricla"), ("Deleted", "Ricla"), ("Still", "Ricla")]
        assert query.visible(ACCOUNT, actor).filter(city="Ricla").count() == 3

    assert cities(actor) == [("Later", ""), ("New name", "Épila"), ("Still", "Ricla")]


def test_nothing_stays_when_it_fails_inside(cast, story):
    then, _made = story
    actor = actor_of(cast.owner)

    with pytest.raises(ZeroDivisionError), past.read(ACCOUNT, then, actor):
        raise ZeroDivisionError

    assert len(cities(actor)) == 3
    assert ("Later", "") in cities(actor)
    with past.read(ACCOUNT, then, actor):
        assert ("Deleted", "Ricla") in cities(actor)


def test_what_one_may_not_see_today_is_not_seen_in_the_past(cast, story, do):
    then, made = story
    write.change(ACCOUNT, Account.objects.get(pk=made[0].pk), {"owner": cast.outsider.pk}, operation=do())

    actor = actor_of(cast.owner)
    with past.read(ACCOUNT, then, actor):
        assert cities(actor) == [("Deleted", "Ricla"), ("Still", "Ricla")]
    outsider = actor_of(cast.outsider)
    with past.read(ACCOUNT, then, outsider):
        assert cities(outsider) == []


def test_lines_links_and_every_kind_of_field_come_back(cast, do):
    families = [Family.objects.create(name=name) for name in ("One", "Two", "Three")]
    given = {
        "name": "Whole", "body": "Text", "email": "a@b.example", "phone": "+34976550182", "size": "large",
        "country": "ES", "currency": "USD", "color": "teal", "active": True, "count": 7, "weight": "1.250",
        "share": "12.5", "price": "99.90", "day": "2026-01-31", "moment": "2026-01-31T10:00:00+00:00",
        "family": families[0].pk, "families": [families[0].pk, families[1].pk], "owner": cast.owner.pk,
        "phones": [{"phone": "+34976550182", "main": True}, {"phone": "+34976550183", "kind": "home"}],
    }  # fmt: skip
    known = refs.fields_of(THING)
    thing = write.create(
        THING, {name: value for name, value in given.items() if name in known}, operation=do()
    )
    before = values.snapshot(THING, Thing.objects.get(pk=thing.pk))
    then = timezone.now()
    write.change(
        THING,
        Thing.objects.get(pk=thing.pk),
        {
            "families": [families[2].pk],
            "phones": [],
            "price": None,
            "name": "Other",
            "family": None,
            "active": False,
        },
        operation=do(),
    )
    write.delete(THING, [Thing.objects.get(pk=thing.pk)], operation=do())

    with past.read(THING, then, actor_of(cast.admin)):
        assert values.snapshot(THING, Thing.objects.get(pk=thing.pk)) == before
        assert Thing.objects.filter(families=families[1]).count() == 1
    assert Thing.objects.count() == 0


def test_every_list_can_be_read_in_the_past(cast, story):
    then, _made = story
    actor = actor_of(cast.admin)
    for spec in registry.every():
        with past.read(spec, then, actor):
            rows = query.ordered(query.matching(spec, actor), spec, [], actor)
            paths = [ref for name in spec.columns if not (ref := refs.resolve(spec, name)).many]
            rows = query.annotated(rows, paths)
            list(query.page(rows, ["pk", *(ref.annotation for ref in paths)], 0, 20))


def test_too_much_is_said(cast, story, monkeypatch):
    then, _made = story
    monkeypatch.setattr(shadow, "MOST", 2)

    with pytest.raises(shadow.TooMuch, match="2"), past.read(ACCOUNT, then, actor_of(cast.admin)):
        pytest.fail("it was read")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2999-01-01T00:00:00Z", "9999-12-31", "1" * 5]
)
def test_what_is_no_past_moment_is_refused(cast, text):
    with pytest.raises(ConditionError):
        past.moment_of(text, actor_of(cast.owner))


def test_a_date_is_the_end_of_that_day_where_one_is(cast):
    cast.owner.time_zone = "America/Bogota"
    moment = past.moment_of("2026-01-31", actor_of(cast.owner))

    assert moment == dt.datetime(2026, 2, 1, 5, tzinfo=dt.UTC) - dt.timedelta(microseconds=1)


def test_reading_the_past_writes_nothing(cast, story):
    then, _made = story
    before = Change.objects.count()
    with past.read(ACCOUNT, then, actor_of(cast.admin)):
        pass
    assert Change.objects.count() == before
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_temp_master")
            assert cursor.fetchone()[0] == 0
