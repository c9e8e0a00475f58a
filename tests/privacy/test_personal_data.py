"""Everything held about a person goes out in one file, or is erased for good, also from the history."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from clientela.access.actor import actor_of
from clientela.platform.attachments import services as files_of
from clientela.platform.attachments.models import Attachment, StoredFile
from clientela.platform.audit import guard, redacting, sealing, undo, verifying
from clientela.platform.audit.models import Change, Redaction, SecurityEvent
from clientela.platform.duplicates import merging
from clientela.platform.search.models import Entry
from clientela.platform.timeline import services as notes_of
from clientela.platform.timeline.models import Note
from clientela.records import query, registry, write
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Refused
from tests.attachments import builders
from tests.cast import Cast
from tests.contract import samples

pytestmark = pytest.mark.django_db
NAME, EMAIL, PHONE, STREET = "Zoraida Quispe", "zoraida@example.com", "+34600111222", "Calle Falsa 123"


def person(cast: Cast) -> Any:
    """A contact with all that hangs on her, tied to an account and to a deal."""
    operation = Operation(actor_of(cast.owner), PAGE)
    spec = registry.get("contact")
    account = samples.make(registry.get("account"), cast.owner)
    made = write.create(
        spec,
        {
            "first_name": "Zoraida",
            "last_name": "Quispe",
            "account": account.pk,
            "emails": [{"email": EMAIL, "main": True}],
            "phone": PHONE,
            "street": STREET,
            "description": f"{NAME} likes tea",
            "owner": cast.owner.pk,
        },
        operation=operation,
    )
    write.change(
        spec, made, {"job_title": "Head of Zoraida"}, operation=Operation(actor_of(cast.owner), PAGE)
    )
    deal = samples.make(registry.get("opportunity"), cast.owner, account=account.pk)
    roles = [{"contact": made.pk, "main": True}]
    write.change(registry.get("opportunity"), deal, {"contact_roles": roles}, operation=operation)
    notes_of.add_note(spec, made, f"{NAME} called", operation=operation)
    file = SimpleUploadedFile("Zoraida Quispe.pdf", builders.PDF)
    files_of.attach(spec, made, file, operation=operation)
    return spec.model._default_manager.get(pk=made.pk)


def erase(client: Any, record: Any, **data: str) -> int:
    given = {"confirm": record.name, "notes": "1", "files": "1", **data}
    address = reverse("personal_data", args=["contacts", record.pk])
    return int(client.post(address, given).status_code)


def traces() -> list[str]:
    """The tables in which anything of her can still be read."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = " ".join(str(row) for row in cursor.fetchall()).lower()
            if any(word in text for word in ("zoraida", "quispe", "600111222", "calle falsa")):
                found.append(table)
    return found


def test_everything_held_goes_out_in_one_file(cast, signed_in) -> None:
    # given
    record = person(cast)
    # when
    response = signed_in(cast.admin).post(
        reverse("personal_data_export", args=["contacts", record.pk]), follow=False
    )
    # then
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert response["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        names = archive.namelist()
        told = json.loads(archive.read("data.json"))
        html = archive.read("data.html").decode()
        held = archive.read(next(name for name in names if name.startswith("files/")))
    assert [name.partition("-")[2] for name in names if name.startswith("files/")] == ["Zoraida Quispe.pdf"]
    assert held == builders.PDF
    assert told["title"] == NAME
    assert told["fields"]["email"]["value"] == EMAIL
    assert told["fields"]["emails"]["value"][0]["email"] == EMAIL
    assert [note["text"] for note in told["notes"]] == [f"{NAME} called"]
    assert [change["verb"] for change in told["changes"]] == ["create", "update"]
    assert {each["record"].partition(":")[0] for each in told["linked"]} >= {"account", "opportunity"}
    assert EMAIL in html
    event = SecurityEvent.objects.get(kind="personal_data_exported")
    assert (event.user, event.detail) == (cast.admin, f"contact:{record.pk}")


def test_erasing_leaves_no_trace_and_keeps_the_accounts_right(
    cast, signed_in, files: Path, django_capture_on_commit_callbacks
) -> None:
    # given a history that was sealed
    record = person(cast)
    account = record.account
    deal: Any = registry.get("opportunity").model._default_manager.get()
    sealing.seal(patience=5)
    counts = {spec.key: spec.model._default_manager.count() for spec in registry.every()}
    amount = deal.amount
    assert "parties_contact" in traces()
    # when
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(signed_in(cast.admin), record) == 302
    # then nothing is left of her, anywhere
    assert traces() == []
    assert [path for path in files.rglob("*") if path.is_file()] == []
    # and the rest is as it was
    record.refresh_from_db()
    deal.refresh_from_db()
    assert record.name == f"Erased contact {record.pk}"
    assert (record.account, record.owner, record.email, record.birthday) == (account, cast.owner, "", None)
    assert list(record.affiliations.values_list("account", flat=True)) == [account.pk]
    assert list(deal.contact_roles.values_list("contact", flat=True)) == [record.pk]
    assert deal.amount == amount
    now = {spec.key: spec.model._default_manager.count() for spec in registry.every()}
    assert {key for key in counts if counts[key] != now[key]} == {"note", "attachment"}
    assert (Note.objects.count(), Attachment.objects.count(), StoredFile.objects.count()) == (0, 0, 0)


def test_the_chain_of_seals_still_holds(cast, signed_in) -> None:
    # given
    record = person(cast)
    sealing.seal(patience=5)
    # when
    assert erase(signed_in(cast.admin), record) == 302
    sealing.seal(patience=5)
    # then
    assert [(report.log, report.broken) for report in verifying.verify()] == [
        ("changes", ""),
        ("security", ""),
    ]
    assert verifying.missing_guards() == []
    assert Redaction.objects.count() > 0
    # and who alters a row by hand is found out, with or without a redaction of his own
    with_alteration(Change.objects.filter(record="account").earliest("pk").pk)
    assert "altered" in verifying.verify()[0].broken


def with_alteration(row: int) -> None:
    """Somebody with the database in his hands: a row altered, and a redaction that says it was so."""
    before = redacting.hashes([row])[row]
    with guard.open_door():
        change = Change.objects.get(pk=row)
        Change.objects.filter(pk=row).delete()
        change.label = "forged"
        Change.objects.bulk_create([change])
    now = redacting.hashes([row])[row]
    told = {"log": "changes", "row": row, "sealed": before, "now": now}
    Redaction.objects.create(**told, operation=change.operation, signature="0" * 64)


def test_the_history_says_who_erased_what_and_never_what_it_was(cast, signed_in) -> None:
    # given
    record = person(cast)
    # when
    erase(signed_in(cast.admin), record)
    # then
    change = Change.objects.filter(record="contact", record_id=record.pk).latest("id")
    assert (change.actor, change.source, change.verb) == (cast.admin, "erasure", "update")
    assert {"first_name", "email", "emails", "street"} <= set(change.after)
    assert change.after["email"] == ""
    assert "email" not in change.before
    event = SecurityEvent.objects.get(kind="personal_data_erased")
    assert event.user == cast.admin
    assert event.detail.startswith(f"contact:{record.pk} rows=")
    page = signed_in(cast.admin).get(reverse("record_page", args=["contacts", record.pk]))
    assert page.status_code == 200


def test_erasing_cannot_be_undone_nor_what_was_before(cast, signed_in) -> None:
    # given
    record = person(cast)
    job = Change.objects.filter(record="contact", verb="update").latest("id").operation
    erase(signed_in(cast.admin), record)
    operation = Change.objects.filter(source="erasure").latest("id").operation
    # then
    with pytest.raises(Refused, match="for good"):
        undo.undo(operation, actor=actor_of(cast.admin))
    undo.undo(job, actor=actor_of(cast.admin))
    assert traces() == []


def test_notes_and_files_may_stay(cast, signed_in) -> None:
    record = person(cast)
    assert erase(signed_in(cast.admin), record, notes="", files="") == 302
    assert (Note.objects.count(), Attachment.objects.count()) == (1, 1)


def test_what_was_merged_into_her_is_erased_with_her(cast, signed_in) -> None:
    # given
    record = person(cast)
    values = {"first_name": "Zoraida", "last_name": "Quispe Díaz"}
    twin = samples.make(registry.get("contact"), cast.owner, **values, email=EMAIL, description="")
    operation = Operation(actor_of(cast.admin), PAGE)
    merging.merge(registry.get("contact"), record.pk, [twin.pk], operation=operation)
    record.refresh_from_db()
    # when
    assert erase(signed_in(cast.admin), record) == 302
    # then
    assert traces() == []


def test_the_search_box_finds_her_no_more(cast, signed_in) -> None:
    record = person(cast)
    spec = registry.get("contact")
    assert query.matching(spec, actor_of(cast.admin), text="Quispe").count() == 1
    erase(signed_in(cast.admin), record)
    assert query.matching(spec, actor_of(cast.admin), text="Quispe").count() == 0
    assert Entry.objects.filter(record="contact", record_id=record.pk).count() == 1


@pytest.mark.parametrize("typed", ["", "Zoraida", "zoraida quispe", "ERASE"])
def test_a_wrong_confirmation_changes_nothing(typed: str, cast, signed_in) -> None:
    # given
    record = person(cast)
    before = Change.objects.count()
    # when
    status = erase(signed_in(cast.admin), record, confirm=typed)
    # then
    assert status == 422
    record.refresh_from_db()
    assert (record.name, Change.objects.count(), Note.objects.count()) == (NAME, before, 1)


@pytest.mark.parametrize("who", ["owner", "teammate", "manager", "reader", "outsider"])
def test_only_administrators_do_it(who: str, cast, signed_in) -> None:
    # given
    record, client = person(cast), signed_in(getattr(cast, who))
    # then
    assert client.get(reverse("personal_data", args=["contacts", record.pk])).status_code == 404
    assert erase(client, record) == 404
    export = reverse("personal_data_export", args=["contacts", record.pk])
    assert client.post(export).status_code == 404
    record.refresh_from_db()
    assert record.name == NAME
    if who != "outsider":
        html = client.get(reverse("record_page", args=["contacts", record.pk])).content.decode()
        assert "/personal-data/" not in html


def test_records_about_no_person_have_no_personal_data(cast, signed_in) -> None:
    account = samples.make(registry.get("account"), cast.owner)
    client = signed_in(cast.admin)
    assert client.get(reverse("personal_data", args=["accounts", account.pk])).status_code == 404
    html = client.get(reverse("record_page", args=["accounts", account.pk])).content.decode()
    assert "/personal-data/" not in html


def test_a_lead_is_erased_and_stays_converted_or_not(cast, signed_in) -> None:
    # given
    lead = samples.make(registry.get("lead"), cast.owner, first_name="Zoraida", last_name="Quispe")
    client = signed_in(cast.admin)
    address = reverse("personal_data", args=["leads", lead.pk])
    assert client.get(address).status_code == 200
    status = lead.status
    # when
    response = client.post(address, {"confirm": lead.name})
    # then
    lead.refresh_from_db()
    assert response.status_code == 302
    assert (lead.name, lead.company, lead.status) == (f"Erased lead {lead.pk}", "", status)
    assert traces() == []
