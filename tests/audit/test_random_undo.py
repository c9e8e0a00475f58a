"""Random acts, undone in a random legal order: the tables are byte for byte what they were. And kill -9."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psycopg
import pytest
from django.db import connection

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Contact
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import merging
from clientela.platform.transfer import services
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
from tests.transfer import files
from tests.transfer.test_breaking_off import PREPARE

ACCOUNT, CONTACT = registry.get("account"), registry.get("contact")
NOT_KEPT = {"version", "updated_at", "created_at"}
CITIES = ("Ricla", "Épila", "Calatayud", "")


def tables(prefixes=("parties_",)):
    """Every row of the tables of the records, but for the columns that no change keeps."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(prefixes):
                columns = [
                    each.name for each in connection.introspection.get_table_description(cursor, table)
                ]
                kept = [column for column in columns if column not in NOT_KEPT]
                names = ", ".join(f'"{column}"' for column in kept)
                cursor.execute(f'SELECT {names} FROM "{table}" ORDER BY 1')
                found[table] = cursor.fetchall()
    return found


class Acts:
    """Things that somebody may do, at random; each knows the records it touched."""

    def __init__(self, cast, seed, folder):
        self.actor, self.chance, self.folder = actor_of(cast.admin), random.Random(seed), folder
        self.done = []

    def do(self):
        operation = Operation(self.actor, PAGE)
        name = self.chance.choice(["create", "contact", "change", "bulk", "delete", "import", "merge"])
        made = getattr(self, name)(operation)
        operation_id = made or operation.id
        if Change.objects.filter(operation=operation_id).exists():
            self.done.append(operation_id)

    def some(self, model, most):
        ids = list(model.objects.order_by("pk").values_list("pk", flat=True))
        chosen = self.chance.sample(ids, min(len(ids), most))
        return list(model.objects.filter(pk__in=chosen).order_by("pk"))

    def create(self, operation):
        given = {"name": f"Account {self.chance.random()}", "city": self.chance.choice(CITIES)}
        write.create(
            ACCOUNT, given | {"email": f"a{self.chance.randrange(99)}@b.example"}, operation=operation
        )

    def contact(self, operation):
        for account in self.some(Account, 1):
            given = {"last_name": f"Person {self.chance.random()}", "account": account.pk}
            write.create(CONTACT, given, operation=operation)

    def change(self, operation):
        for account in self.some(Account, 1):
            given = {"city": self.chance.choice(CITIES), "website": f"{self.chance.randrange(9)}.example"}
            write.change(ACCOUNT, account, given, operation=operation)

    def bulk(self, operation):
        rows = Account.objects.filter(pk__in=[each.pk for each in self.some(Account, 4)])
        write.change_rows(ACCOUNT, rows, {"city": self.chance.choice(CITIES)}, operation=operation)

    def delete(self, operation):
        write.delete(ACCOUNT, self.some(Account, 2), operation=operation)

    def merge(self, operation):
        chosen = [each.pk for each in self.some(Account, 3)]
        if len(chosen) > 1:
            return merging.merge(ACCOUNT, chosen[0], chosen[1:], operation=operation).operation
        return None

    def import_(self, _operation):
        lines = "".join(f"R{self.chance.randrange(10**9)},Imported {n},Ricla\n" for n in range(3))
        job = services.run_file(ACCOUNT, files.write(self.folder, "Id,Name,City\n" + lines), actor=self.actor)
        return job.operation

    locals()["import"] = import_

    def undo_all(self):
        """Any act may be next of which no later one, still standing, touched a record."""
        left = list(self.done)
        while left:
            free = [
                each
                for place, each in enumerate(left)
                if not any(touch(each, later) for later in left[place + 1 :])
            ]
            chosen = self.chance.choice(free)
            result = undo.undo(chosen, actor=self.actor)
            assert result.stays == []
            left.remove(chosen)


def records(operation):
    """The records of an act, and those that they name."""
    found = set()
    for change in Change.objects.filter(operation=operation):
        found.add((change.record, change.record_id))
        for value in (change.before, change.after):
            if value.get("account"):
                found.add(("account", value["account"]))
    return found


def touch(one, other):
    return not records(one).isdisjoint(records(other))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_undone_in_any_order_everything_is_as_it_was(cast, tmp_path, seed):
    acts = Acts(cast, seed, tmp_path)
    for _ in range(4):
        acts.create(Operation(acts.actor, PAGE))
    acts.contact(Operation(acts.actor, PAGE))
    before = tables()

    for _ in range(14):
        acts.do()
    acts.undo_all()

    assert tables() == before


@pytest.mark.django_db
def test_an_undo_undone_is_the_act_again(cast, tmp_path):
    acts = Acts(cast, 99, tmp_path)
    for _ in range(3):
        acts.create(Operation(acts.actor, PAGE))
    acts.contact(Operation(acts.actor, PAGE))
    acts.delete(Operation(acts.actor, PAGE))
    after = tables()
    result = undo.undo(Change.objects.latest("id").operation, actor=acts.actor)
    assert tables() != after

    undo.undo(result.operation, actor=acts.actor)

    assert tables() == after
    assert Contact.objects.count() <= 1


MANY = 2500
CHANGE_MANY = f"""
import django; django.setup()
from clientela.access.actor import SYSTEM
from clientela.domain.parties.models import Account
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
spec = registry.get("account")
items = [(None, {{"name": f"Name {{n}}", "city": "Ricla"}}) for n in range({MANY})]
write.apply_many(spec, items, operation=Operation(SYSTEM, PAGE))
operation = Operation(SYSTEM, PAGE)
write.change_rows(spec, Account.objects.all(), {{"city": "Epila"}}, operation=operation)
print(operation.id)
"""
UNDO = """
import sys, django; django.setup()
from uuid import UUID
from clientela.access.actor import SYSTEM
from clientela.platform.audit import returning, undo
take_back = returning.take_back
def told(*given):
    take_back(*given)
    print("part", flush=True)
returning.take_back = told
print(undo.undo(UUID(sys.argv[1]), actor=SYSTEM).undone, flush=True)
"""


@pytest.mark.django_db
def test_killed_in_the_middle_of_an_undo_nothing_has_gone_back(installation):
    environment, address = installation
    subprocess.run([sys.executable, "-c", PREPARE], env=environment, check=True)
    made = subprocess.run(
        [sys.executable, "-c", CHANGE_MANY], env=environment, check=True, capture_output=True, text=True
    )
    operation = made.stdout.split()[-1]

    victim = subprocess.Popen(
        [sys.executable, "-c", UNDO, operation], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == "part\n"
    os.kill(victim.pid, signal.SIGKILL)
    victim.communicate()
    assert cities(address) == {"Epila": MANY}

    done = subprocess.run(
        [sys.executable, "-c", UNDO, operation], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.split()[-1] == str(MANY)
    assert cities(address) == {"Ricla": MANY}


def cities(address):
    asked = "SELECT city, count(*) FROM parties_account GROUP BY city"
    deadline = time.monotonic() + 30
    while True:
        try:
            if address.startswith("file:"):
                with closing(sqlite3.connect(address, uri=True)) as database:
                    return dict(database.execute(asked).fetchall())
            with psycopg.connect(address) as database:
                return dict(database.execute(asked).fetchall())
        except sqlite3.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
