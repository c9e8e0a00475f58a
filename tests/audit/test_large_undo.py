"""Undoing what is over very many records: who asks goes on working, the worker does it and tells how far."""

from __future__ import annotations

import json

import pytest

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account
from clientela.platform.audit import leaving, longacts, undo
from clientela.platform.audit.models import Change, LargeUndo
from clientela.platform.handover import running
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
from tests.people.leaving import act, owners, plan
from tests.transfer import files

pytestmark = pytest.mark.django_db
ACCOUNT = registry.get("account")
HTMX = {"HX-Request": "true", "HX-Target": "act-progress"}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """What is very many here: more than three, in parts of two."""
    monkeypatch.setattr(leaving, "AT_ONCE", 3)
    monkeypatch.setattr(undo, "CHUNK", 2)


@pytest.fixture
def accounts(cast):
    """Five accounts of the owner's, made in one act; the operation."""
    operation = Operation(actor_of(cast.owner), PAGE, label="Made")
    items = [(None, {"name": f"A{place}", "city": "Ricla"}) for place in range(5)]
    write.apply_many(ACCOUNT, items, operation=operation)
    return operation.id


@pytest.fixture
def post(signed_in, django_capture_on_commit_callbacks):
    def posted(who, address, **data):
        with django_capture_on_commit_callbacks(execute=True):
            return signed_in(who).post(address, data)

    return posted


def percents(monkeypatch, kind):
    """How far the page of the only job of a kind says that it is, after each part."""
    whole, seen = undo.undo_in_parts, []

    def watched(*given, **more):
        for part in whole(*given, **more):
            yield part
            seen.append(kind.objects.latest("id").percent_undone)

    monkeypatch.setattr(undo, "undo_in_parts", watched)
    return seen


def test_an_act_that_no_job_did_goes_back_on_the_worker(
    cast, accounts, post, signed_in, run_jobs, monkeypatch
):
    # when
    page = f"/acts/{accounts}/"
    answer = post(cast.owner, f"{page}undo/")
    # then
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert Account.objects.count() == 5
    client = signed_in(cast.owner)
    shown = client.get(page).text
    assert "Being undone…" in shown
    assert f'action="{page}undo/"' not in shown
    assert "Being undone…" in client.get(page, headers=HTMX).text
    assert post(cast.owner, f"{page}undo/").status_code == 403
    # when
    seen = percents(monkeypatch, LargeUndo)
    run_jobs()
    # then
    assert seen == [40, 80, 99]
    assert Account.objects.count() == 0
    assert client.get(page, headers=HTMX)["HX-Redirect"] == page
    assert "This was undone already." in client.get(page).text
    taken = Change.objects.filter(undoes=accounts)
    assert list(taken.order_by().values_list("source", "actor").distinct()) == [("undo", cast.owner.pk)]
    # when the undo goes back too
    again = taken.values_list("operation", flat=True)[0]
    assert post(cast.owner, f"/acts/{again}/undo/")["Location"] == f"/acts/{again}/"
    run_jobs()
    # then
    assert sorted(Account.objects.values_list("name", flat=True)) == [f"A{n}" for n in range(5)]
    # and once more, from the toast
    answer = post(cast.owner, f"/undo/{accounts}/")
    assert (answer.status_code, Account.objects.count()) == (204, 5)
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert told == {"text": "So much is undone in the background.", "undo_label": "Undo"}
    run_jobs()
    assert Account.objects.count() == 0


def test_what_stays_or_may_not_be_is_kept_and_a_broken_off_one_goes_on(cast, accounts, post, run_jobs):
    # given somebody who may no longer sign in when it is her turn
    post(cast.owner, f"/acts/{accounts}/undo/")
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    run_jobs()
    job = LargeUndo.objects.get()
    assert (job.status, job.error) == (longacts.FAILED, "You may not undo this.")
    assert Account.objects.count() == 5
    # when an administrator asks, one record is newer, and the process dies
    newer = Account.objects.get(name="A3")
    write.change(ACCOUNT, newer, {"city": "Épila"}, operation=Operation(actor_of(cast.admin), PAGE))
    post(cast.admin, f"/acts/{accounts}/undo/")
    LargeUndo.objects.update(heartbeat_at=job.created_at - 2 * longacts.STALE)
    assert leaving.moving(accounts) is None
    assert leaving.resume_interrupted() == 1
    assert leaving.moving(accounts) is not None
    run_jobs()
    # then
    job.refresh_from_db()
    assert (job.status, job.undone, job.user) == (longacts.UNDONE, 4, cast.admin)
    assert job.report == {"conflicts": [["A3", ["changed since"]]]}
    assert list(Account.objects.values_list("name", flat=True)) == ["A3"]


def test_an_import_is_left_to_its_own_job_from_the_history(
    cast, post, signed_in, run_jobs, monkeypatch, tmp_path
):
    # given
    text = "Id,Name\n" + "".join(f"{n},Canteras {n}\n" for n in range(5))
    job = services.run_file(ACCOUNT, files.write(tmp_path, text), actor=actor_of(cast.owner))
    assert Account.objects.count() == 5
    # when
    answer = post(cast.owner, f"/acts/{job.operation}/undo/")
    # then
    assert (answer.status_code, answer["Location"]) == (302, f"/imports/{job.pk}/")
    assert "Undoing the import…" in signed_in(cast.owner).get(f"/imports/{job.pk}/").text
    assert post(cast.owner, f"/acts/{job.operation}/undo/").status_code == 403
    # when
    seen = percents(monkeypatch, ImportJob)
    run_jobs()
    # then
    assert seen == [40, 80, 99]
    job.refresh_from_db()
    assert (job.status, job.undone, Account.objects.count()) == (longacts.UNDONE, 5, 0)
    assert LargeUndo.objects.count() == 0


def test_a_hand_over_is_left_to_its_own_job_whole_or_of_one_receiver(
    cast, accounts, post, signed_in, run_jobs, monkeypatch
):
    # given
    for name in ("B0", "B1", "B2"):
        Account.objects.create(name=name, owner=cast.owner)
    job = running.begin(plan(cast, cast.outsider, cast.teammate), operation=act(cast.admin))
    given = owners(Account)
    assert sorted(given.values()) == ["Outsider"] * 4 + ["Teammate"] * 4
    result = f"/settings/hand-overs/{job.pk}/"
    # when what one got goes back
    answer = post(cast.admin, f"{result}undo/", receiver=cast.outsider.pk)
    # then
    assert (answer.status_code, owners(Account)) == (200, given)
    job.refresh_from_db()
    assert job.status == Status.UNDOING
    run_jobs()
    assert sorted(owners(Account).values()) == ["Owner"] * 4 + ["Teammate"] * 4
    # when all of it goes back, from the history
    answer = post(cast.admin, f"/acts/{job.operation}/undo/")
    # then
    assert (answer.status_code, answer["Location"]) == (302, result)
    assert 'aria-label="Being undone…"' in signed_in(cast.admin).get(result).text
    seen = percents(monkeypatch, HandOver)
    run_jobs()
    assert seen[-1] == 50
    job.refresh_from_db()
    assert (job.status, set(owners(Account).values())) == (Status.DONE, {"Owner"})
    assert LargeUndo.objects.count() == 0
