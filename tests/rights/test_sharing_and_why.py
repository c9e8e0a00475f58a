"""Sharing from a record's page, who sees it, why somebody does not, and seeing as somebody else."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from clientela.access import policy, rules
from clientela.access.actor import actor_of
from clientela.access.models import Role, Share, User
from clientela.domain.parties.models import Zone
from clientela.platform.audit.models import Change, SecurityEvent
from clientela.platform.people import sharing
from clientela.platform.rights import who, why
from clientela.records import query, registry, urlnames
from clientela.records.changes import Operation, Source
from tests.cast import Cast, give_roles
from tests.contract import samples

pytestmark = pytest.mark.django_db


def account() -> Any:
    return registry.get("account")


def operation(user: User) -> Operation:
    return Operation(actor_of(user), Source("test"))


def share_url(record: Any) -> str:
    return reverse("record_share", args=["accounts", record.pk])


# --- sharing ---------------------------------------------------------------------------------------


def test_a_record_is_shared_found_by_the_other_and_taken_back(cast: Cast, signed_in) -> None:
    # given
    record = samples.make(account(), cast.owner)
    client, other = signed_in(cast.owner), signed_in(cast.outsider)
    page = urlnames.record_url(account(), record.pk)
    assert other.get(page).status_code == 404
    assert client.get(share_url(record)).status_code == 200
    # when
    day = (timezone.now() + dt.timedelta(days=3)).date().isoformat()
    sent = {"person": cast.outsider.pk, "level": "write", "until": day}
    answer = client.post(share_url(record), sent)
    # then
    assert answer.status_code == 204
    share = Share.objects.get()
    assert (share.user, share.level, share.by) == (cast.outsider, "write", cast.owner)
    assert share.until is not None
    assert share.until.date() == dt.date.fromisoformat(day) + dt.timedelta(days=1)
    assert other.get(page).status_code == 200
    assert str(record) in other.get(urlnames.list_url(account(), view="all")).content.decode()
    assert str(record) in other.get(reverse("rights_received")).content.decode()
    assert ">Shared</span>" in client.get(page).content.decode()
    # when it ends
    ended = client.post(reverse("record_share_end", args=["accounts", record.pk, share.pk]))
    # then
    assert ended.status_code == 204
    assert other.get(page).status_code == 404
    assert list(Change.objects.filter(record="share").order_by("pk").values_list("verb", flat=True)) == [
        "create",
        "delete",
    ]
    # when that is taken back, and then that too
    again = json.loads(ended.headers["HX-Trigger"])["toast"]["undo_url"]
    assert signed_in(cast.teammate).post(again).status_code == 403
    back = client.post(again)
    assert other.get(page).status_code == 200
    anew = Share.objects.get()
    assert (anew.user, anew.level, anew.until) == (share.user, share.level, share.until)
    assert client.post(json.loads(back.headers["HX-Trigger"])["toast"]["undo_url"]).status_code == 204
    assert Share.objects.count() == 0
    # and not for another record
    other_record = samples.make(account(), cast.owner)
    wrong = reverse("record_share_again", args=["accounts", other_record.pk, share.pk])
    assert client.post(wrong).status_code == 404


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, "person"),
        ({"person": "1", "team": "1"}, "person"),
        ({"person": "999999"}, "person"),
        ({"team": "x"}, "person"),
        ({"person": "{outsider}", "until": "2001-01-01"}, "until"),
        ({"person": "{outsider}", "until": "9999-12-31"}, "until"),
        ({"person": "{outsider}", "until": "soon"}, "until"),
        ({"person": "{outsider}", "level": "own"}, "level"),
    ],
)
def test_what_cannot_be_shared_is_told(cast: Cast, signed_in, sent: dict[str, str], wrong: str) -> None:
    record = samples.make(account(), cast.owner)
    sent = {name: value.format(outsider=cast.outsider.pk) for name, value in sent.items()}
    answer = signed_in(cast.owner).post(share_url(record), sent)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode() or 'role="alert"' in answer.content.decode(), wrong
    assert Share.objects.count() == 0


def test_only_who_may_change_the_record_and_share_does(cast: Cast, signed_in) -> None:
    record = samples.make(account(), cast.owner)
    for person, status in ((cast.teammate, 403), (cast.outsider, 404)):
        client = signed_in(person)
        assert client.get(share_url(record)).status_code == status
        assert client.post(share_url(record), {"person": cast.reader.pk}).status_code == status
    # a role may keep its people from sharing
    base = {"modules": {"*": True}, "records": {"*": {"see": "all", "change": "all"}}}
    kept = rules.dump({**base, "actions": {"account": {"share": False}}})
    give_roles(cast.owner, Role.objects.create(name="Own", rules=kept))
    client = signed_in(cast.owner)
    assert client.post(share_url(record), {"person": cast.outsider.pk}).status_code == 403
    assert share_url(record) not in client.get(urlnames.record_url(account(), record.pk)).content.decode()
    assert Share.objects.count() == 0


def test_a_share_of_another_record_is_not_ended_here(cast: Cast, signed_in) -> None:
    mine, other = samples.make(account(), cast.owner), samples.make(account(), cast.outsider)
    share = sharing.share(account(), other, cast.reader, operation=operation(cast.outsider))
    client = signed_in(cast.owner)
    answer = client.post(reverse("record_share_end", args=["accounts", mine.pk, share.pk]))
    assert answer.status_code == 404
    assert Share.objects.count() == 1


# --- who sees it -----------------------------------------------------------------------------------


def conditional(value: Any) -> Role:
    kept = rules.dump({"modules": {"*": True}, "records": {"account": {"see": value}}})
    return Role.objects.create(name="By condition", rules=kept)


def test_who_sees_a_record_is_what_the_policy_says_of_each(cast: Cast) -> None:
    # given records of several, one nobody's, one shared with a team, roles of every reach
    zone = Zone.objects.create(name="North")
    zone.people.add(cast.outsider)
    records = [samples.make(account(), each) for each in (cast.owner, cast.outsider, cast.manager)]
    records.append(samples.make(account(), cast.owner, zone=zone.pk))
    nobodys = samples.make(account(), cast.owner)
    type(nobodys)._default_manager.filter(pk=nobodys.pk).update(owner=None)
    nobodys.refresh_from_db()
    records.append(nobodys)
    assert cast.outsider.team is not None
    sharing.share(account(), records[0], cast.outsider.team, operation=operation(cast.owner))
    cast.outsider.team.managers.add(cast.manager)
    mine = {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}
    anybodys = {"condition": {"field": "zone", "op": "in", "value": [zone.pk]}}
    off = Role.objects.create(name="Off", rules=rules.dump({"records": {"*": {"see": "all"}}}))
    people = [cast.owner, cast.teammate, cast.manager, cast.outsider, cast.reader, cast.admin]
    given: list[dict[str, list[Any]]] = [
        {},
        {"outsider": [conditional(mine)], "teammate": [conditional(anybodys)]},
        {"outsider": [conditional("own"), "seller"], "teammate": [conditional("team")], "reader": [off]},
        {"owner": [conditional(["own", mine])], "outsider": [off], "manager": []},
    ]
    for roles in given:
        for name, held in roles.items():
            give_roles(getattr(cast, name), *held)
        for record in records:
            expected = {
                person.pk
                for person in people
                if policy.can(actor_of(User.objects.get(pk=person.pk)), "see", account(), record)
            }
            found = who.who_sees(account(), record)
            assert (set(found.people.values_list("pk", flat=True)), found.unsure) == (expected, 0)


def test_who_sees_it_is_for_administrators_and_in_pages(
    cast: Cast, signed_in, django_assert_max_num_queries
) -> None:
    record = samples.make(account(), cast.owner)
    for number in range(30):
        person = User.objects.create_user(
            f"p{number}@example.com", name=f"P {number:02}", team=cast.owner.team
        )
        give_roles(person, "seller")
    address = reverse("record_access", args=["accounts", record.pk])
    client = signed_in(cast.admin)
    with django_assert_max_num_queries(20):
        first = client.get(address).content.decode()
    assert "P 00" in first
    assert "?page=2" in first
    assert "P 29" in client.get(address + "?page=2").content.decode()
    assert client.get(address + "?page=x").status_code == 200
    assert signed_in(cast.owner).get(address).status_code == 403
    assert client.get(reverse("record_access", args=["accounts", 10**9])).status_code == 404
    assert client.get(reverse("record_access", args=["nothings", 1])).status_code == 404


# --- why -------------------------------------------------------------------------------------------


def asked(person: User, verb: str, record: Any, asker: User) -> why.Answer:
    with translation.override("en"):
        return why.answer(User.objects.get(pk=person.pk), verb, account(), record, actor_of(asker))


def test_the_verdict_comes_with_every_rule_and_ways_out(cast: Cast) -> None:
    record = samples.make(account(), cast.owner)
    # when refused
    answer = asked(cast.outsider, "see", record, cast.admin)
    # then
    assert (answer.allowed, answer.verdict) == (False, "No.")
    assert [(step.title, step.effect) for step in answer.steps] == [
        ("Signing in", "silent"),
        ("Module Customers and contacts", "silent"),
        ("Who looks after it", "silent"),
        ("Role Salesperson, see: team and below", "refuses"),
        ("Shared", "silent"),
    ]
    assert answer.steps[2].text == "Owner does, of Sales north. Outsider is of Sales south."
    assert [remedy.title for remedy in answer.remedies] == [
        "Share this record",
        "Move Outsider to the team Sales north",
        "Let the role Salesperson reach further",
        "Give another role",
    ]
    # and no way out is told that is none: a role that reaches only her own, or who is in that team already
    for person, verb in ((cast.outsider, "delete"), (cast.teammate, "delete")):
        ways = [remedy.title for remedy in asked(person, verb, record, cast.admin).remedies]
        assert ways == ["Let the role Salesperson reach further", "Give another role"]
    # when it is shared
    sharing.share(account(), record, cast.outsider, operation=operation(cast.owner))
    answer = asked(cast.outsider, "see", record, cast.admin)
    assert (answer.allowed, answer.remedies) == (True, ())
    assert answer.steps[-1].effect == "gives"
    assert not asked(cast.outsider, "change", record, cast.admin).allowed


def test_a_condition_is_told_with_the_values_it_compared(cast: Cast) -> None:
    zone = Zone.objects.create(name="North")
    record = samples.make(account(), cast.owner, zone=zone.pk, name="Gil")
    tree = {"field": "name", "op": "contains", "value": "Ferrer"}
    give_roles(cast.outsider, conditional({"condition": tree}))
    step = asked(cast.outsider, "see", record, cast.admin).steps[3]
    assert step.effect == "refuses"
    assert step.text == (
        "The record does not meet the condition of this role. "
        "It asks: Name contains Ferrer. The record has: Name: Gil."
    )


def test_hidden_fields_are_told(cast: Cast) -> None:
    record = samples.make(account(), cast.owner)
    base = {"modules": {"*": True}, "records": {"*": {"see": "all", "change": "all"}}}
    kept = rules.dump({**base, "fields": {"account": {"website": "hidden", "notes": "read"}}})
    give_roles(cast.outsider, Role.objects.create(name="Own", rules=kept))
    answer = asked(cast.outsider, "see", record, cast.admin)
    assert answer.allowed
    assert answer.hidden == ("Website",)


@pytest.mark.parametrize("verb", ["see", "change", "delete", "export", "bulk"])
def test_the_answer_is_what_the_doors_do(cast: Cast, verb: str) -> None:
    for owner in (cast.owner, cast.outsider):
        record = samples.make(account(), owner)
        for person in (cast.owner, cast.teammate, cast.manager, cast.outsider, cast.reader, cast.admin):
            expected = policy.can(actor_of(person), verb, account(), record)
            assert asked(person, verb, record, cast.admin).allowed == expected


def test_the_page_asks_by_key_by_address_and_by_choice(cast: Cast, signed_in) -> None:
    record = samples.make(account(), cast.owner)
    client, address = signed_in(cast.admin), reverse("rights_why")
    person = f"person={cast.outsider.pk}"
    for asked_for in (
        f"record=account:{record.pk}",
        f"record=https://crm.example/accounts/{record.pk}/?from=x",
        f"kind=account&id={record.pk}",
    ):
        shown = client.get(f"{address}?{person}&{asked_for}").content.decode()
        assert 'data-answer="no"' in shown, asked_for
    for nothing in ("", person, "record=account:x", "record=nothing", "kind=user&id=1", "person=%00&kind=x"):
        answer = client.get(f"{address}?{nothing}")
        assert answer.status_code == 200
        assert "data-answer" not in answer.content.decode()


# --- seeing as -------------------------------------------------------------------------------------


def test_seeing_as_is_confirmed_said_on_every_page_and_left(cast: Cast, signed_in) -> None:
    client = signed_in(cast.admin)
    record = samples.make(account(), cast.outsider)
    shown = client.get(reverse("rights_see_as") + f"?person={cast.outsider.pk}").content.decode()
    assert f'action="{reverse("people_see_as", args=[cast.outsider.pk])}"' in shown
    assert (
        reverse("people_see_as", args=[cast.admin.pk])
        not in client.get(reverse("rights_see_as") + f"?person={cast.admin.pk}").content.decode()
    )
    # when
    client.post(reverse("people_see_as", args=[cast.outsider.pk]))
    # then every page says so, offers no form of the record, and refuses writes
    for address in (urlnames.list_url(account()), urlnames.record_url(account(), record.pk), "/search/?q=x"):
        page = client.get(address).content.decode()
        assert "You see as Outsider. Nothing can be changed." in page, address
        assert "data-edit-url" not in page, address
        assert share_url(record) not in page
    assert client.post(share_url(record), {"person": cast.owner.pk}).status_code == 403
    assert client.get(reverse("rights_roles")).status_code == 403
    assert Share.objects.count() == 0
    # when he comes back
    client.post(reverse("people_see_as_stop"))
    assert "You see as" not in client.get(urlnames.list_url(account())).content.decode()
    kinds = SecurityEvent.objects.filter(kind__startswith="see_as").values_list("kind", "user_id")
    assert list(kinds.order_by("pk")) == [
        ("see_as_started", cast.admin.pk),
        ("see_as_ended", cast.admin.pk),
    ]


def test_a_record_page_asks_no_more_for_the_mark(cast: Cast, signed_in) -> None:
    record = samples.make(account(), cast.owner)
    page = urlnames.record_url(account(), record.pk)
    assert ">Shared</span>" not in signed_in(cast.owner).get(page).content.decode()
    assert query.get(account(), record.pk, actor_of(cast.owner)).pk == record.pk
