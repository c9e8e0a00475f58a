"""Many records changed at once."""

from __future__ import annotations

import json

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account, Affiliation, Contact, Tag
from clientela.domain.sales.models import Opportunity, StageKind
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def make(person, record="account", **values):
    return write.create(registry.get(record), values, operation=Operation(actor_of(person), PAGE))


def post(client, plural, records, **data):
    ids = [record.pk for record in records]
    return client.post(f"/{plural}/bulk/", {"ids": ids, **data}, headers=HTMX)


def toast_of(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def cities():
    return sorted(Account.objects.values_list("name", "city"))


def test_the_dialog_asks_before_anything_is_done(cast, signed_in):
    accounts = [make(cast.owner, name=name, city="Ricla") for name in ("A", "B")]

    answer = post(signed_in(cast.owner), "accounts", accounts, do="field", field="city")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.strip().startswith("<dialog")
    assert f'name="ids" value="{accounts[0].pk}"' in text
    assert 'name="city"' in text
    assert cities() == [("A", "Ricla"), ("B", "Ricla")]


def test_a_field_is_set_where_it_may_and_the_rest_is_told_and_all_comes_back(cast, signed_in):
    mine = [make(cast.owner, name=name, city="Ricla") for name in ("A", "B")]
    theirs = make(cast.teammate, name="C", city="Ricla")
    client = signed_in(cast.owner)

    answer = post(client, "accounts", [*mine, theirs], do="field", field="city", city="Épila", confirmed="1")

    assert answer.status_code == 204
    assert toast_of(answer)["text"] == "2 changed, 1 is not yours to change"
    assert cities() == [("A", "Épila"), ("B", "Épila"), ("C", "Ricla")]
    assert client.post(toast_of(answer)["undo_url"]).status_code == 204
    assert cities() == [("A", "Ricla"), ("B", "Ricla"), ("C", "Ricla")]


def test_all_that_match_the_list_and_nothing_else(cast, signed_in):
    for number in range(7):
        make(cast.owner, name=f"A{number}", city="Ricla" if number % 2 else "Épila")
    origin = "view=all&filter=" + json.dumps({"field": "city", "op": "is", "value": "Ricla"})

    answer = signed_in(cast.owner).post(
        "/accounts/bulk/",
        {"all_matching": "1", "from": origin, "do": "field", "field": "zone", "zone": "", "confirmed": "1"},
        headers=HTMX,
    )
    changed = signed_in(cast.owner).post(
        "/accounts/bulk/",
        {"all_matching": "1", "from": origin, "do": "field", "field": "city", "city": "X", "confirmed": "1"},
        headers=HTMX,
    )

    assert toast_of(answer)["text"] == "0 changed"
    assert toast_of(changed)["text"] == "3 changed"
    assert Account.objects.filter(city="X").count() == 3
    assert Account.objects.filter(city="Épila").count() == 4


def test_the_owner_is_assigned_to_many(cast, signed_in):
    accounts = [make(cast.owner, name=name) for name in ("A", "B")]
    client = signed_in(cast.owner)

    asked = post(client, "accounts", accounts, do="owner").content.decode()
    answer = post(client, "accounts", accounts, do="owner", owner=cast.teammate.pk, confirmed="1")

    assert 'name="owner"' in asked
    assert answer.status_code == 204
    assert set(Account.objects.values_list("owner", flat=True)) == {cast.teammate.pk}


def test_the_dialog_promises_no_more_than_it_may_do(cast, signed_in):
    mine, theirs = make(cast.owner, name="A"), make(cast.teammate, name="B")

    answer = post(signed_in(cast.owner), "accounts", [mine, theirs], do="field", field="city")

    assert "Change 1 <kbd" in " ".join(answer.content.decode().split())
    assert "1 is not yours to change" in answer.content.decode()


def test_giving_away_what_is_ones_own_is_not_told_as_a_refusal(cast, signed_in):
    mine = [make(cast.owner, name=name) for name in ("A", "B")]

    answer = post(signed_in(cast.owner), "accounts", mine, do="owner", owner=cast.outsider.pk, confirmed="1")

    assert toast_of(answer)["text"] == "2 changed"
    assert set(Account.objects.values_list("owner_id", flat=True)) == {cast.outsider.pk}


def test_what_cannot_be_kept_changes_none_of_them(cast, signed_in):
    accounts = [make(cast.owner, name=name) for name in ("A", "B")]
    before = Change.objects.count()

    answer = post(
        signed_in(cast.owner),
        "accounts",
        accounts,
        do="field",
        field="employees",
        employees="many",
        confirmed="1",
    )

    assert answer.status_code == 422
    assert 'value="many"' in answer.content.decode()
    assert Change.objects.count() == before


def test_tags_are_added_and_taken_away_without_touching_the_others(cast, signed_in):
    old, new = Tag.objects.create(name="Old"), Tag.objects.create(name="New")
    first, second = (make(cast.owner, name=name) for name in ("A", "B"))
    first.tags.set([old])
    client = signed_in(cast.owner)

    def change(mode, tag):
        return post(
            client,
            "accounts",
            [first, second],
            do="field",
            field="tags",
            tags=[tag.pk],
            mode=mode,
            confirmed="1",
        )

    assert toast_of(change("add", new))["text"] == "2 changed"
    assert {tag.name for tag in first.tags.all()} == {"Old", "New"}
    assert {tag.name for tag in second.tags.all()} == {"New"}
    assert toast_of(change("remove", old))["text"] == "1 changed"
    assert {tag.name for tag in first.tags.all()} == {"New"}


def test_contacts_are_tied_to_an_account_with_a_role_and_untied_again(cast, signed_in):
    account, other = make(cast.owner, name="Áridos"), make(cast.owner, name="Other")
    contacts = [make(cast.owner, "contact", name=name) for name in ("Ana Gil", "Luis Oro")]
    tied = make(cast.owner, "contact", name="Eva Pons", account=other.pk)
    client = signed_in(cast.owner)
    line = {
        "affiliations": ["", "new1"],
        "affiliations-new1-account": account.pk,
        "affiliations-new1-role": "Buyer",
        "field": "affiliations",
        "do": "field",
        "confirmed": "1",
    }

    added = post(client, "contacts", [*contacts, tied], mode="add", **line)

    assert toast_of(added)["text"] == "3 changed"
    assert Affiliation.objects.filter(account=account, role="Buyer").count() == 3
    assert set(Contact.objects.values_list("name", "account__name")) == {
        ("Ana Gil", "Áridos"),
        ("Luis Oro", "Áridos"),
        ("Eva Pons", "Other"),
    }
    removed = post(client, "contacts", [*contacts, tied], mode="remove", **line)
    assert toast_of(removed)["text"] == "3 changed"
    assert not Affiliation.objects.filter(account=account).exists()
    assert Affiliation.objects.get().account == other
    client.post(toast_of(removed)["undo_url"])
    assert Affiliation.objects.filter(account=account, role="Buyer").count() == 3


def test_deleting_many_leaves_what_is_not_ones_own_and_can_be_undone(cast, signed_in):
    mine, theirs = make(cast.owner, name="A"), make(cast.teammate, name="B")
    client = signed_in(cast.owner)

    asked = post(client, "accounts", [mine, theirs], do="delete")
    assert "Delete 2 records?" in asked.content.decode()
    answer = post(client, "accounts", [mine, theirs], do="delete", confirmed="1")

    assert toast_of(answer)["text"] == "1 deleted, 1 is not yours to change"
    assert [account.name for account in Account.objects.all()] == ["B"]
    client.post(toast_of(answer)["undo_url"])
    assert sorted(Account.objects.values_list("pk", "name")) == [(mine.pk, "A"), (theirs.pk, "B")]


def test_an_action_is_done_to_those_for_which_it_can_be(cast, signed_in):
    deals = [make(cast.owner, "opportunity", name=name) for name in ("A", "B")]
    client = signed_in(cast.owner)
    post(client, "opportunities", deals[:1], do="action:win", confirmed="1")

    answer = post(client, "opportunities", deals, do="action:win", confirmed="1")

    assert answer.status_code == 204
    assert set(Opportunity.objects.values_list("stage__kind", flat=True)) == {StageKind.WON}
    client.post(toast_of(answer)["undo_url"])
    kinds = Opportunity.objects.order_by("name").values_list("stage__kind", flat=True)
    assert list(kinds) == [StageKind.WON, StageKind.OPEN]


@pytest.mark.parametrize("do", ["field", "owner", "delete", "action:win"])
def test_a_reader_changes_nothing(cast, signed_in, do):
    deal = make(cast.owner, "opportunity", name="A")
    before = Change.objects.count()

    answer = post(signed_in(cast.reader), "opportunities", [deal], do=do, confirmed="1", field="close_date")

    assert answer.status_code == 403
    assert Change.objects.count() == before


def test_what_somebody_does_not_see_is_not_even_counted(cast, signed_in):
    hidden = make(cast.outsider, name="A", city="Ricla")

    answer = post(
        signed_in(cast.owner), "accounts", [hidden], do="field", field="city", city="X", confirmed="1"
    )

    assert toast_of(answer)["text"] == "0 changed"
    assert cities() == [("A", "Ricla")]


@pytest.mark.parametrize("do", ["", "nonsense", "action:lose", "action:nonsense"])
def test_what_is_not_offered_is_not_found(cast, signed_in, do):
    deal = make(cast.owner, "opportunity", name="A")

    assert post(signed_in(cast.owner), "opportunities", [deal], do=do, confirmed="1").status_code == 404


def test_setting_many_takes_the_same_queries_for_few_as_for_more(
    cast, signed_in, django_assert_max_num_queries
):
    accounts = [make(cast.owner, name=f"A{number}") for number in range(30)]
    client = signed_in(cast.owner)

    with django_assert_max_num_queries(40):
        answer = post(client, "accounts", accounts, do="field", field="city", city="X", confirmed="1")

    assert toast_of(answer)["text"] == "30 changed"
