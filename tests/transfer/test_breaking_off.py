"""Imports that are broken off: nothing half there, nothing twice, and always noticed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.platform.transfer import batches, services, watching
from clientela.platform.transfer.models import ImportJob, Status
from clientela.records import registry
from clientela.records.errors import NotFound
from tests.transfer import files

ACCOUNT = registry.get("account")
TEXT = "Id,Name,Email\n" + "".join(f"{n},Name {n},{'bad' if n % 3 == 0 else ''}\n" for n in range(1, 10))


@pytest.fixture
def broken(cast, tmp_path, settings, monkeypatch):
    """An import of nine rows by twos, three of them wrong, whose process dies in the third batch."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(services, "BATCH", 2)
    write, calls = batches.Importer.write, []

    def dying(self, rows):
        calls.append(rows)
        result = write(self, rows)
        if len(calls) == 3:
            raise KeyError("the machine went away")
        return result

    monkeypatch.setattr(batches.Importer, "write", dying)
    with pytest.raises(KeyError):
        services.run_file(ACCOUNT, files.write(tmp_path, TEXT), actor=actor_of(cast.admin))
    monkeypatch.setattr(batches.Importer, "write", write)
    return ImportJob.objects.get()


def test_a_broken_import_holds_whole_batches_and_says_so(broken):
    assert (broken.status, broken.rows_done) == (Status.FAILED, 4)
    assert set(Account.objects.values_list("external_id", flat=True)) == {"1", "2", "4"}


def test_it_goes_on_where_it_stopped(broken):
    with Path(broken.rejects_path).open("ab") as file:
        file.write(b"half a row of the batch that died")

    job = services.run(broken)

    assert (job.status, job.created, job.rejected, job.rows_done) == (Status.DONE, 6, 3, 9)
    assert Account.objects.count() == 6
    lines = Path(job.rejects_path).read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["Id", "3", "6", "9"]


def test_who_was_only_slow_and_taken_for_gone_writes_nothing_more(broken, monkeypatch):
    # given another process takes the import over after its third batch
    checkpoint, later = services._checkpoint, timezone.now() + timedelta(minutes=5)

    def taken_over(*given):
        checkpoint(*given)
        ImportJob.objects.filter(pk=broken.pk).update(started_at=later)

    monkeypatch.setattr(services, "_checkpoint", taken_over)
    # when
    with pytest.raises(ImportJob.DoesNotExist):
        services.run(broken)
    # then the fourth is left to the other, which is not told to have failed
    job = ImportJob.objects.get()
    assert (job.status, job.started_at, job.rows_done) == (Status.RUNNING, later, 6)
    assert Account.objects.count() == 4


def test_or_it_is_undone(broken, cast):
    services.undo_job(broken, actor_of(cast.admin))

    assert Account.objects.count() == 0


@pytest.fixture
def of_nothing(cast, tmp_path, settings):
    """An import whose rows were all there already."""
    settings.MEDIA_ROOT = tmp_path / "media"
    path = files.write(tmp_path, "Id,Name\n1,Acme\n")
    services.run_file(ACCOUNT, path, actor=actor_of(cast.admin))
    job = services.run_file(ACCOUNT, path, actor=actor_of(cast.admin))
    assert (job.created, job.skipped) == (0, 1)
    return job


def test_an_import_that_did_nothing_is_not_being_undone(of_nothing, cast, signed_in):
    client = signed_in(cast.admin)
    assert f"/imports/{of_nothing.pk}/undo/" not in client.get(f"/imports/{of_nothing.pk}/").text

    with pytest.raises(NotFound):
        services.undo_job(of_nothing, actor_of(cast.admin))
    assert client.post(f"/imports/{of_nothing.pk}/undo/").status_code == 404

    of_nothing.refresh_from_db()
    assert of_nothing.status == Status.DONE
    assert Account.objects.count() == 1


def test_an_undo_that_the_worker_is_refused_is_told_and_not_tried_again(
    of_nothing, cast, run_jobs, django_capture_on_commit_callbacks
):
    # given what was left by a process that is gone
    old = timezone.now() - timedelta(minutes=5)
    ImportJob.objects.filter(pk=of_nothing.pk).update(status=Status.UNDOING, heartbeat_at=old)
    with django_capture_on_commit_callbacks(execute=True):
        assert watching.resume_interrupted() == 1

    run_jobs()

    of_nothing.refresh_from_db()
    assert (of_nothing.status, of_nothing.error) == (Status.DONE, "There is nothing to undo.")
    assert watching.resume_interrupted() == 0


def test_an_import_whose_process_is_gone_is_noticed_and_given_to_the_worker(
    broken, run_jobs, django_capture_on_commit_callbacks
):
    old = timezone.now() - timedelta(minutes=5)
    ImportJob.objects.update(status=Status.RUNNING, heartbeat_at=timezone.now())
    assert watching.resume_interrupted() == 0
    ImportJob.objects.update(heartbeat_at=old)

    with django_capture_on_commit_callbacks(execute=True):
        assert watching.resume_interrupted() == 1
    run_jobs()

    job = ImportJob.objects.get()
    assert (job.status, job.created, job.rejected) == (Status.DONE, 6, 3)


def test_two_processes_do_not_work_on_one_import(broken):
    ImportJob.objects.update(status=Status.RUNNING, heartbeat_at=timezone.now())

    job = services.run(broken)

    assert (job.status, job.rows_done) == (Status.RUNNING, 4)


PREPARE = """
import django; django.setup()
from clientela.access.models import User
User.objects.create_user("admin@example.com", "long enough", name="Admin", roles=["admin"])
"""
GO_ON = """
import django; django.setup()
from datetime import timedelta
from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob
job = ImportJob.objects.get()
assert job.status == "running", job.status
ImportJob.objects.update(heartbeat_at=job.heartbeat_at - timedelta(minutes=5))
job = services.run(ImportJob.broken_off()[0])
from clientela.domain.parties.models import Account
from clientela.platform.audit.models import Change
numbers = Account.objects.values_list("external_id", flat=True)
changes = Change.objects.filter(record="account").count()
print(job.status, job.created, len(set(numbers)), len(numbers), changes)
"""


IMPORT = """
import django; django.setup()
from clientela.platform.transfer import services
services.BATCH = 100
from clientela.config.cli.main import main
raise SystemExit(main())
"""


def test_killed_without_warning_it_goes_on(tmp_path, installation):
    """With a real process and SIGKILL."""
    environment, address = installation
    rows = 3000
    lines = (f"K{n},Name {n},Zaragoza\n" for n in range(rows))
    file = files.write(tmp_path, "Id,Name,City\n" + "".join(lines))
    subprocess.run([sys.executable, "-c", PREPARE], env=environment, check=True)

    victim = subprocess.Popen(
        [sys.executable, "-c", IMPORT, "import", str(file), "--as", "account"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for_rows(address, victim)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    done = subprocess.run(
        [sys.executable, "-c", GO_ON], env=environment, check=True, capture_output=True, text=True
    )

    assert done.stdout.split() == ["done", *[str(rows)] * 4]


def wait_for_rows(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until a first batch is committed, and not the last one."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None
        if rows_done(address):
            return
        time.sleep(0.01)
    pytest.fail("the import did not begin")


def rows_done(address: str) -> int:
    asked = "SELECT coalesce(max(rows_done), 0) FROM transfer_importjob"
    if address.startswith("file:"):
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return int(connection.execute(asked).fetchone()[0])
    with psycopg.connect(address) as database:
        row = database.execute(asked).fetchone()
        assert row is not None
        return int(row[0])
