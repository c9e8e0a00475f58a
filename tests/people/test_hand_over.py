"""What a leaver looks after goes to others by rules, in one act that goes back whole or in part."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from clientela.access.actor import actor_of
from clientela.access.models import Team, User
from clientela.domain.parties.models import Account, Contact, Zone
from clientela.domain.sales.models import Lead, LeadStatus, Opportunity, Pipeline, Stage, StageKind
from clientela.platform.audit.models import Change
from clientela.platform.audit.undo import undo
from clientela.platform.handover import planning, running, work
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.handover.planning import Wish
from clientela.platform.people import lifecycle
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Invalid, Refused
from tests.cast import make_person

pytestmark = pytest.mark.django_db


def act(user: User) -> Operation:
    return Operation(actor_of(User.objects.get(pk=user.pk)), PAGE)


def plan(cast, *receivers, rule="turns", **own) -> planning.Plan:
    wish = Wish(cast.owner, tuple(receivers), rule, own)
    return planning.make(wish, work.kinds(), actor_of(cast.admin))


def owners(model, field="name") -> dict[str, str]:
    return dict(model.objects.order_by("pk").values_list(field, "owner__name"))


@pytest.fixture
def stages(db):
    pipeline = Pipeline.objects.create(name="Sales", is_default=True)
    return {
        kind: Stage.objects.create(pipeline=pipeline, name=kind.label, kind=kind, position=place)
        for place, kind in enumerate(StageKind)
    }


@pytest.fixture
def portfolio(cast, stages):
    """The owner's: four accounts, a contact of the first and one alone, an open and a won deal of the second,
    an open lead and a converted one. The teammate's: an account with a contact of the owner's."""
    accounts = [Account.objects.create(name=f"A{n}", owner=cast.owner) for n in range(1, 5)]
    theirs = Account.objects.create(name="Theirs", owner=cast.teammate)
    for name, account in (("C1", accounts[0]), ("Alone", None), ("C of theirs", theirs)):
        Contact.objects.create(first_name=name, name=name, account=account, owner=cast.owner)
    for name, kind in (("Open deal", StageKind.OPEN), ("Won deal", StageKind.WON)):
        stage = stages[kind]
        Opportunity.objects.create(
            name=name, account=accounts[1], stage=stage, pipeline=stage.pipeline, owner=cast.owner,
            amount=100, currency="EUR", amount_base=100,
        )  # fmt: skip
    Lead.objects.create(first_name="New", name="New", owner=cast.owner)
    Lead.objects.create(first_name="Old", name="Old", owner=cast.owner, status=LeadStatus.CONVERTED)
    return accounts


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
    HandOver.objects.update(status=Status.RUNNING, heartbeat_at=job.created_at - 2 * running.STALE)

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


# --- the pages -------------------------------------------------------------------------------------


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
    assert 'type="submit" formmethod="post" disabled' in page


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
