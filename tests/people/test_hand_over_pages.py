"""The pages of a hand-over: seen first, confirmed as seen, undone from its result."""

from __future__ import annotations

import pytest
from django.urls import reverse

from clientela.access.models import User
from clientela.domain.parties.models import Account, Contact, Zone
from clientela.platform.audit.models import Change
from clientela.platform.handover import running
from clientela.platform.handover.models import HandOver
from tests.cast import make_person
from tests.people.leaving import act, owners, plan

pytestmark = pytest.mark.django_db


def address(cast) -> str:
    return reverse("handover", args=[cast.owner.pk])


def test_the_page_shows_who_would_get_what_and_changes_nothing(cast, portfolio, signed_in):
    page = (
        signed_in(cast.admin)
        .get(address(cast), {"rule": "turns", "to": [cast.outsider.pk, cast.teammate.pk]})
        .content.decode()
    )

    assert "Outsider 2 · Teammate 2" in page
    assert "Accounts: 2, from 1 to 3" in page
    assert "Hand over 9 records" in page
    assert "2 closed ones stay" in page
    assert Change.objects.count() == 0
    assert owners(Account)["A1"] == "Owner"


def seen_in(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_it_is_confirmed_as_it_was_seen(cast, portfolio, signed_in):
    client = signed_in(cast.admin)
    wish = {"rule": "one", "to": cast.teammate.pk, "deactivates": "on"}
    seen = seen_in(client.get(address(cast), wish).content.decode())
    Account.objects.create(name="Late", owner=cast.owner)

    refused = client.post(address(cast), wish | {"seen": seen})
    assert refused.status_code == 422
    assert "Something changed meanwhile" in refused.content.decode()
    assert (HandOver.objects.count(), Change.objects.count()) == (0, 0)
    response = client.post(address(cast), wish | {"seen": seen_in(refused.content.decode())})

    job = HandOver.objects.get()
    assert response.headers["Location"] == reverse("handover_result", args=[job.pk])
    page = client.get(response.headers["Location"]).content.decode()
    assert "10 records handed over" in page
    assert "Owner is deactivated." in page
    undone = client.post(reverse("handover_undo", args=[job.pk]), {"receiver": cast.teammate.pk})
    assert undone.status_code == 200
    assert "All of it was undone" in undone.content.decode()
    assert owners(Account)["Late"] == "Owner"


@pytest.mark.parametrize(
    "data",
    [{"rule": "?"}, {"to": ["x", "-1", "9" * 30]}, {"rule-account": "drop"}, {"rule-account": "9999999"},
     {"to": "²"}, {"rule": "territory", "rule-lead": "territory"}],
)  # fmt: skip
def test_nonsense_is_left_out(cast, portfolio, signed_in, data):
    assert signed_in(cast.admin).get(address(cast), data).status_code == 200
    answer = signed_in(cast.admin).post(address(cast), data)
    assert answer.status_code == 422
    assert Change.objects.count() == 0


def test_nobody_inactive_nor_the_leaver_receives(cast, portfolio, signed_in):
    gone = make_person("gone", "seller", None)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    Contact.objects.filter(name="C of theirs").delete()

    page = (
        signed_in(cast.admin)
        .get(address(cast), {"rule": "one", "to": [gone.pk, cast.owner.pk]})
        .content.decode()
    )

    assert "Undecided: stays with Owner" in page
    assert 'type="submit" disabled' in page


@pytest.mark.parametrize(
    "name", ["handover_result", "handover_undo", "handover_deactivate", "handover_go_on"]
)
def test_only_administrators_see_or_touch_one(cast, portfolio, signed_in, name):
    job = running.begin(plan(cast, cast.teammate), operation=act(cast.admin))
    client, url = signed_in(cast.manager), reverse(name, args=[job.pk])

    answer = client.get(url) if name == "handover_result" else client.post(url)

    assert answer.status_code == 403
    assert owners(Account)["A1"] == "Teammate"
    assert User.objects.get(pk=cast.owner.pk).is_active


def test_the_queries_of_the_page_do_not_grow(cast, portfolio, signed_in, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, wish = signed_in(cast.admin), {"rule": "territory", "to": [cast.outsider.pk, cast.teammate.pk]}
    zone = Zone.objects.create(name="Ebro")
    zone.people.add(cast.teammate)
    Account.objects.update(zone=zone)
    with CaptureQueriesContext(connection) as few:
        client.get(address(cast), wish)
    for number in range(40):
        account = Account.objects.create(name=f"N{number}", owner=cast.owner, zone=zone)
        Contact.objects.create(first_name="C", name=f"C{number}", account=account, owner=cast.owner)
    with django_assert_num_queries(len(few)):
        client.get(address(cast), wish)
