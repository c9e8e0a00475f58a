"""A merge undone, whole or in part, by whom; and what it tells of shares and files."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.access.models import Share
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import aliases, merging, unmerging
from clientela.platform.duplicates.models import Merge
from clientela.platform.history import bin as deleted
from clientela.platform.timeline.models import Note
from clientela.records import registry, write
from clientela.records.changes import PAGE
from clientela.records.errors import Refused
from tests.duplicates.builders import change, make, note, operation, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def ricla(cast):
    """Two accounts that are one."""
    first = make("account", cast.owner, name="Canteras de Ricla, S.A.", phone="+34976812044")
    return first, make("account", cast.owner, name="Canteras Ricla SA", city="Ricla")


def merge(cast, first, second):
    return merging.merge(registry.get("account"), first.pk, [second.pk], operation=operation(cast.owner))


def attached(cast, name, account):
    given = {"name": name, "record": "account", "record_id": account.pk, "stored": name}
    return write.create(registry.get("attachment"), given, operation=operation(cast.owner), trusted=True)


def test_shares_and_files_are_told_in_the_history_as_what_they_are(cast, ricla):
    """Whoever undoes it could not change a share by itself, nor a note or a deal of another."""
    first, second = ricla
    shared = Share.objects.create(record="account", record_id=second.pk, user=cast.outsider)
    file = attached(cast, "a.pdf", second)
    theirs = note("account", second, cast.admin, "Not yours.")
    before = snapshot()

    made = merge(cast, first, second)

    told = Change.objects.filter(operation=made.operation, record__in=("share", "attachment"))
    assert sorted(told.values_list("record", "record_id", "verb", "before", "after")) == [
        ("attachment", file.pk, "update", {"record_id": second.pk}, {"record_id": first.pk}),
        ("share", shared.pk, "update", {"record_id": second.pk}, {"record_id": first.pk}),
    ]
    assert made.rows == []
    with translation.override("en"):
        would = undo.preview(made.operation, actor=actor_of(cast.owner))
        assert would.conflicts == []
    undone = undo.undo(made.operation, actor=actor_of(cast.owner))
    assert undone.stays == []
    assert snapshot() == before
    assert Note.objects.get().pk == theirs.pk
    undo.undo(undone.operation, actor=actor_of(cast.owner))
    shared.refresh_from_db()
    file.refresh_from_db()
    assert (shared.record_id, file.record_id) == (first.pk, first.pk)
    unmerging.unmerge(Merge.objects.get(), operation=operation(cast.owner))
    assert snapshot() == before


def test_who_may_no_longer_change_the_survivor_takes_nothing_apart(cast, ricla):
    first, second = ricla
    note("account", second, cast.owner, "Mine.")
    made = merge(cast, first, second)
    change("account", first.pk, cast.admin, owner=cast.outsider.pk)
    before = snapshot()

    with pytest.raises(Refused), transaction.atomic():
        undo.undo(made.operation, actor=actor_of(cast.owner), whole=True)

    assert snapshot() == before


def test_a_file_tied_later_goes_where_one_says(cast, ricla):
    first, second = ricla
    made = merge(cast, first, second)
    file = attached(cast, "b.pdf", first)

    assert [each.name for each in unmerging.came_later(made, actor_of(cast.owner))] == [
        f"attachment:{file.pk}"
    ]
    unmerging.unmerge(made, operation=operation(cast.owner), later={("attachment", file.pk): second.pk})

    file.refresh_from_db()
    assert file.record_id == second.pk


def test_undone_in_part_it_says_so_until_all_is(cast, ricla):
    first, second = ricla
    share = Share.objects.create(record="account", record_id=second.pk, user=cast.outsider)
    note("account", second, cast.owner, "They called.")
    before = snapshot()
    made = merge(cast, first, second)
    whole = set(Change.objects.filter(operation=made.operation).values_list("pk", flat=True))
    deletion = Change.objects.get(operation=made.operation, verb="delete")

    deleted.restore(registry.get("account"), second.pk, actor=actor_of(cast.owner), source=PAGE)

    made.refresh_from_db()
    assert made.undone_at is None
    assert made.partly_undone_at is not None
    share.refresh_from_db()
    assert share.record_id == second.pk
    assert aliases.heir_of("account", second.pk) == second.pk

    rest = undo.undo(made.operation, actor=actor_of(cast.owner), only=whole - {deletion.pk})

    assert rest.stays == []
    made.refresh_from_db()
    assert made.undone_at is not None
    assert made.partly_undone_at is None
    assert snapshot() == before


def test_the_queue_says_what_is_undone_in_part(cast, ricla, signed_in):
    merge(cast, *ricla)
    page = signed_in(cast.owner).get("/duplicates/accounts/").content.decode()
    assert "Undone in part" not in page
    deleted.restore(registry.get("account"), ricla[1].pk, actor=actor_of(cast.owner), source=PAGE)

    page = signed_in(cast.owner).get("/duplicates/accounts/").content.decode()

    assert "Undone in part" in page


def test_undone_in_part_it_can_still_be_taken_apart(cast, ricla):
    first, second = ricla
    before = snapshot()
    made = merge(cast, first, second)
    deleted.restore(registry.get("account"), second.pk, actor=actor_of(cast.owner), source=PAGE)

    unmerging.unmerge(made, operation=operation(cast.owner))

    made.refresh_from_db()
    assert made.undone_at is not None
    assert snapshot() == before
    assert first.pk


def test_what_an_earlier_version_tied_goes_back_with_a_change_of_its_own(cast, ricla):
    first, second = ricla
    made = merge(cast, first, second)
    share = Share.objects.create(record="account", record_id=first.pk, user=cast.outsider)
    rows = [{"model": "access.share", "pk": share.pk, "column": "record_id", "from": second.pk}]
    Merge.objects.filter(pk=made.pk).update(rows=rows)

    undone = undo.undo(made.operation, actor=actor_of(cast.owner))

    share.refresh_from_db()
    assert share.record_id == second.pk
    told = Change.objects.get(record="share", record_id=share.pk)
    assert (told.operation, told.after) == (undone.operation, {"record_id": second.pk})
