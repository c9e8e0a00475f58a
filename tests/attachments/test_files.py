"""Files on a record: hung, shown, renamed, taken away, brought back, merged, cleaned up."""

from __future__ import annotations

import datetime as dt
import io
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.platform.attachments import cleaning, services, storing
from clientela.platform.attachments.models import Attachment, LastPlace, StoredFile
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import merging, unmerging
from clientela.platform.duplicates.models import Merge
from clientela.platform.timeline import feed
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
from clientela.records.display import reader_for
from tests.attachments import builders

pytestmark = pytest.mark.django_db


def newest() -> UUID:
    return Change.objects.latest("id").operation


def test_several_files_are_hung_at_once_and_undone_together(cast, signed_in) -> None:
    # given
    record, client = builders.account(cast.owner), signed_in(cast.owner)
    # when
    response = builders.send(client, record, ("Offer.pdf", builders.PDF), ("photo.png", builders.picture()))
    # then
    assert response.status_code == 200
    kept = {(file.name, file.content_type) for file in Attachment.objects.all()}
    assert kept == {("Offer.pdf", "application/pdf"), ("photo.png", "image/png")}
    assert {file.record_id for file in Attachment.objects.all()} == {record.pk}
    # and the page shows them
    html = client.get(reverse("record_panel", args=["accounts", record.pk, "files"])).content.decode()
    assert "Offer.pdf" in html
    assert "photo.png" in html
    # and one undo takes both away, another brings them back with their bytes
    first = undo.undo(newest(), actor=actor_of(cast.owner))
    assert Attachment.objects.count() == 0
    undo.undo(first.operation, actor=actor_of(cast.owner))
    assert Attachment.objects.count() == 2
    assert all(storing.path_of(file.stored).is_file() for file in Attachment.objects.all())


def test_the_bytes_lie_under_a_random_name_with_their_hash(cast, files: Path) -> None:
    # when
    file = builders.attached(cast.owner, builders.account(cast.owner), "../../evil.pdf")
    # then
    stored = StoredFile.objects.get()
    kept = [path for path in files.rglob("*") if path.is_file()]
    assert kept == [files / stored.token[:2] / stored.token]
    assert kept[0].read_bytes() == builders.PDF
    assert len(stored.token) == 43
    assert file.name == "evil.pdf"
    assert kept[0].stat().st_mode & 0o777 == 0o600


def test_a_picture_is_drawn_anew_without_what_was_hidden_in_it(cast) -> None:
    # given a photograph with a place in it, and a page hidden behind it
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = builders.picture("JPEG", exif=exif, comment=b"secret words") + builders.HTML
    # when
    file = builders.attached(cast.owner, builders.account(cast.owner), "photo.jpg", data)
    # then
    kept = storing.path_of(file.stored).read_bytes()
    assert b"taken at home" not in kept
    assert b"secret words" not in kept
    assert b"<script>" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.size, picture.format) == ((40, 30), "JPEG")
    with Image.open(storing.thumbnail_of(file.stored)) as small:
        assert (small.size, small.format) == ((96, 96), "PNG")


def test_another_name_keeps_the_ending(cast, signed_in) -> None:
    # given
    file = builders.attached(cast.owner, builders.account(cast.owner))
    client = signed_in(cast.owner)
    address = reverse("file_rename", args=[file.pk])
    assert "offer.pdf" in client.get(address).content.decode()
    # when
    response = client.post(address, {"name": "Signed/offer.html"})
    # then
    file.refresh_from_db()
    assert (response.status_code, file.name) == (204, "offer.html.pdf")
    assert Change.objects.latest("id").before == {"name": "offer.pdf"}
    undo.undo(newest(), actor=actor_of(cast.owner))
    file.refresh_from_db()
    assert file.name == "offer.pdf"


def test_a_deleted_file_comes_back(cast, signed_in) -> None:
    # given
    file = builders.attached(cast.owner, builders.account(cast.owner))
    # when
    assert signed_in(cast.owner).post(reverse("file_delete", args=[file.pk])).status_code == 200
    assert Attachment.objects.count() == 0
    undo.undo(newest(), actor=actor_of(cast.owner))
    # then
    assert Attachment.objects.get().stored == file.stored
    assert storing.path_of(file.stored).read_bytes() == builders.PDF


def test_a_deleted_record_takes_its_files_out_of_sight_and_brings_them_back(cast, signed_in) -> None:
    # given
    record = builders.account(cast.owner)
    file = builders.attached(cast.owner, record)
    address, client = reverse("file", args=[file.stored, file.name]), signed_in(cast.owner)
    operation = Operation(actor_of(cast.owner), PAGE)
    # when
    write.delete(registry.get("account"), [record], operation=operation)
    # then
    assert client.get(address).status_code == 404
    undo.undo(operation.id, actor=actor_of(cast.owner))
    assert client.get(address).status_code == 200


def test_merging_takes_the_files_along_and_taking_apart_gives_them_back(cast) -> None:
    # given
    first, second = builders.account(cast.admin), builders.account(cast.admin)
    file = builders.attached(cast.admin, second)
    operation = Operation(actor_of(cast.admin), PAGE)
    # when
    merging.merge(registry.get("account"), first.pk, [second.pk], operation=operation)
    # then
    file.refresh_from_db()
    assert file.record_id == first.pk
    unmerging.unmerge(Merge.objects.get(), operation=Operation(actor_of(cast.admin), PAGE))
    file.refresh_from_db()
    assert file.record_id == second.pk


def test_bytes_stay_as_long_as_they_can_come_back(cast, signed_in, monkeypatch) -> None:
    # given one file that hangs, one deleted now
    record = builders.account(cast.owner)
    kept, gone = builders.attached(cast.owner, record), builders.attached(cast.owner, record, "old.pdf")
    signed_in(cast.owner).post(reverse("file_delete", args=[gone.pk]))
    StoredFile.objects.update(kept_at=timezone.now() - dt.timedelta(days=200))
    # when cleaned today
    assert cleaning.clean() == 0
    assert storing.path_of(gone.stored).is_file()
    # and in 91 days
    later = timezone.now() + dt.timedelta(days=91)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert cleaning.clean() == 1
    # then
    assert not storing.path_of(gone.stored).exists()
    assert storing.path_of(kept.stored).is_file()
    assert [stored.token for stored in StoredFile.objects.all()] == [kept.stored]


def test_the_panel_counts_and_shows_more_on_demand(cast, signed_in) -> None:
    # given
    record, client = builders.account(cast.owner), signed_in(cast.owner)
    for number in range(8):
        builders.attached(cast.owner, record, f"offer-{number}.txt", b"words")
    address = reverse("record_panel", args=["accounts", record.pk, "files"])
    # then
    assert client.get(address).content.decode().count("<li>") == 6
    assert client.get(address, {"all": "1"}).content.decode().count("<li>") == 8


# --- in the story of the record -----------------------------------------------------------------------


def story(record, user, **options):
    with translation.override("en"):
        found = feed.feed(registry.get("account"), record.pk, reader_for(actor_of(user)), **options)
    return [(entry.who, entry.what) for day in found.days for entry in day.entries]


def test_the_story_tells_who_attached_renamed_and_took_away_a_file(cast, signed_in) -> None:
    # given
    account = builders.account(cast.owner)
    file = builders.attached(cast.owner, account)
    first = file.name
    # when
    services.rename(file, "contract.pdf", operation=Operation(actor_of(cast.admin), PAGE))
    named = Attachment.objects.get().name
    removal = Operation(actor_of(cast.owner), PAGE)
    services.remove(Attachment.objects.get(), operation=removal)
    undo.undo(removal.id, actor=actor_of(cast.owner))
    services.remove(Attachment.objects.get(), operation=Operation(actor_of(cast.owner), PAGE))
    # then
    assert story(account, cast.teammate) == [
        ("Owner", f"took the file “{named}” away"),
        ("Owner", f"put the file “{named}” back"),
        ("Owner", f"took the file “{named}” away"),
        ("Admin", f"renamed the file “{first}” to “{named}”"),
        ("Owner", f"attached “{first}”"),
        ("Clientela", "created it"),
    ]
    assert f"attached “{first}”" in signed_in(cast.teammate).get(f"/accounts/{account.pk}/").text
    other = builders.account(cast.owner)
    assert story(other, cast.owner) == [("Clientela", "created it")]


def test_the_story_tells_of_files_only_to_who_may_see_them(cast, monkeypatch) -> None:
    # given
    account = builders.account(cast.owner)
    file = builders.attached(cast.owner, account)
    real = policy.may
    # when files are no module of the reader's
    monkeypatch.setattr(
        policy,
        "may",
        lambda actor, verb, subject: subject.key != "attachment" and real(actor, verb, subject),
    )
    # then
    assert story(account, cast.teammate) == [("Clientela", "created it")]
    monkeypatch.setattr(policy, "may", real)
    # when only their names are hidden
    monkeypatch.setattr(
        policy,
        "hidden_fields",
        lambda actor, subject: frozenset({"name"}) if subject.key == "attachment" else frozenset(),
    )
    # then
    assert story(account, cast.teammate)[0] == ("Owner", "did something to a file")
    assert file.name not in str(story(account, cast.teammate))


def test_after_a_merge_the_story_of_the_files_goes_on_with_the_survivor(cast) -> None:
    # given
    first, second = builders.account(cast.admin), builders.account(cast.admin)
    file = builders.attached(cast.admin, second)
    # when
    merging.merge(
        registry.get("account"), first.pk, [second.pk], operation=Operation(actor_of(cast.admin), PAGE)
    )
    # then
    told = [what for _who, what in story(first, cast.admin)]
    assert f"moved the file “{file.name}”" in told
    assert f"attached “{file.name}”" in told
    # when
    unmerging.unmerge(Merge.objects.get(), operation=Operation(actor_of(cast.admin), PAGE))
    # then
    assert file.name not in str(story(first, cast.admin))
    assert f"attached “{file.name}”" in str(story(second, cast.admin))


def test_the_story_goes_on_over_pages_with_files_among_it(cast) -> None:
    account = builders.account(cast.owner)
    for _number in range(5):
        builders.attached(cast.owner, account)
    spec, reader = registry.get("account"), reader_for(actor_of(cast.owner))

    seen, after = [], ""
    while True:
        page = feed.feed(spec, account.pk, reader, after=after, size=2)
        seen += [entry.id for day in page.days for entry in day.entries]
        after = page.after
        if not after:
            break

    assert len(seen) == len(set(seen)) == 6


def test_files_hung_before_the_story_told_of_them_are_told_too(cast) -> None:
    """What the migration finds: those that hang, and those that were taken away."""
    account = builders.account(cast.owner)
    builders.attached(cast.owner, account)
    gone = builders.attached(cast.owner, account)
    services.remove(gone, operation=Operation(actor_of(cast.owner), PAGE))
    before = sorted(LastPlace.objects.values_list("file_id", "record", "record_id"))
    LastPlace.objects.all().delete()

    migration = import_module("clientela.platform.attachments.migrations.0002_last_places")
    migration.fill(apps, None)

    assert sorted(LastPlace.objects.values_list("file_id", "record", "record_id")) == before
    assert len(before) == 2
