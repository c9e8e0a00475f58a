"""Whatever is merged and taken apart again is as it was; broken off in the middle, nothing has happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Tag
from clientela.platform.audit.models import Change
from clientela.platform.audit.undo import undo
from clientela.platform.duplicates import choices, merging, unmerging
from clientela.platform.duplicates.models import Merge
from clientela.records import registry
from tests.duplicates.builders import make, note, operation, snapshot

NAMES = ("Obras Ebro", "Áridos Jalón", "Ñandú, S.L.")
PHONES = ("+34976812044", "+34976812040", "976", "")
EMAILS = ("a@x.example", "b@x.example", "")
TEXTS = ("", "One.", "Two.\n\nlines")


@st.composite
def accounts(draw):
    def lines(name, values):
        found = [value for value in draw(st.lists(st.sampled_from(values), max_size=3, unique=True)) if value]
        return [{name: value, "main": place == 0} for place, value in enumerate(found)]

    return {
        "name": draw(st.sampled_from(NAMES)),
        "kind": draw(st.sampled_from(("prospect", "customer", "supplier"))),
        "city": draw(st.sampled_from(("", "Ricla", "Épila"))),
        "description": draw(st.sampled_from(TEXTS)),
        "website": draw(st.sampled_from(("", "x.example"))),
        "employees": draw(st.sampled_from((None, 0, 40))),
        "emails": lines("email", EMAILS),
        "phones": lines("phone", PHONES),
        "tags": draw(st.lists(st.sampled_from((0, 1, 2)), max_size=3, unique=True)),
    }


# For each thing: to which of the accounts it belongs.
BELONGS = st.lists(st.integers(0, 3), max_size=4)


@pytest.mark.django_db
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(accounts(), min_size=4, max_size=4),
    BELONGS,
    BELONGS,
    BELONGS,
    st.permutations(range(4)),
    st.integers(1, 3),
    st.data(),
)
def test_merged_and_taken_apart_is_the_identity(cast, described, deals, people, notes, order, count, data):
    with transaction.atomic():
        _merge_and_back(cast, described, deals, people, notes, order, count, data)
        transaction.set_rollback(True)


def _merge_and_back(cast, described, deals, people, notes, order, count, data):
    tags = [Tag.objects.create(name=name) for name in "ABC"]
    made = []
    for each in described:
        values = {**each, "tags": [tags[place].pk for place in each["tags"]]}
        made.append(make("account", cast.owner, **values))
    for place, at in enumerate(deals):
        competitors = [made[(at + 1) % 4].pk, made[(at + 2) % 4].pk]
        make("opportunity", cast.owner, name=f"D{place}", account=made[at].pk, competitors=competitors)
    for place, at in enumerate(people):
        ties = [made[at], made[(at + 1) % 4]]
        rows = [{"account": each.pk, "role": "", "main": each is ties[0]} for each in ties]
        make("contact", cast.owner, name=f"P{place}", affiliations=rows)
    for at in notes:
        note("account", made[at], cast.owner, "Said.")
    spec = registry.get("account")
    chosen = [made[place].pk for place in order[: count + 1]]
    instances = merging.load(spec, chosen, actor_of(cast.owner))
    sources = {
        unit.name: data.draw(st.sampled_from(chosen), label=unit.name)
        for unit in choices.units(spec)
        if data.draw(st.booleans())
    }
    assert len(instances) == count + 1
    before = snapshot()

    merge = merging.merge(spec, chosen[0], chosen[1:], operation=operation(cast.owner), sources=sources)
    assert Account.objects.count() == 4 - count
    if data.draw(st.booleans(), label="undo"):
        assert undo(merge.operation, actor=actor_of(cast.owner)).conflicts == []
    else:
        assert unmerging.unmerge(merge, operation=operation(cast.owner)).kept == []

    assert snapshot() == before


KILLED = """
import os, signal, sys
import django
django.setup()
from django.db import transaction
from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.duplicates import exact, merging
from clientela.records import registry
from clientela.records.changes import PAGE, Operation

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = die
actor = actor_of(User.objects.get(pk={person}))
merging.merge(registry.get("account"), {one}, [{two}], operation=Operation(actor, PAGE))
"""


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("where", ["exact.put", "merging._remember", "merging._refuse_circles"])
def test_killed_in_the_middle_nothing_has_happened(cast, where):
    one = make("account", cast.owner, name="Uno")
    two = make("account", cast.owner, name="Dos", city="Ricla")
    deal = make("opportunity", cast.owner, name="Crusher", account=two.pk)
    before, told = snapshot(), Change.objects.count()
    program = KILLED.format(where=where, one=one.pk, two=two.pk, person=cast.owner.pk)

    ended = subprocess.run(
        [sys.executable, "-c", program], env=_environment(), capture_output=True, check=False, timeout=120
    )

    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert snapshot() == before
    assert (Change.objects.count(), Merge.objects.count()) == (told, 0)
    deal.refresh_from_db()
    assert deal.account_id == two.pk


def _environment() -> dict[str, str]:
    """The same database as this test's, for another process."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{known['NAME']}"
    else:
        url = f"postgres://{known['USER']}@{known['HOST']}:{known['PORT'] or 5432}/{known['NAME']}"
    return {
        **os.environ,
        "CLIENTELA_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "clientela.config.settings",
    }
