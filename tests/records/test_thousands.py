"""What writes and finds thousands of rows at once: ids kept for them, values in one parameter."""

from __future__ import annotations

import gc

import pytest
from django.db import connection, transaction

from clientela.access.models import Team
from clientela.kit import bulk
from tests import settings as chosen

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


def test_the_collector_of_cycles_rests_meanwhile_and_is_left_as_it_was():
    with bulk.without_collecting():
        assert not gc.isenabled()
        with bulk.without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
