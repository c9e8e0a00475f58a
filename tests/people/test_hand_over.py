"""What a leaver looks after goes to others by rules, in one act that goes back whole or in part."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from clientela.access.actor import actor_of
from clientela.access.models import Team, User
from clientela.domain.parties.models import Account, Contact, Zone
from clientela.domain.sales.models import Lead, Opportunity
from clientela.platform.audit import longacts
from clientela.platform.audit.models import Change
from clientela.platform.audit.undo import undo
from clientela.platform.handover import planning, running, work
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.handover.planning import Wish
from clientela.platform.people import lifecycle
from clientela.records import registry, write
from clientela.records.errors import Invalid, Refused
from tests.cast import make_person
from tests.people.leaving import act, owners, plan

pytestmark = pytest.mark.django_db


def test_notes_are_nobodys_work_and_accounts_come_before_what_goes_along(db):
    keys = [kind.key for kind in work.kinds()]

    assert keys.index("account") < min(keys.index("contact"), keys.index("opportunity"))
    assert "note" not in keys
    assert {"lead", "user"} & set(keys) == {"lead"}


def test_all_to_one_leaves_what_is_closed(cast, portfolio):
    made = plan(cast, cast.outsider, cast.teammate, rule="one")
    assert (made.total, made.undecided, made.closed) == (9, 0, 2)

    job = running.begin(made, operation=act(cast.admin))

    assert (job.status, job.done, job.left) == (Status.DONE, 9, [])
    assert set(owners(Account).values()) == {"Outsider", "Teammate"}
    assert owners(Contact) == {"C1": "Outsider", "Alone": "Outsider", "C of theirs": "Teammate"}
    assert owners(Opportunity) == {"Open deal": "Outsider", "Won deal": "Owner"}
    assert owners(Lead) == {"New": "Outsider", "Old": "Owner"}


def test_in_turns_with_contacts_and_deals_at_their_accounts(cast, portfolio):
    running.begin(plan(cast, cast.outsider, cast.teammate), operation=act(cast.admin))

    assert owners(Account) == {
        "A1": "Outsider", "A2": "Teammate", "A3": "Outsider", "A4": "Teammate", "Theirs": "Teammate",
    }  # fmt: skip
    assert owners(Contact) == {"C1": "Outsider", "Alone": "Outsider", "C of theirs": "Teammate"}
    assert owners(Opportunity)["Open deal"] == "Teammate"


def test_by_zone_in_turns_within_it_and_to_those_chosen_elsewhere(cast, portfolio):
    shared, empty = Zone.objects.create(name="Shared"), Zone.objects.create(name="Empty")
    gone = make_person("gone", "seller", None)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    shared.people.set([cast.outsider, cast.manager, cast.owner, gone])
    Account.objects.filter(name__in=["A1", "A2", "A3"]).update(zone=shared)
    Account.objects.filter(name="A4").update(zone=empty)

    running.begin(plan(cast, cast.teammate, rule="territory"), operation=act(cast.admin))

    assert owners(Account) == {
        "A1": "Manager", "A2": "Outsider", "A3": "Manager", "A4": "Teammate", "Theirs": "Teammate",
    }  # fmt: skip
    assert owners(Contact)["C1"] == "Manager"
    assert owners(Opportunity)["Open deal"] == "Outsider"
    assert owners(Lead)["New"] == "Teammate"


def test_a_kind_may_have_a_rule_of_its_own_or_stay(cast, portfolio):
    made = plan(cast, cast.teammate, lead="stay", contact=str(cast.manager.pk))
    assert made.undecided == 1

    running.begin(made, operation=act(cast.admin))

    assert owners(Lead)["New"] == "Owner"
    assert set(owners(Contact).values()) == {"Manager"}


def test_without_anybody_chosen_only_what_follows_moves(cast, portfolio):
    made = plan(cast)

    assert (made.total, made.undecided) == (1, 8)
    assert made.as_data() == {
        "contact": {str(cast.teammate.pk): [Contact.objects.get(name="C of theirs").pk]}
    }


def test_nothing_to_hand_over_is_said(cast):
    with pytest.raises(Invalid, match="nothing to hand over"):
        running.begin(plan(cast, cast.teammate), operation=act(cast.admin))
    assert HandOver.objects.count() == 0


@pytest.mark.parametrize("who", ["manager", "owner"])
def test_only_administrators_hand_over(cast, portfolio, who):
    with pytest.raises(Refused):
        running.begin(plan(cast, cast.teammate), operation=act(getattr(cast, who)))
    assert (HandOver.objects.count(), Change.objects.count()) == (0, 0)


def test_it_is_one_audited_act_and_his_history_stays_his(cast, portfolio):
    # given the owner changed an account himself
    write.change(registry.get("account"), portfolio[0], {"description": "Good"}, operation=act(cast.owner))
    operation = act(cast.admin)

    job = running.begin(plan(cast, cast.teammate), operation=operation)

    made = Change.objects.filter(operation=operation.id)
    assert made.count() == 9
    told = set(made.values_list("actor__name", "source", "reference", "label", "verb"))
    assert told == {("Admin", "hand-over", str(job.pk), "Hand-over of Owner", "update")}
    assert all(change.after == {"owner": cast.teammate.pk} for change in made)
    mine = Change.objects.get(actor=cast.owner)
    assert (mine.record, mine.after) == ("account", {"description": "Good"})


def test_it_goes_back_whole(cast, portfolio):
    before = [owners(model) for model in (Account, Contact, Opportunity, Lead)]
    job = running.begin(plan(cast, cast.outsider, cast.teammate), operation=act(cast.admin))

    running.take_back(job, actor=actor_of(cast.admin))

    assert [owners(model) for model in (Account, Contact, Opportunity, Lead)] == before
    assert sum(running.taken_back(job).values()) == job.total
    with pytest.raises(Refused):
        running.take_back(job, actor=actor_of(cast.admin))


def test_or_only_what_one_got_and_what_changed_since_is_respected(cast, portfolio):
    job = running.begin(plan(cast, cast.outsider, cast.teammate), operation=act(cast.admin))
    third = Account.objects.get(name="A3")
    write.change(registry.get("account"), third, {"owner": cast.manager.pk}, operation=act(cast.admin))

    done = running.take_back(job, actor=actor_of(cast.admin), receiver=cast.outsider.pk)

    assert [title for title, _fields in done.conflicts] == ["A3"]
    assert owners(Account) == {
        "A1": "Owner", "A2": "Teammate", "A3": "Manager", "A4": "Teammate", "Theirs": "Teammate",
    }  # fmt: skip
    assert owners(Contact) == {"C1": "Owner", "Alone": "Owner", "C of theirs": "Teammate"}
    # the rest goes back later, and the toast's own undo too
    undo(job.operation, actor=actor_of(cast.admin))
    assert owners(Account)["A2"] == "Owner"


def test_who_leaves_is_deactivated_afterwards_in_an_act_of_its_own(cast, portfolio):
    job = running.begin(plan(cast, cast.teammate), operation=act(cast.admin), deactivates=True)

    assert User.objects.get(pk=cast.owner.pk).is_active is False
    change = Change.objects.get(record="user")
    assert (change.operation != job.operation, change.label) == (True, "Owner left")


def test_the_last_administrator_is_not_deactivated_but_the_work_moves(cast, portfolio):
    boss = make_person("boss", "admin", Team.objects.get(name="Direction"))
    Account.objects.filter(owner=cast.owner).update(owner=cast.admin)
    wish = Wish(cast.admin, (cast.teammate,))
    lifecycle.deactivate(boss, operation=act(cast.admin))
    made = planning.make(wish, work.kinds(), actor_of(cast.admin))

    job = running.begin(made, operation=act(cast.admin), deactivates=True)

    assert (job.status, "cannot deactivate yourself" in job.error) == (Status.DONE, True)
    assert set(owners(Account).values()) == {"Teammate"}


# --- much at once ----------------------------------------------------------------------------------


@pytest.fixture
def much(cast, monkeypatch):
    monkeypatch.setattr(running, "TOGETHER", 10)
    monkeypatch.setattr(running, "PART", 7)
    for number in range(30):
        Account.objects.create(name=f"N{number:02}", owner=cast.owner)


def begin_much(cast) -> HandOver:
    return running.begin(plan(cast, cast.outsider, cast.teammate), operation=act(cast.admin))


def test_much_is_done_by_the_worker_part_by_part(cast, much, run_jobs, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = begin_much(cast)
    assert (job.status, Account.objects.filter(owner=cast.owner).count()) == (Status.WAITING, 30)

    run_jobs()

    job.refresh_from_db()
    assert (job.status, job.done, job.percent) == (Status.DONE, 30, 100)
    assert Account.objects.filter(owner=cast.outsider).count() == 15
    assert Change.objects.values("operation").distinct().count() == 1
    # and back
    with django_capture_on_commit_callbacks(execute=True):
        running.enqueue_undo(job, actor_of(cast.admin))
    run_jobs()
    assert Account.objects.filter(owner=cast.owner).count() == 30


def test_one_broken_off_goes_on_where_it_was_by_the_same_plan(
    cast, much, run_jobs, monkeypatch, django_capture_on_commit_callbacks
):
    job, give, calls = begin_much(cast), running._give, []

    def dying(*given):
        calls.append(given)
        if len(calls) == 3:
            raise KeyError("the machine went away")
        return give(*given)

    monkeypatch.setattr(running, "_give", dying)
    with pytest.raises(KeyError):
        running.run(job)
    job.refresh_from_db()
    assert (job.status, job.done, Account.objects.filter(owner=cast.owner).count()) == (Status.FAILED, 14, 16)
    monkeypatch.setattr(running, "_give", give)
    # as if its process was gone without a word
    HandOver.objects.update(status=Status.RUNNING, heartbeat_at=job.created_at - 2 * longacts.STALE)

    with django_capture_on_commit_callbacks(execute=True):
        assert running.resume_interrupted() == 1
    run_jobs()

    job.refresh_from_db()
    assert (job.status, job.done) == (Status.DONE, 30)
    assert Account.objects.filter(owner=cast.outsider).count() == 15
    assert Account.objects.filter(owner=cast.teammate).count() == 15
    assert Change.objects.values("record_id").distinct().count() == Change.objects.count() == 30


def test_who_may_no_longer_do_it_changes_nothing_more(cast, much):
    job = begin_much(cast)
    make_person("boss", "admin", None)
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)

    running.run(job)

    job.refresh_from_db()
    assert (job.status, job.error) == (Status.FAILED, "Whoever began this may no longer do it.")
    assert Account.objects.filter(owner=cast.owner).count() == 30


def test_what_changed_hands_meanwhile_stays_there(cast, much):
    job = begin_much(cast)
    Account.objects.filter(name="N07").update(owner=cast.manager)

    running.run(job)

    assert Account.objects.get(name="N07").owner == cast.manager
    assert Account.objects.filter(owner=cast.owner).count() == 0


def test_a_second_one_waits_for_the_first(cast, much):
    begin_much(cast)

    with pytest.raises(Refused, match="under way"):
        begin_much(cast)
    assert HandOver.objects.count() == 1


def test_a_transaction_that_fails_leaves_no_trace(cast, portfolio, monkeypatch):
    monkeypatch.setattr(running, "PART", 2)
    part, calls = running.part, []

    def dying(job):
        calls.append(job)
        if len(calls) == 3:
            raise KeyError("the machine went away")
        return part(job)

    monkeypatch.setattr(running, "part", dying)
    with pytest.raises(KeyError), transaction.atomic():
        running.begin(plan(cast, cast.teammate), operation=act(cast.admin))

    assert (HandOver.objects.count(), Change.objects.count()) == (0, 0)
    assert owners(Account)["A1"] == "Owner"


@given(
    st.lists(st.sampled_from([None, 1, 2]), max_size=30),
    st.integers(min_value=0, max_value=4),
    st.sampled_from([*planning.RULES, planning.STAY]),
)
def test_by_the_rules_alone_nobody_gets_more_than_a_fair_share(places, number, rule):
    """Places as the database gives them: in no territory, in one of two people, in one of nobody."""
    people = [User(pk=100 + place) for place in range(number)]
    chooser = planning._Chooser(rule, Wish(User(pk=1), tuple(people), rule), {1: [500, 501]})

    received = [chooser.choose(place) for place in places]

    assert set(received) <= {None, 500, 501, *(person.pk for person in people)}
    pairs = list(zip(received, places, strict=True))
    outside = [got for got, place in pairs if rule != "territory" or place != 1]
    fair = [outside.count(person.pk) for person in people]
    if rule == "stay" or not people:
        assert set(outside) <= {None}
    elif rule == "one":
        assert set(outside) <= {people[0].pk}
    else:
        assert None not in outside
        assert max(fair) - min(fair) <= 1
    inside = [got for got, place in pairs if rule == "territory" and place == 1]
    assert len(inside) == inside.count(500) + inside.count(501)
    assert inside.count(500) - inside.count(501) in (0, 1)
