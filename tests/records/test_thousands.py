"""What writes and finds thousands of rows at once: ids kept for them, values in one parameter."""

from __future__ import annotations

import gc

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clientela.access.models import Team
from clientela.kit import bulk, updating
from tests import settings as chosen
from tests.pages.builders import make

pytestmark = pytest.mark.django_db
TEAMS = Team._meta.db_table


def test_reserved_ids_rise_and_are_nobody_elses():
    with transaction.atomic():
        ids = bulk.reserve_ids(connection, TEAMS, "id", 3)
        Team.objects.bulk_create([Team(pk=pk, name=f"Team {pk}") for pk in ids])
        more = bulk.reserve_ids(connection, TEAMS, "id", 2)

    assert ids == list(range(ids[0], ids[0] + 3))
    assert more[0] > ids[-1]


if chosen.CHOICE != "sqlite":

    def test_ids_with_numbers_of_others_between_them_are_ours_alone():
        with connection.cursor() as cursor:
            # as when every second number is drawn by somebody else at the same time
            cursor.execute(f"ALTER SEQUENCE {TEAMS}_id_seq INCREMENT BY 2")

            ids = bulk.reserve_ids(connection, TEAMS, "id", 3)

            cursor.execute(f"ALTER SEQUENCE {TEAMS}_id_seq INCREMENT BY 1")
        assert ids == [ids[0], ids[0] + 2, ids[0] + 4]


def test_values_are_found_whatever_they_are_written_with(db):
    names = ['a "quoted" one', "back\\slash", "comma, and {braces}", "NULL", "", "ñandú 🦤", "it's"]
    Team.objects.bulk_create([Team(name=name) for name in [*names, "another"]])

    assert set(Team.objects.filter(name__among=names).values_list("name", flat=True)) == set(names)
    assert not Team.objects.filter(name__among=[]).exists()
    wanted = list(Team.objects.filter(name__in=names[:2]).values_list("pk", flat=True))
    assert set(Team.objects.filter(pk__among=wanted).values_list("name", flat=True)) == set(names[:2])


def test_many_rows_get_each_its_own_values_in_one_statement(cast):
    names = ['a "quoted" one', "back\\slash", "100 %s", "ñandú 🦤", "it's"]
    teams = Team.objects.bulk_create([Team(name=f"Team {place}") for place in range(len(names))])
    untouched = Team.objects.create(name="Stays")
    for team, name in zip(teams, names, strict=True):
        team.name, team.parent = name, untouched
    teams[0].parent = None

    with CaptureQueriesContext(connection) as caught:
        updating.store(teams, ["name", "parent"])
        updating.store([], ["name"])

    assert len(caught) == 1
    stored = Team.objects.filter(pk__in=[team.pk for team in teams]).order_by("pk")
    assert list(stored.values_list("name", "parent")) == [
        (name, untouched.pk if place else None) for place, name in enumerate(names)
    ]
    untouched.refresh_from_db()
    assert (untouched.name, untouched.parent_id) == ("Stays", None)


def test_every_kind_of_value_is_stored_as_its_own_save_stores_it(cast):
    """Money, dates, moments, choices, JSON, links and what is empty."""
    wide = make("opportunity", cast.owner, name="Crusher", amount="1500.50", close_date="2026-03-31")
    other = make("opportunity", cast.owner, name="Other")
    fields = [field for field in wide._meta.concrete_fields if not field.primary_key]
    for field in fields:
        setattr(other, field.attname, getattr(wide, field.attname))

    updating.store([other], [field.name for field in fields])

    found = type(wide)._default_manager.filter(pk__in=[wide.pk, other.pk])
    one, two = found.order_by("pk").values(*[field.attname for field in fields])
    assert one == two


def test_the_collector_of_cycles_rests_meanwhile_and_is_left_as_it_was():
    with bulk.without_collecting():
        assert not gc.isenabled()
        with bulk.without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
