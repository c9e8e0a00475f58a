"""Changes to very many records: left to the worker, told, undone as one."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account
from clientela.platform.audit import leaving
from clientela.platform.audit import undo as undoing
from clientela.platform.audit.models import Change
from clientela.platform.editing import bulk, jobs
from clientela.platform.editing.models import BulkJob, BulkStatus
from tests.pages.builders import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "bulk-form"}
RICLA = "view=all&filter=" + json.dumps({"field": "city", "op": "is", "value": "Ricla"})


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """What is very many here: more than three, in parts of two."""
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(jobs, "PART", 2)


@pytest.fixture
def accounts(cast):
    """Five of the owner's and one of the teammate's, in Ricla."""
    people = [cast.owner] * 5 + [cast.teammate]
    return [make("account", who, name=f"A{place}", city="Ricla") for place, who in enumerate(people)]


@pytest.fixture
def send(cast, signed_in, django_capture_on_commit_callbacks):
    def sent(**data):
        with django_capture_on_commit_callbacks(execute=True):
            asked = {"all_matching": "1", "from": RICLA, "confirmed": "1", **data}
            return signed_in(cast.owner).post("/accounts/bulk/", asked, headers=HTMX)

    return sent


@pytest.fixture
def undo(cast, signed_in, django_capture_on_commit_callbacks):
    def undone(job, who=None):
        with django_capture_on_commit_callbacks(execute=True):
            return signed_in(who or cast.owner).post(f"/bulk/{job.pk}/undo/")

    return undone


def cities():
    return list(Account.objects.order_by("name").values_list("city", flat=True))


def progress(client, job):
    return client.get(f"/bulk/{job.pk}/", headers={"HX-Request": "true", "HX-Target": "bulk-progress"})


def test_a_field_is_set_by_the_worker_in_one_operation_and_taken_back_whole(
    cast, accounts, send, undo, signed_in, run_jobs
):
    """Though the change takes every row out of the list that was chosen, none is passed over."""
    answer = send(do="field", field="city", city="Épila")

    assert answer.status_code == 200
    job = BulkJob.objects.get()
    assert f'hx-get="/bulk/{job.pk}/"' in answer.text
    assert (job.status, job.total, job.label) == (BulkStatus.WAITING, 6, "City")
    assert cities() == ["Ricla"] * 6
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.seen, job.done, job.left) == (BulkStatus.DONE, 6, 5, 1)
    assert cities() == ["Épila"] * 5 + ["Ricla"]
    assert Change.objects.filter(operation=job.operation).count() == 5
    told = json.loads(progress(signed_in(cast.owner), job).headers["HX-Trigger"])
    assert told["toast"]["text"] == "5 changed, 1 left as it is"
    assert told["toast"]["undo_url"] == f"/bulk/{job.pk}/undo/"
    assert told["clientela:refresh"] is True

    assert undo(job).status_code == 204
    run_jobs()

    job.refresh_from_db()
    assert job.status == BulkStatus.UNDONE
    assert cities() == ["Ricla"] * 6
    assert "5 changes undone" in progress(signed_in(cast.owner), job).text
    assert undo(job).status_code == 409


def test_its_act_is_left_to_the_worker_from_the_history_too(
    cast, accounts, send, signed_in, run_jobs, monkeypatch, django_capture_on_commit_callbacks
):
    send(do="field", field="city", city="Épila")
    run_jobs()
    job = BulkJob.objects.get()
    monkeypatch.setattr(leaving, "AT_ONCE", 4)

    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(cast.owner).post(f"/acts/{job.operation}/undo/")

    assert (answer.status_code, answer["Location"]) == (302, f"/bulk/{job.pk}/")
    assert cities()[:5] == ["Épila"] * 5
    page = signed_in(cast.owner).get(f"/bulk/{job.pk}/").text
    assert "Being undone…" in page
    run_jobs()
    assert cities() == ["Ricla"] * 6
    assert signed_in(cast.owner).post(f"/acts/{job.operation}/undo/").status_code == 403
    assert signed_in(cast.teammate).post(f"/acts/{job.operation}/undo/").status_code == 404


def test_one_that_may_no_longer_be_undone_says_so(cast, accounts, send, undo, run_jobs, monkeypatch):
    send(do="field", field="city", city="Épila")
    run_jobs()
    job = BulkJob.objects.get()
    undo(job)
    monkeypatch.setattr(undoing, "last_day", lambda change: change.at)

    run_jobs()

    job.refresh_from_db()
    words = "This can no longer be undone: more than 90 days have passed."
    assert (job.status, job.error, cities()[:5]) == (BulkStatus.DONE, words, ["Épila"] * 5)


def test_how_much_is_undone_shows_meanwhile(cast, accounts, send, run_jobs, monkeypatch):
    send(do="field", field="city", city="Épila")
    run_jobs()
    job = BulkJob.objects.get()
    seen = []
    monkeypatch.setattr(undoing, "CHUNK", 2)
    whole = undoing.undo_in_parts

    def watched(*given, **more):
        for part in whole(*given, **more):
            yield part
            job.refresh_from_db()
            seen.append(job.percent_undone)

    monkeypatch.setattr(undoing, "undo_in_parts", watched)
    jobs.undo_job(job, actor_of(cast.owner))

    assert seen == [40, 80, 99]


def test_links_are_added_to_many_without_a_query_for_each(cast, accounts, send, monkeypatch):
    monkeypatch.setattr(jobs, "PART", 100)
    used = []
    for name in ("Red", "Blue"):
        tag = make("tag", cast.admin, name=name)
        send(do="field", field="tags", tags=tag.pk, mode="add")
        with CaptureQueriesContext(connection) as caught:
            jobs.run(BulkJob.objects.latest("id"))
        used.append(len(caught))
        for place in range(10):
            make("account", cast.owner, name=f"{name} {place}", city="Ricla")

    assert used[1] <= used[0]
    assert Account.tags.through.objects.count() == 5 + 15


def test_very_many_are_deleted_and_come_back(cast, accounts, send, undo, run_jobs):
    send(do="delete")
    run_jobs()
    assert list(Account.objects.values_list("name", flat=True)) == ["A5"]
    undo(BulkJob.objects.get())
    run_jobs()
    assert sorted(Account.objects.values_list("name", "city")) == [(f"A{n}", "Ricla") for n in range(6)]


def test_rights_are_asked_again_when_it_is_done(cast, accounts, send, run_jobs):
    send(do="field", field="city", city="Épila")
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    run_jobs()
    job = BulkJob.objects.get()
    assert (job.status, job.done, job.error) == (BulkStatus.FAILED, 0, "You may not do this.")
    assert cities() == ["Ricla"] * 6


def test_records_made_after_it_was_asked_stay_out(cast, accounts, send, run_jobs):
    send(do="field", field="city", city="Épila")
    make("account", cast.owner, name="A9", city="Ricla")
    run_jobs()
    assert Account.objects.get(name="A9").city == "Ricla"


def test_one_that_was_broken_off_goes_on_where_it_was(cast, accounts, send, run_jobs, monkeypatch):
    send(do="field", field="city", city="Épila")
    job = BulkJob.objects.get()
    parts = iter([True, False])
    whole = jobs._part
    monkeypatch.setattr(jobs, "_part", lambda each: next(parts) and whole(each))
    jobs.run(job)
    assert job.heartbeat_at is not None
    old = job.heartbeat_at - timedelta(hours=1)
    BulkJob.objects.filter(pk=job.pk).update(status=BulkStatus.RUNNING, heartbeat_at=old)
    assert cities().count("Épila") == 2
    monkeypatch.setattr(jobs, "_part", whole)

    assert jobs.resume_interrupted() == 1
    jobs.run(BulkJob.objects.get())

    job.refresh_from_db()
    assert (job.status, job.seen, job.done) == (BulkStatus.DONE, 6, 5)
    assert cities() == ["Épila"] * 5 + ["Ricla"]


def test_a_bad_value_is_refused_before_anything_is_left_to_the_worker(accounts, send):
    answer = send(do="field", field="city")
    assert answer.status_code == 422
    assert BulkJob.objects.count() == 0


def test_the_dialog_says_that_it_goes_on_in_the_background(cast, accounts, signed_in):
    data = {"all_matching": "1", "from": RICLA, "do": "field", "field": "city"}
    text = signed_in(cast.owner).post("/accounts/bulk/", data, headers={"HX-Request": "true"}).text
    assert "done in the background" in text
    assert re.search(r"Change 5\s*<kbd", text)
    assert "1 is not yours to change" in text


def test_others_neither_see_nor_undo_it(cast, accounts, send, undo, signed_in, run_jobs):
    send(do="field", field="city", city="Épila")
    run_jobs()
    job = BulkJob.objects.get()
    assert signed_in(cast.teammate).get(f"/bulk/{job.pk}/").status_code == 404
    assert undo(job, cast.teammate).status_code == 404
    assert cities()[:5] == ["Épila"] * 5
    page = signed_in(cast.admin).get(f"/bulk/{job.pk}/")
    assert page.status_code == 200
    assert "5 changed" in page.text
