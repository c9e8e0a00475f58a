"""Near names within one file: the second is a duplicate of the first, treated as chosen."""

from __future__ import annotations

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.platform.transfer import services
from clientela.records import registry
from tests.transfer.results import counts

ACCOUNT = registry.get("account")
TWO = 'Name,City\nAcme S.L.,Huesca\n"ACME, SL",Teruel\nGrúas Pirineo,Jaca\n'


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def load(load):
    """Imports accounts from a text: `load(text, near="skip")`."""

    def run(text, *, near="create", options=None, **more):
        return load(ACCOUNT, text, options={"near": near, **(options or {})}, **more)

    return run


def kept():
    return list(Account.objects.order_by("pk").values_list("name", "city"))


@pytest.mark.parametrize("batch", [5000, 1])
@pytest.mark.parametrize(
    ("near", "expected", "first"),
    [
        ("skip", (2, 0, 1, 0), ("Acme S.L.", "Huesca")),
        ("update", (2, 1, 0, 0), ("ACME, SL", "Teruel")),
        ("create", (3, 0, 0, 0), ("Acme S.L.", "Huesca")),
    ],
)
def test_the_second_of_two_near_names_is_treated_as_chosen(load, monkeypatch, batch, near, expected, first):
    monkeypatch.setattr(services, "BATCH", batch)

    job = load(TWO, near=near)

    assert counts(job) == expected
    assert kept()[0] == first
    assert Account.objects.count() == expected[0]


@pytest.mark.parametrize("batch", [5000, 1])
@pytest.mark.parametrize(
    ("near", "expected"), [("skip", (2, 0, 1, 0)), ("update", (2, 1, 0, 0)), ("create", (3, 0, 0, 0))]
)
def test_a_rehearsal_says_the_same_and_names_both(load, monkeypatch, batch, near, expected):
    monkeypatch.setattr(services, "BATCH", batch)

    job = load(TWO, near=near, dry_run=True)

    assert counts(job) == expected
    assert job.report["near"] == {"count": 1, "examples": [["ACME, SL", "Acme S.L."]]}
    assert Account.objects.count() == 0


def test_the_second_comes_in_where_the_first_is_wrong(load):
    job = load('Name,Email\nAcme S.L.,nobody\n"ACME, SL",acme@example.com\nAcme,\n', near="skip")

    assert counts(job) == (1, 0, 1, 1)
    assert Account.objects.get().name == "ACME, SL"


def test_a_name_that_waits_in_a_rehearsal_is_not_taken_for_its_own_repetition(load):
    text = 'Id,Name,Email\n,Acme S.L.,a@example.com\n7,"ACME, SL",b@example.com\n'

    assert counts(load(text, near="update", dry_run=True)) == (1, 1, 0, 0)
    assert counts(load(text, near="update")) == (1, 1, 0, 0)
    assert Account.objects.get().external_id == "7"


def test_two_ids_are_two_records_whatever_their_names(load):
    job = load('Id,Name\n1,Acme S.L.\n2,"ACME, SL"\n', near="skip")

    assert counts(job) == (2, 0, 0, 0)


def test_undoing_takes_both_back(load, cast):
    job = load(TWO, near="update")

    assert services.undo_job(job, actor_of(cast.admin)).conflicts == []
    assert Account.objects.count() == 0
