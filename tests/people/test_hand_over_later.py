"""Exceptions of a hand-over, one for a day to come, and the mails about it."""

from __future__ import annotations

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from clientela.access.models import User
from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import Opportunity
from clientela.platform.audit.models import Change
from clientela.platform.handover import letters, planned, running, tasks
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.signing.models import Invitation
from clientela.records.errors import Invalid, Refused
from tests.duplicates.builders import make
from tests.people.leaving import act, owners, wishing

pytestmark = pytest.mark.django_db
BASE = "https://crm.example/"


def account(name: str) -> Account:
    return Account.objects.get(name=name)


def day(ahead: int) -> dt.date:
    return timezone.now().date() + dt.timedelta(days=ahead)


def address(cast) -> str:
    return reverse("handover", args=[cast.owner.pk])


def seen_in(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


@pytest.fixture
def day_comes(run_jobs, django_capture_on_commit_callbacks):
    """The day of a planned one comes, two workers look for it, and one of them does it."""

    def come(job: HandOver) -> list[int]:
        HandOver.objects.filter(pk=job.pk).update(due_at=timezone.now() - dt.timedelta(seconds=1))
        with django_capture_on_commit_callbacks(execute=True):
            begun = [running.resume_interrupted(), running.resume_interrupted()]
        run_jobs()
        job.refresh_from_db()
        return begun

    return come


# --- exceptions ------------------------------------------------------------------------------------


def test_single_records_go_to_somebody_else_or_stay_and_all_goes_back(cast, portfolio):
    # given the second account goes to the manager, the third stays, and the deal of the second follows it
    single = {("account", portfolio[1].pk): str(cast.manager.pk), ("account", portfolio[2].pk): "stay"}
    made = wishing(cast, cast.teammate, rule="one", single=single, others=(cast.manager,))
    assert (made.total, made.undecided) == (8, 1)
    # when
    job = running.begin(made, operation=act(cast.admin))
    # then
    assert owners(Account) == {
        "A1": "Teammate", "A2": "Manager", "A3": "Owner", "A4": "Teammate", "Theirs": "Teammate",
    }  # fmt: skip
    assert owners(Opportunity)["Open deal"] == "Manager"
    # when
    running.take_back(job, actor=act(cast.admin).actor)
    # then
    assert set(owners(Account).values()) == {"Owner", "Teammate"}
    assert set(owners(Contact).values()) == {"Owner"}


def test_an_exception_takes_no_turn(cast, portfolio):
    single = {("account", portfolio[0].pk): str(cast.teammate.pk)}
    made = wishing(cast, cast.teammate, cast.outsider, single=single)

    (accounts,) = (share for share in made.shares if share.kind.key == "account")

    assert {person: len(ids) for person, ids in accounts.given.items()} == {
        cast.teammate.pk: 3,
        cast.outsider.pk: 1,
    }


def test_the_page_lists_records_takes_exceptions_and_keeps_them(cast, portfolio, signed_in):
    client = signed_in(cast.admin)
    make("account", cast.owner, name="Canteras de Ricla")
    chosen = f"one-account-{portfolio[1].pk}"
    wish = {
        "rule": "one",
        "to": cast.teammate.pk,
        "also": cast.manager.pk,
        "open": "account",
        "find": "ríclà",
    }
    # when one record is looked for and another has an exception
    page = client.get(address(cast), {**wish, chosen: cast.manager.pk}).content.decode()
    # then both are listed, and no other
    names = ("A1", "A2", "A3", "A4", "Canteras de Ricla")
    assert [name for name in names if f"Who gets {name}" in page] == ["A2", "Canteras de Ricla"]
    assert f'name="{chosen}"' in page
    assert owners(Account)["A2"] == "Owner"
    # when it is confirmed as seen
    sent = {**wish, chosen: cast.manager.pk, "seen": seen_in(page)}
    assert client.post(address(cast), sent).status_code == 302
    # then
    assert owners(Account)["A2"] == "Manager"
    assert owners(Account)["A3"] == "Teammate"


@pytest.mark.parametrize("value", ["nonsense", "999999", "0", "-1", "9" * 30])
def test_an_exception_that_cannot_be_is_none(cast, portfolio, signed_in, value):
    wish = {"rule": "one", "to": cast.teammate.pk}
    plain = signed_in(cast.admin).get(address(cast), wish).content.decode()
    made = {
        **wish,
        f"one-account-{portfolio[0].pk}": value,
        "one-nonsense-1": "stay",
        "one-account-x": "stay",
    }
    page = signed_in(cast.admin).get(address(cast), made).content.decode()

    assert seen_in(page) == seen_in(plain)


def test_who_was_invited_may_receive_and_is_named_and_nobody_inactive_does(cast, portfolio, signed_in):
    # given
    new = User.objects.create_user("new@example.com", name="New Comer")
    Invitation.objects.create(user=new, expires_at=timezone.now() + dt.timedelta(days=3))
    wish = {"rule": "one", "to": new.pk}
    # then
    page = signed_in(cast.admin).get(address(cast), wish).content.decode()
    assert "Invited, but not in yet: New Comer." in page
    # and once she is deactivated nothing can go to her, by a rule or singly
    User.objects.filter(pk=new.pk).update(is_active=False)
    singly = {"rule": "one", "to": cast.teammate.pk, f"one-account-{portfolio[0].pk}": new.pk}
    for given in (wish, singly):
        assert "New Comer" not in signed_in(cast.admin).get(address(cast), given).content.decode()


def test_who_is_deactivated_between_the_plan_and_her_turn_gets_nothing(cast, portfolio):
    made = wishing(cast, cast.teammate, cast.outsider)
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)

    job = running.begin(made, operation=act(cast.admin))

    assert "Outsider" not in owners(Account).values()
    assert {reason for _key, _pk, _title, reason in job.left} == {
        "Whoever should get it was deactivated meanwhile."
    }


# --- a day to come ---------------------------------------------------------------------------------


def keep(cast, made, ahead=7, **more) -> HandOver:
    return planned.keep(made, day(ahead), operation=act(cast.admin), base=BASE, **more)


def test_it_is_done_on_its_day_with_what_is_new_and_goes_back(cast, portfolio, run_jobs, day_comes):
    # given
    single = {("account", portfolio[2].pk): "stay"}
    job = keep(cast, wishing(cast, cast.teammate, rule="one", single=single), deactivates=True)
    assert (job.status, job.total) == (Status.PLANNED, 8)
    # when it is not its day yet
    assert running.resume_interrupted() == 0
    run_jobs()
    # then
    assert set(owners(Account).values()) == {"Owner", "Teammate"}
    # given one record more, and one that changed hands
    Account.objects.create(name="New since", owner=cast.owner)
    Account.objects.filter(name="A4").update(owner=cast.outsider)
    # when its day comes, and two workers look
    assert day_comes(job) == [1, 0]
    # then
    assert (job.status, job.done, job.total, job.error) == (Status.DONE, 8, 8, "")
    assert owners(Account) == {
        "A1": "Teammate", "A2": "Teammate", "A3": "Owner", "A4": "Outsider", "Theirs": "Teammate",
        "New since": "Teammate",
    }  # fmt: skip
    assert not User.objects.get(pk=cast.owner.pk).is_active
    assert set(Change.objects.filter(operation=job.operation).values_list("actor", flat=True)) == {
        cast.admin.pk
    }
    # and it goes back
    running.take_back(job, actor=act(cast.admin).actor)
    assert owners(Account)["New since"] == "Owner"


def test_who_is_gone_by_then_is_passed_over(cast, portfolio, day_comes):
    job = keep(cast, wishing(cast, cast.teammate, cast.outsider))
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)

    day_comes(job)

    assert set(owners(Account).values()) == {"Teammate"}


def test_who_may_no_longer_do_it_by_then_changes_nothing_and_is_told(cast, portfolio, day_comes):
    job = keep(cast, wishing(cast, cast.teammate))
    cast.admin.roles.set([])

    day_comes(job)

    assert (job.status, job.error) == (Status.FAILED, "Whoever began this may no longer do it.")
    assert Change.objects.count() == 0
    (letter,) = mail.outbox
    assert letter.to == [cast.admin.email]
    assert "stopped: Whoever began this may no longer do it." in letter.body


@pytest.mark.parametrize("ahead", [-1, 0, 367])
def test_a_day_that_has_passed_or_is_far_is_refused(cast, portfolio, ahead):
    with pytest.raises(Invalid):
        keep(cast, wishing(cast, cast.teammate), ahead)
    assert not HandOver.objects.exists()


def test_one_at_a_time_is_planned_and_only_by_administrators(cast, portfolio):
    keep(cast, wishing(cast, cast.teammate))
    with pytest.raises(Refused, match="planned already"):
        keep(cast, wishing(cast, cast.outsider))
    with pytest.raises(Refused):
        planned.keep(wishing(cast, cast.outsider), day(2), operation=act(cast.manager))
    assert HandOver.objects.count() == 1


def test_it_is_planned_seen_and_cancelled_on_the_pages(cast, portfolio, signed_in, day_comes):
    # given
    client, wish = signed_in(cast.admin), {"rule": "one", "to": cast.teammate.pk, "on": day(7).isoformat()}
    page = client.get(address(cast), wish).content.decode()
    assert "Plan for 9 records" in page
    # when
    response = client.post(address(cast), {**wish, "seen": seen_in(page)})
    # then
    job = HandOver.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("handover_result", args=[job.pk]))
    assert job.base == "http://testserver/"
    shown = client.get(response["Location"]).content.decode()
    assert "It is done on" in shown
    assert "Undo all of it" not in shown
    assert "A hand-over is planned for" in client.get(address(cast)).content.decode()
    # when it is cancelled, by nobody but an administrator
    cancel = reverse("handover_cancel", args=[job.pk])
    assert signed_in(cast.manager).post(cancel).status_code == 403
    assert client.get(cancel).status_code == 405
    assert "Cancelled by Admin" in client.post(cancel).content.decode()
    assert client.post(cancel).status_code == 409
    # then its day passes
    assert day_comes(job) == [0, 0]
    assert Change.objects.count() == 0
    assert owners(Account)["A1"] == "Owner"


@pytest.mark.parametrize("on", ["yesterday", "2020-01-01", "9999-12-31", "\x00"])
def test_a_day_that_is_none_is_told_on_the_page(cast, portfolio, signed_in, on):
    client, wish = signed_in(cast.admin), {"rule": "one", "to": cast.teammate.pk}
    seen = seen_in(client.get(address(cast), wish).content.decode())

    response = client.post(address(cast), {**wish, "on": on, "seen": seen})

    assert response.status_code == 422
    assert "Choose a day from tomorrow on" in response.content.decode()
    assert not HandOver.objects.exists()


# --- mails -----------------------------------------------------------------------------------------


def test_each_who_got_something_and_who_ordered_it_are_told_once(cast, portfolio, run_jobs):
    # when
    made = wishing(cast, cast.teammate, cast.outsider)
    job = running.begin(made, operation=act(cast.admin), base=BASE)
    assert mail.outbox == []
    run_jobs()
    # then
    told = {letter.to[0]: letter.body for letter in mail.outbox}
    assert set(told) == {cast.teammate.email, cast.outsider.email, cast.admin.email}
    assert len(mail.outbox) == 3
    assert "Accounts: 2" in told[cast.teammate.email]
    assert f"{BASE}accounts/?" in told[cast.teammate.email]
    assert "9 records" not in told[cast.teammate.email]
    assert "The hand-over of Owner is done: 9 records." in told[cast.admin.email]
    assert f"{BASE}settings/hand-overs/{job.pk}/" in told[cast.admin.email]
    # and again, whatever is done twice
    job.refresh_from_db()
    letters.tell_later(job)
    run_jobs()
    assert len(mail.outbox) == 3


def test_a_mail_server_that_does_not_answer_is_asked_again(cast, portfolio, run_jobs, monkeypatch):
    # given
    job = running.begin(wishing(cast, cast.teammate), operation=act(cast.admin), base=BASE)

    def refuse(*_given: object) -> None:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(letters, "_send", refuse)
        run_jobs()
    job.refresh_from_db()
    assert (mail.outbox, job.told, job.status) == ([], [], Status.DONE)
    # when
    tasks.tell.func(job.pk, cast.teammate.pk, Status.DONE, 1)
    # then
    assert [letter.to for letter in mail.outbox] == [[cast.teammate.email]]


def test_what_is_not_written_is_not_told(cast, portfolio, run_jobs, monkeypatch):
    def fail(*_given: object) -> None:
        raise Refused("no")

    monkeypatch.setattr(running, "_finish", fail)
    with pytest.raises(Refused):
        running.begin(wishing(cast, cast.teammate), operation=act(cast.admin), base=BASE)
    run_jobs()

    assert mail.outbox == []
    assert not HandOver.objects.exists()
