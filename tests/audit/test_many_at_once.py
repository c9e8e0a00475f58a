"""Many changes go back together: with the same result as one by one, and with few statements."""

from __future__ import annotations

import random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Contact, Tag
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.search.models import Entry
from clientela.records import registry, save, write
from clientela.records.changes import DELETE, PAGE, Operation
from tests.pages.builders import by, make

pytestmark = pytest.mark.django_db
ACCOUNT, CONTACT, TAG = registry.get("account"), registry.get("contact"), registry.get("tag")
MOMENTS = {"updated_at"}
PER_THOUSAND = 80
"""Statements for a thousand records, whatever they have: none of them is for one record alone."""


# --- one by one and together --------------------------------------------------------------------------


class Company:
    """Accounts with people, lines and tags; an act over some of them, and what others did since."""

    def __init__(self, cast, seed):
        self.cast, self.chance = cast, random.Random(seed)
        self.people = [cast.owner, cast.owner, cast.teammate, cast.outsider]
        self.tags = [make("tag", cast.admin, name=f"Tag {place}").pk for place in range(3)]
        for place in range(12):
            self.account(place)
        for account in self.some(4):
            for place in range(2):
                given = {"last_name": f"Person {place}", "account": account.pk}
                write.create(CONTACT, given, operation=by(cast.admin))

    def account(self, place):
        given = {
            "name": f"Account {place}",
            "owner": self.chance.choice(self.people).pk,
            "tags": self.chance.sample(self.tags, self.chance.randrange(3)),
            "email": f"a{place}@b.example" if place % 2 else "",
        }
        write.create(ACCOUNT, given, operation=by(self.cast.admin))

    def some(self, most):
        ids = sorted(Account.objects.values_list("pk", flat=True))
        chosen = self.chance.sample(ids, min(len(ids), most))
        return list(Account.objects.filter(pk__in=chosen).prefetch_related("tags").order_by("pk"))

    def act(self, name, person):
        """Over accounts of others too: not all of it is a seller's to take back."""
        operation = Operation(actor_of(person), PAGE)
        with transaction.atomic():
            getattr(self, name)(operation)
        return operation.id

    def create(self, operation):
        items = [(None, {"name": f"New {place}", "tags": self.tags[:place]}) for place in range(4)]
        write.apply_many(ACCOUNT, items, operation=operation, trusted=True)

    def change(self, operation):
        to = self.chance.choice([self.cast.owner, self.cast.outsider]).pk
        items = [
            (each, {"city": "Ricla", "owner": to, "tags": self.chance.sample(self.tags, 2)})
            for each in self.some(8)
        ]
        write.apply_many(ACCOUNT, items, operation=operation, trusted=True)

    def words(self, operation):
        write.delete(TAG, Tag.objects.filter(pk__in=self.tags), operation=operation, trusted=True)

    def delete(self, operation):
        write.delete(ACCOUNT, self.some(8), operation=operation, trusted=True)

    def meanwhile(self):
        """A word that was deleted is there again, a tag went, some records were changed or brought back."""
        there = set(Tag.objects.values_list("name", flat=True))
        for name in [f"Tag {place}" for place in range(3)]:
            if name not in there and self.chance.random() < 0.5:
                make("tag", self.cast.admin, name=name)
        if self.chance.random() < 0.5:
            write.delete(TAG, Tag.objects.filter(pk=self.tags[0]), operation=by(self.cast.admin))
        for account in self.some(3):
            write.change(ACCOUNT, account, {"city": "Épila"}, operation=by(self.cast.admin))


def rows(table, leaving=()):
    with connection.cursor() as cursor:
        every = [each.name for each in connection.introspection.get_table_description(cursor, table)]
        kept = ", ".join(f'"{name}"' for name in every if name not in MOMENTS.union(leaving))
        cursor.execute(f'SELECT {kept} FROM "{table}"')
        return sorted(cursor.fetchall(), key=repr)


def everything(operation, result):
    """All tables of the records, what search finds, and what the undo wrote into the history and told."""
    found = {}
    for table in connection.introspection.table_names():
        if table.startswith("parties_"):
            # The rows of links have numbers that say nothing.
            found[table] = rows(table, {"id"} if table.endswith("_tags") else ())
    found["entries"] = list(
        Entry.objects.order_by("record", "record_id").values_list("record", "record_id", "title", "text")
    )
    written = Change.objects.filter(undoes=operation).order_by("id")
    found["history"] = list(written.values_list("record", "record_id", "verb", "title", "before", "after"))
    found["told"] = [(each.record, each.record_id, each.reasons) for each in result.stays]
    found["undone"] = result.undone
    return found


def one_by_one(patch):
    """Every change by itself, and every record stored by its own `save`."""
    patch.setattr(undo, "CHUNK", 1)
    patch.setattr(
        save, "many", lambda drafts: [made for draft in drafts if (made := save.one(draft)) is not None]
    )


def taken_back(operation, actor):
    """What is there after an undo, which itself goes away again."""
    with transaction.atomic():
        found = everything(operation, undo.undo(operation, actor=actor))
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("act", ["create", "change", "delete", "words"])
@pytest.mark.parametrize("seed", range(3))
def test_together_is_as_one_by_one(cast, monkeypatch, seed, act):
    """With clashes, lost links, newer changes and records that are not one's own any more."""
    company = Company(cast, seed)
    mine = act != "words"
    operation = company.act(act, cast.owner if mine else cast.admin)
    company.meanwhile()
    for person in (cast.owner, cast.admin) if mine else (cast.admin,):
        together = taken_back(operation, actor_of(person))
        with monkeypatch.context() as patch:
            one_by_one(patch)
            alone = taken_back(operation, actor_of(person))

        assert together == alone
        assert together["undone"] + len(together["told"]) > 0


def test_what_may_not_come_back_stays_and_the_rest_comes(cast):
    Company(cast, 1)
    doomed = Account.objects.filter(owner__in=[cast.owner, cast.outsider])
    mine = sorted(doomed.filter(owner=cast.owner).values_list("pk", flat=True))
    others = sorted(doomed.filter(owner=cast.outsider).values_list("pk", flat=True))
    operation = Operation(actor_of(cast.owner), PAGE)
    write.delete(ACCOUNT, doomed, operation=operation, trusted=True)
    assert mine
    assert others

    with translation.override("en"):
        result = undo.undo(operation.id, actor=actor_of(cast.owner))

    assert sorted(Account.objects.filter(pk__in=mine + others).values_list("pk", flat=True)) == mine
    assert {stay.record_id for stay in result.stays if stay.record == "account"} == set(others)
    reasons = {stay.reason for stay in result.stays if stay.record == "account"}
    assert reasons == {"you may no longer change it"}


# --- few statements ------------------------------------------------------------------------------------


def crowd(cast, number):
    tags = [make("tag", cast.admin, name=f"Tag {place}").pk for place in range(4)]
    items = [
        (None, {"name": f"Account {place}", "email": f"a{place}@b.example", "tags": tags[place % 4 :]})
        for place in range(number)
    ]
    write.apply_many(ACCOUNT, items, operation=by(cast.admin))
    people = [
        (None, {"last_name": f"Person {place}", "account": account})
        for place, account in enumerate(Account.objects.values_list("pk", flat=True))
    ]
    write.apply_many(CONTACT, people, operation=by(cast.admin))
    return tags


def statements(do):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        do()
    return len(caught)


@pytest.mark.parametrize("number", [60, 300])
@pytest.mark.parametrize("who", ["owner", "admin"])
def test_a_deletion_comes_back_with_as_few_statements_for_many_as_for_few(cast, number, who):
    crowd(cast, number)
    Account.objects.update(owner=cast.owner)
    Contact.objects.update(owner=cast.owner)
    operation = Operation(actor_of(getattr(cast, who)), PAGE)
    write.delete(ACCOUNT, Account.objects.all(), operation=operation, trusted=True)
    assert not Contact.objects.filter(account__isnull=False).exists()

    used = statements(lambda: undo.undo(operation.id, actor=operation.actor))

    assert Account.objects.count() == number
    assert Contact.objects.filter(account__isnull=False).count() == number
    assert Account.tags.through.objects.count() == sum(4 - place % 4 for place in range(number))
    assert used <= PER_THOUSAND
    assert Change.objects.filter(operation=operation.id, verb=DELETE).count() == number


@pytest.mark.parametrize("number", [60, 300])
def test_links_set_for_many_go_back_with_as_few(cast, number):
    tags = crowd(cast, number)
    before = sorted(Account.tags.through.objects.values_list("account_id", "tag_id"))
    operation = by(cast.admin)
    instances = Account.objects.prefetch_related("tags").order_by("pk")
    items = [(each, {"tags": tags[:1]}) for each in instances]
    forth = statements(lambda: write.apply_many(ACCOUNT, items, operation=operation))

    back = statements(lambda: undo.undo(operation.id, actor=operation.actor))

    assert sorted(Account.tags.through.objects.values_list("account_id", "tag_id")) == before
    assert forth <= PER_THOUSAND
    assert back <= PER_THOUSAND


def test_given_away_by_many_and_taken_back_by_who_may_no_longer_change_them(cast):
    """As many statements as for a few, though none of the records is the actor's when it begins."""
    crowd(cast, 60)
    Account.objects.update(owner=cast.owner)
    operation = Operation(actor_of(cast.owner), PAGE)
    write.change_rows(ACCOUNT, Account.objects.all(), {"owner": cast.outsider.pk}, operation=operation)
    assert Account.objects.filter(owner=cast.outsider).count() == 60

    used = statements(lambda: undo.undo(operation.id, actor=operation.actor))

    assert Account.objects.filter(owner=cast.owner).count() == 60
    assert used <= PER_THOUSAND
