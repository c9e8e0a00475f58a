"""After an erasure nothing names the person: no table, no file of the data folder, nothing in the bin."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.kit.tables import open_table, write_xlsx
from clientela.platform.attachments import services as files_of
from clientela.platform.attachments.models import Attachment
from clientela.platform.audit import purging, sealing, security, verifying
from clientela.platform.audit.models import Change, HistoryPolicy, Purge, Redaction, Seal
from clientela.platform.duplicates import comparison, finding
from clientela.platform.duplicates.models import Key, Pair
from clientela.platform.history import bin as deleted
from clientela.platform.privacy import erasing, erasures
from clientela.platform.savedviews.models import SavedView
from clientela.platform.search.models import Word
from clientela.platform.timeline import services as notes_of
from clientela.platform.transfer import services as imports
from clientela.platform.transfer import uploads
from clientela.platform.transfer.models import ImportJob, Status
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Refused
from tests.attachments import builders
from tests.cast import Cast
from tests.contract import samples
from tests.privacy.test_personal_data import EMAIL, NAME, erase, person, traces

pytestmark = pytest.mark.django_db
HERS = ("zoraida", "quispe", "600111222", "600 11 12 22")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    """A data folder of the test's own."""
    settings.DATA_FOLDER = tmp_path
    return tmp_path


def in_files(folder: Path) -> list[str]:
    """The files in which anything of her can still be read, opened where they are compressed."""
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(word in _text(path).lower() for word in HERS)
    )


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw).decode()
    if raw[:2] == b"PK":
        return str(list(open_table(path).rows()))
    return path.name + raw.decode("utf-8", errors="replace")


def operation(cast: Cast) -> Operation:
    return Operation(actor_of(cast.admin), PAGE)


def upload(cast: Cast, name: str, content: bytes, kind: str = "contact") -> ImportJob:
    """A file sent by the page of imports, and imported."""
    path = uploads.keep(SimpleUploadedFile(name, content))
    job = imports.open_job(
        registry.get(kind), path, actor=actor_of(cast.admin), file_name=name, own_file=True
    )
    return imports.run(job)


CSV = (
    "Nombre;Apellidos;E-mail;Teléfono\r\n"
    f"Zoraida;Quispe;{EMAIL};600 11 12 22\r\n"
    "Pedro;Gil;pedro@example.com;600 99 88 77\r\n"
    "Zoraida;Quispe;no es un correo;600 11 12 22\r\n"
    "Pedro;Malo;tampoco;\r\n"
).encode()


def with_everything(cast: Cast, committing: Any) -> Any:
    """A contact with everything that may keep her, also what was deleted or renamed before, sealed."""
    spec = registry.get("contact")
    with committing(execute=True):
        record = person(cast)
        upload(cast, "Zoraida Quispe.csv", CSV)
        twin = samples.make(spec, cast.owner, first_name="Zoraida", last_name="Quispe", email=EMAIL)
        lead = samples.make(
            registry.get("lead"), cast.owner, first_name="Zoraida", last_name="Quispe", phone="+34600111222"
        )
        note = notes_of.add_note(spec, record, f"{NAME}: 600 11 12 22", operation=operation(cast))
        file = files_of.attach(
            spec, record, SimpleUploadedFile("Quispe.pdf", builders.PDF), operation=operation(cast)
        )
        account = samples.make(registry.get("account"), cast.owner, name=f"Taller de {NAME}")
        compared = comparison.of(spec)
        assert compared is not None
        finding.search(compared)
    # ... and what was deleted or renamed before
    with committing(execute=True):
        notes_of.delete_note(note, operation=operation(cast))
        files_of.remove(file, operation=operation(cast))
        write.delete(spec, [twin], operation=operation(cast), trusted=True)
        write.delete(registry.get("lead"), [lead], operation=operation(cast), trusted=True)
        write.change(registry.get("account"), account, {"name": "Taller"}, operation=operation(cast))
    SavedView.objects.create(
        record="contact",
        owner=cast.owner,
        name=NAME,
        condition={"all": [{"field": "email", "op": "is", "value": EMAIL}]},
    )
    security.record_event("file_refused", detail=f"contact:1 {NAME}.exe: refused")
    imported = spec.model._default_manager.filter(email=EMAIL).exclude(pk=record.pk)
    write.delete(spec, list(imported), operation=operation(cast), trusted=True)
    sealing.seal(patience=5)
    return record


def test_nothing_is_left_in_any_table_or_file(
    cast, signed_in, folder: Path, django_capture_on_commit_callbacks
) -> None:
    # given
    record = with_everything(cast, django_capture_on_commit_callbacks)
    assert Word.objects.filter(word="quispe").exists()
    assert {"transfer_importjob", "savedviews_savedview", "audit_securityevent"} <= set(traces())
    assert len(in_files(folder)) == 2
    # when
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(signed_in(cast.admin), record) == 302
    # then
    assert traces() == []
    assert in_files(folder) == []
    assert Attachment.objects.count() == 0
    assert not Key.objects.filter(record="contact", record_id=record.pk).exists()
    assert not Pair.objects.filter(record="contact").exists()
    # and the history still holds
    sealing.seal(patience=5)
    assert [report.broken for report in verifying.verify()] == ["", ""]


def test_rows_of_others_stay_in_the_file_of_rows_not_taken(
    cast, signed_in, folder: Path, django_capture_on_commit_callbacks
) -> None:
    # given
    record, job = person(cast), upload(cast, "gente.csv", CSV)
    assert job.rejected >= 1
    before = Path(job.rejects_path).read_text(encoding="utf-8-sig")
    assert "Zoraida" in before
    assert "Malo" in before
    # when
    with django_capture_on_commit_callbacks(execute=True):
        erase(signed_in(cast.admin), record)
    # then
    after = Path(job.rejects_path).read_text(encoding="utf-8-sig")
    kept = [line for line in before.splitlines() if "Zoraida" not in line]
    assert after.splitlines() == kept
    job.refresh_from_db()
    assert job.rejects_size == Path(job.rejects_path).stat().st_size
    assert not job.file.exists()
    assert job.status == Status.DONE


def test_a_spreadsheet_that_names_her_goes_and_one_that_does_not_stays(
    cast, signed_in, folder: Path, django_capture_on_commit_callbacks
) -> None:
    # given two that wait for their columns to be chosen
    record, jobs = person(cast), []
    for number, row in enumerate((["Quispe", "Zoraida", ""], ["Gil", "Pedro", ""])):
        path = imports.folder() / f"sheet-{number}"
        write_xlsx(path, ["Apellidos", "Nombre", "E-mail"], [row])
        jobs.append(
            imports.open_job(registry.get("contact"), path, actor=actor_of(cast.admin), own_file=True)
        )
    # when
    with django_capture_on_commit_callbacks(execute=True):
        erase(signed_in(cast.admin), record)
    # then
    assert [job.file.exists() for job in jobs] == [False, True]
    assert [ImportJob.objects.get(pk=job.pk).status for job in jobs] == [Status.FAILED, Status.MAPPING]


def test_an_import_under_way_that_names_her_has_to_end_first(cast, signed_in, folder: Path) -> None:
    # given
    record, job = person(cast), upload(cast, "gente.csv", CSV)
    ImportJob.objects.filter(pk=job.pk).update(status=Status.RUNNING, heartbeat_at=timezone.now())
    before = Change.objects.count()
    # when
    status = erase(signed_in(cast.admin), record)
    # then
    assert status == 403
    record.refresh_from_db()
    assert (record.name, Change.objects.count(), job.file.exists()) == (NAME, before, True)


def test_old_history_in_files_is_written_anew_and_still_verified(
    cast, signed_in, folder: Path, django_capture_on_commit_callbacks
) -> None:
    # given a history that was put away
    record = person(cast)
    put_away()
    with django_capture_on_commit_callbacks(execute=True):
        write.change(registry.get("contact"), record, {"job_title": "Boss"}, operation=operation(cast))
    old = Purge.objects.get(log="changes")
    assert in_files(folder) == [Path(old.file).name]
    # when
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(signed_in(cast.admin), record) == 302
    # then
    now = Purge.objects.get(log="changes")
    assert in_files(folder) == []
    assert traces() == []
    assert (now.first, now.last, now.count) == (old.first, old.last, old.count)
    assert now.file != old.file
    assert not (folder / old.file).exists()
    assert verifying.verify()[0].broken == ""
    # and who alters that file by hand is found out
    alter(folder / now.file)
    assert "not as it was written" in verifying.verify()[0].broken


def put_away() -> None:
    """All that is sealed now goes into a file."""
    sealing.seal(patience=5)
    HistoryPolicy.objects.update_or_create(pk=1, defaults={"keep_months": 1, "undo_days": 0})
    blocks = list(Seal.objects.filter(log="changes").order_by("last"))
    purging._put_away("changes", blocks)


def alter(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines()
    row = json.loads(lines[0])
    row["label"] = "forged"
    path.write_bytes(gzip.compress(b"\n".join([json.dumps(row).encode(), *lines[1:]]) + b"\n"))


def test_an_erasure_that_fails_leaves_every_file_as_it_was(
    cast, folder: Path, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    # given
    record = person(cast)
    put_away()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(erasures, "keep", lambda *_args, **_more: 1 / 0)
    # when
    with pytest.raises(ZeroDivisionError), django_capture_on_commit_callbacks(execute=True):
        erasing.erase(registry.get("contact"), record.pk, typed=NAME, operation=operation(cast))
    # then
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    record.refresh_from_db()
    assert (record.name, Redaction.objects.count()) == (NAME, 0)


def test_somebody_in_the_bin_is_erased_and_comes_back_without_anything(cast, signed_in) -> None:
    # given
    record, client = person(cast), signed_in(cast.admin)
    pk = record.pk
    write.delete(registry.get("contact"), [record], operation=operation(cast), trusted=True)
    record.pk = pk
    page = client.get(reverse("personal_data", args=["contacts", pk]))
    assert page.status_code == 200
    assert NAME in page.content.decode()
    # when
    assert erase(client, record) == 302
    # then
    assert traces() == []
    deleted.restore(registry.get("contact"), pk, actor=actor_of(cast.admin), source=PAGE)
    back: Any = registry.get("contact").model._default_manager.get(pk=pk)
    assert (back.name, back.email, back.emails.count()) == (f"Erased contact {pk}", "", 0)


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_the_bin_shows_personal_data_to_administrators_only(who: str, cast, signed_in) -> None:
    record = person(cast)
    pk = record.pk
    write.delete(registry.get("contact"), [record], operation=operation(cast), trusted=True)
    address = reverse("personal_data", args=["contacts", pk])
    assert signed_in(getattr(cast, who)).get(address).status_code == 404


def test_a_record_that_still_names_her_is_shown_and_left_alone(cast, signed_in) -> None:
    # given a deal called after her
    record = person(cast)
    deal: Any = registry.get("opportunity").model._default_manager.get()
    write.change(registry.get("opportunity"), deal, {"name": f"Máquina {NAME}"}, operation=operation(cast))
    client = signed_in(cast.admin)
    html = client.get(reverse("personal_data", args=["contacts", record.pk])).content.decode()
    assert f"Máquina {NAME}" in html
    # when
    erase(client, record)
    # then
    deal.refresh_from_db()
    assert deal.name == f"Máquina {NAME}"
    change = Change.objects.filter(record="opportunity", verb="update", source="page").latest("id")
    assert change.after["name"] == f"Máquina {NAME}"


@pytest.mark.only_on("postgresql")
def test_a_sealed_role_cannot_erase_and_changes_nothing(cast, signed_in, folder: Path) -> None:
    # given the application's role kept from the history (administer.md)
    record, client = person(cast), signed_in(cast.admin)
    put_away()
    before, files = Change.objects.count(), sorted(path.name for path in folder.rglob("*"))
    role = f"{connection.settings_dict['NAME']}_eraser"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        for what in ("TABLES", "SEQUENCES"):
            cursor.execute(f"GRANT ALL ON ALL {what} IN SCHEMA public TO {role}")
        call_command("seal_audit", role=role)
        cursor.execute(f"SET LOCAL ROLE {role}")
    # when
    status = erase(client, record)
    with pytest.raises(Refused, match="owner of its tables"):
        erasing.erase(registry.get("contact"), record.pk, typed=NAME, operation=operation(cast))
    with pytest.raises(CommandError, match="owner of its tables"):
        call_command("erase_person", "contact", str(record.pk), name=NAME)
    # then
    assert status == 403
    record.refresh_from_db()
    assert (record.name, record.email, Change.objects.count()) == (NAME, EMAIL, before)
    assert sorted(path.name for path in folder.rglob("*")) == files
    # and its owner can
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    call_command("erase_person", "contact", str(record.pk), name=NAME)
    assert traces() == []
