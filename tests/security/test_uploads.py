"""Files made to do harm, and files of somebody else: refused with a clear word, logged, nothing changed."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clientela.kit.tables import TableError, open_table
from clientela.kit.tables.spreadsheets import MOST_ENTRIES
from clientela.platform.attachments import storing
from clientela.platform.attachments.models import Attachment, StoredFile
from clientela.platform.audit.models import Change, SecurityEvent
from tests.attachments import builders
from tests.contract import ways

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings):
    """The folder of files, empty at first."""
    settings.MEDIA_ROOT = tmp_path / "files"
    with translation.override("en"):
        yield tmp_path / "files"


PROGRAMME = b"MZ\x90\x00" + bytes(200)
HANDLER = builders.SVG.replace(b"<rect", b"<rect\nonload = 'x()'")
HARMFUL = {
    "a page called a picture": ("logo.png", builders.HTML, "the content is something else"),
    "a programme called a document": (
        "offer.pdf",
        b"MZ\x90\x00" + bytes(200),
        "the content is something else",
    ),
    "a picture called a document": ("offer.pdf", builders.picture(), "the content is something else"),
    "a drawing called a picture": ("logo.png", builders.SVG, "the content is something else"),
    "a drawing with a script": ("logo.svg", builders.SVG_WITH_SCRIPT, "carries a script"),
    "a drawing with a handler": (
        "logo.svg",
        builders.SVG.replace(b"<rect", b"<rect\nonload = 'x()'"),
        "a script",
    ),
    "a drawing in UTF-16": ("logo.svg", builders.SVG_WITH_SCRIPT.decode().encode("utf-16"), "a script"),
    "a zip bomb": ("all.zip", builders.bomb(), "zip bomb"),
    "a bomb called a document": ("offer.docx", builders.bomb(), "zip bomb"),
    "a broken archive": ("all.zip", builders.archive(a=b"x" * 500)[:-40], "damaged"),
    "a huge picture": ("photo.png", builders.huge_png(10_000, 10_000), "up to 9000 pixels a side"),
    "a picture of gigapixels": ("photo.png", builders.huge_png(2_000_000_000, 2), "50 million"),
    "half a picture": ("photo.png", builders.picture(size=(400, 400))[:200], "damaged"),
    "nothing at all": ("empty.txt", b"", "empty"),
}


@pytest.mark.parametrize("kind", HARMFUL)
def test_a_harmful_file_is_refused_logged_and_leaves_nothing(kind: str, cast, signed_in, files: Path) -> None:
    # given
    name, data, words = HARMFUL[kind]
    record, client = builders.account(cast.owner), signed_in(cast.owner)
    before = Change.objects.count()
    # when
    response = builders.send(client, record, (name, data))
    # then
    assert response.status_code == 422
    assert words in response.content.decode()
    assert (Attachment.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert Change.objects.count() == before
    assert [path for path in files.rglob("*") if path.is_file()] == []
    event = SecurityEvent.objects.get(kind="file_refused")
    assert event.user == cast.owner
    assert name in event.detail


def test_a_file_over_the_limit_is_refused(cast, signed_in, settings, files: Path) -> None:
    # given
    settings.FILE_LIMIT = 1 << 20
    record = builders.account(cast.owner)
    # when
    response = builders.send(signed_in(cast.owner), record, ("big.txt", b"x" * ((1 << 20) + 1)))
    # then
    assert response.status_code == 422
    assert "up to 1 MB" in response.content.decode()
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_the_good_files_among_bad_ones_are_kept(cast, signed_in) -> None:
    record, client = builders.account(cast.owner), signed_in(cast.owner)
    response = builders.send(client, record, ("logo.png", builders.HTML), ("offer.pdf", builders.PDF))
    assert response.status_code == 200
    assert "logo.png: The name ends in .png" in response.content.decode()
    assert [file.name for file in Attachment.objects.all()] == ["offer.pdf"]


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("page.html", builders.HTML, "application/octet-stream"),
        ("logo.svg", builders.SVG, "application/octet-stream"),
        ("run.exe", PROGRAMME, "application/octet-stream"),
        (
            "feed.xml",
            b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
            "application/octet-stream",
        ),
        ("moving.gif", builders.picture("GIF") + builders.HTML, "image/gif"),
        ("offer.pdf", builders.PDF, "application/pdf"),
        ("words.txt", "¿Qué tal?\r\n".encode(), "text/plain; charset=utf-8"),
        ("parts.zip", builders.archive(a=b"words"), "application/zip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_a_file_is_given_out_as_a_download_that_cannot_run(
    name: str, data: bytes, content_type: str, cast, signed_in
) -> None:
    # given
    file = builders.attached(cast.owner, builders.account(cast.owner), name, data)
    # when
    response = signed_in(cast.owner).get(reverse("file", args=[file.stored, file.name]))
    # then
    assert response.status_code == 200
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "private" in response["Cache-Control"]
    body = b"".join(response.streaming_content)
    assert b"<script>" not in body or content_type == "application/octet-stream"


def test_a_download_is_called_as_the_file_is_and_not_as_its_address(cast, signed_in) -> None:
    # given a name that a header cannot hold as it is (RFC 6266 §4.3)
    name = "Oferta «año», 50%.pdf"
    file = builders.attached(cast.owner, builders.account(cast.owner), name, builders.PDF)
    # when
    response = signed_in(cast.owner).get(reverse("file", args=[file.stored, "evil.html"]))
    # then
    coded = "Oferta%20%C2%AB%61%C3%B1o%C2%BB%2C%2050%25.pdf".replace("%61", "a")
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{coded}"


def test_only_pictures_drawn_here_stand_in_a_page(cast, signed_in) -> None:
    # given
    record, client = builders.account(cast.owner), signed_in(cast.owner)
    photo = builders.attached(cast.owner, record, "photo.png", builders.picture())
    drawing = builders.attached(cast.owner, record, "logo.svg", builders.SVG)
    # then
    small = client.get(reverse("file_small", args=[photo.stored]))
    assert (small.status_code, small["Content-Type"]) == (200, "image/png")
    assert "sandbox" in small["Content-Security-Policy"]
    assert client.get(reverse("file_small", args=[drawing.stored])).status_code == 404
    html = client.get(reverse("record_panel", args=["accounts", record.pk, "files"])).content.decode()
    assert html.count("<img") == 1


def test_a_script_in_a_name_is_shown_as_words(cast, signed_in) -> None:
    # given
    record, client = builders.account(cast.owner), signed_in(cast.owner)
    # when
    builders.send(client, record, ("<script>alert(1)</script>'\"&.pdf", builders.PDF))
    # then
    html = client.get(reverse("record_panel", args=["accounts", record.pk, "files"])).content.decode()
    assert "<script" not in html
    assert Attachment.objects.get().name == "script_'_&.pdf"


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a/../../b"])
def test_a_path_in_a_name_leads_nowhere(name: str, cast, files: Path) -> None:
    file = builders.attached(cast.owner, builders.account(cast.owner), name, b"words")
    kept = [path for path in files.rglob("*") if path.is_file()]
    assert kept == [storing.path_of(file.stored)]
    assert "/" not in file.name
    assert "\\" not in file.name


@pytest.mark.parametrize("token", ["../../../secret-key", "..%2f..%2fsecret-key", "%00", "x" * 43, "of", "1"])
def test_a_path_in_an_address_leads_nowhere(token: str, cast, signed_in) -> None:
    assert signed_in(cast.admin).get(f"/files/{token}/secret-key").status_code == 404


# --- rights ------------------------------------------------------------------------------------------

SEES = {"owner": True, "teammate": True, "manager": True, "outsider": False, "reader": True, "admin": True}
CHANGES = {"owner", "manager", "admin"}


@pytest.mark.parametrize("who", SEES)
def test_whoever_sees_the_record_sees_its_files_by_every_way(who: str, cast, signed_in) -> None:
    # given
    record = builders.account(cast.owner)
    file = builders.attached(cast.owner, record, "photo.png", builders.picture())
    user = getattr(cast, who)
    client, program = signed_in(user), ways.Program(user).client
    addresses = {
        "panel": reverse("record_panel", args=["accounts", record.pk, "files"]),
        "download": reverse("file", args=[file.stored, file.name]),
        "small": reverse("file_small", args=[file.stored]),
        "its page": f"/attachments/{file.pk}/",
    }
    programs = {
        "list": f"/api/v1/accounts/{record.pk}/files",
        "bytes": f"/api/v1/accounts/{record.pk}/files/{file.pk}",
        "record": f"/api/v1/attachments/{file.pk}",
    }
    # then
    expected = 200 if SEES[who] else 404
    assert {name: client.get(url).status_code for name, url in addresses.items()} == dict.fromkeys(
        addresses, expected
    )
    assert {name: program.get(url).status_code for name, url in programs.items()} == dict.fromkeys(
        programs, expected
    )
    listed = [item["id"] for item in program.get("/api/v1/attachments").json()["items"]]
    assert listed == ([file.pk] if SEES[who] else [])
    assert ("photo.png" in client.get("/attachments/?view=all").content.decode()) is SEES[who]


@pytest.mark.parametrize("who", SEES)
def test_whoever_changes_the_record_changes_its_files_and_nobody_else(who: str, cast, signed_in) -> None:
    # given
    record = builders.account(cast.owner)
    file = builders.attached(cast.owner, record)
    user = getattr(cast, who)
    client, program = signed_in(user), ways.Program(user).client
    api = f"/api/v1/accounts/{record.pk}/files"
    expected = 404 if not SEES[who] else None if who in CHANGES else 403
    # when
    statuses = [
        client.post(reverse("file_rename", args=[file.pk]), {"name": "other.pdf"}).status_code,
        program.patch(
            f"/api/v1/attachments/{file.pk}", '{"name": "more.pdf"}', content_type="application/json"
        ).status_code,
        builders.send(client, record, ("mine.txt", b"words")).status_code,
        program.post(api, {"file": SimpleUploadedFile("program.txt", b"words")}).status_code,
        program.delete(f"{api}/{file.pk}").status_code,
    ]
    # then
    names = sorted(each.name for each in Attachment.objects.all())
    if expected is None:
        assert statuses == [204, 200, 200, 201, 204]
        assert names == ["mine.txt", "program.txt"]
    else:
        assert statuses == [expected] * 5
        assert names == ["offer.pdf"]


def test_the_uploader_who_may_no_longer_change_the_record_changes_no_file(cast) -> None:
    # given a file of the teammate's on a record that is the owner's now
    record = builders.account(cast.teammate)
    file = builders.attached(cast.teammate, record)
    type(record).objects.update(owner=cast.owner)
    program = ways.Program(cast.teammate)
    # then
    assert program.client.delete(f"/api/v1/attachments/{file.pk}").status_code == 403
    body = '{"name": "other.pdf"}'
    patched = program.client.patch(f"/api/v1/attachments/{file.pk}", body, content_type="application/json")
    assert patched.status_code == 403
    assert Attachment.objects.get().name == "offer.pdf"


def test_who_has_not_signed_in_gets_nothing(cast) -> None:
    record = builders.account(cast.owner)
    file = builders.attached(cast.owner, record)
    stranger = Client()
    for url in (reverse("file", args=[file.stored, file.name]), reverse("file_small", args=[file.stored])):
        assert stranger.get(url)["Location"].startswith("/account/login/")
    assert stranger.get(f"/api/v1/accounts/{record.pk}/files").status_code == 401
    assert builders.send(stranger, record, ("mine.txt", b"words")).status_code == 302
    assert Attachment.objects.count() == 1


def test_the_bytes_of_another_file_cannot_be_claimed(cast) -> None:
    """Mass assignment: neither the record, nor the bytes, nor the type are anybody's to say."""
    # given a file that the outsider does not see, and one of his own
    hidden = builders.attached(cast.owner, builders.account(cast.owner))
    own_record = builders.account(cast.outsider)
    own = builders.attached(cast.outsider, own_record, "own.txt", b"words")
    program = ways.Program(cast.outsider).client
    values = f'{{"stored": "{hidden.stored}"}}', '{"record_id": 1}', '{"content_type": "text/html"}'
    # when
    statuses = {
        program.patch(f"/api/v1/attachments/{own.pk}", body, content_type="application/json").status_code
        for body in values
    }
    made = program.post(
        "/api/v1/attachments",
        f'{{"name": "x", "stored": "{hidden.stored}", "record": "account", "record_id": {own_record.pk}}}',
        content_type="application/json",
    )
    empty = program.post("/api/v1/attachments", '{"name": "x"}', content_type="application/json")
    # then
    assert statuses == {422}
    assert (made.status_code, empty.status_code) == (422, 422)
    assert Attachment.objects.count() == 2


def test_a_file_of_another_record_is_not_found_under_this_one(cast) -> None:
    first, second = builders.account(cast.owner), builders.account(cast.owner)
    file = builders.attached(cast.owner, first)
    program = ways.Program(cast.owner).client
    assert program.get(f"/api/v1/accounts/{second.pk}/files/{file.pk}").status_code == 404
    assert program.delete(f"/api/v1/accounts/{second.pk}/files/{file.pk}").status_code == 404
    assert program.get("/api/v1/stages/1/files").status_code == 404
    assert Attachment.objects.count() == 1


# --- files to import ---------------------------------------------------------------------------------


def test_a_spreadsheet_that_unpacks_without_end_is_not_opened() -> None:
    data = builders.archive(
        **{
            "[Content_Types].xml": b"<Types/>",
            "xl__workbook.xml": b"<workbook/>",
            "xl__media__a": bytes(8 << 20),
        }
    )
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        with pytest.raises(TableError) as error:
            open_table(file.name, max_unpacked_bytes=4 << 20)
        assert error.value.code == "too_large"


def test_a_spreadsheet_of_very_many_parts_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "parts.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for number in range(MOST_ENTRIES):
            archive.writestr(f"xl/{number}", b"")
    with pytest.raises(TableError) as error:
        open_table(path)
    assert error.value.code == "too_many_parts"


def test_a_spreadsheet_that_lies_about_its_size_is_not_read() -> None:
    """Its directory says that the texts unpack to a kilobyte; they unpack to eight megabytes."""
    # given
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        book.add_worksheet().write(0, 0, "name")
    entries = zipfile.ZipFile(written)
    texts = b"<sst><si><t>" + b"a" * (8 << 20) + b"</t></si></sst>"
    lying = io.BytesIO()
    with zipfile.ZipFile(lying, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in entries.namelist():
            made.writestr(entry, texts if entry.endswith("sharedStrings.xml") else entries.read(entry))
    data = lying.getvalue().replace(struct.pack("<I", len(texts)), struct.pack("<I", 1000))
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        # when
        with pytest.raises(TableError) as error:
            open_table(file.name, max_unpacked_bytes=1 << 20)
    # then
    assert error.value.code == "damaged"
