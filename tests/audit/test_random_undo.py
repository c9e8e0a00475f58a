"""Random acts, undone in a random legal order: the whole base is byte for byte what it was. And kill -9."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psycopg
import pytest

from clientela.platform.attachments import storing
from clientela.platform.attachments.models import Attachment
from tests.audit.random_acts import Acts, company
from tests.audit.whole_base import differences, everything
from tests.transfer.test_breaking_off import PREPARE

ROUNDS = int(os.environ.get("CLIENTELA_TEST_UNDO_ROUNDS", "2"))
"""So many times the company does things at random; by hand, with some hundreds, it finds more."""
FIRST = int(os.environ.get("CLIENTELA_TEST_UNDO_FIRST", "0"))
ACTS = 18


@pytest.mark.django_db
def test_undone_in_any_order_everything_is_as_it_was(cast, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    company(cast, tmp_path)
    before = everything()
    for seed in range(FIRST, FIRST + ROUNDS):
        acts = Acts(cast, seed, tmp_path)

        for _ in range(ACTS):
            acts.act()
        changed = everything()
        acts.undo_all()

        assert changed != before, acts.story
        assert differences(before, everything()) == {}, acts.story
    assert all(storing.path_of(file.stored).is_file() for file in Attachment.objects.all())


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
