"""What a file is, by its content alone, and whether it may come in. Its name only has to agree."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import puremagic
from django.utils.translation import gettext as _

from clientela.platform.attachments.names import ending_of
from clientela.records.errors import Invalid

UNKNOWN, TEXT, PDF, ZIP = "application/octet-stream", "text/plain", "application/pdf", "application/zip"
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_BY_ENTRY = {
    "word/document.xml": f"{_OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
    "xl/workbook.bin": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OFFICE}presentationml.presentation",
}
_OPEN_DOCUMENTS = frozenset(f"{_OPEN}{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics"))
MEDIA = frozenset({"audio/mpeg", "audio/wav", "audio/ogg", "audio/x-wav", "video/mp4", "video/webm"})
# Endings whose file must be what they say; any other ending may hold anything.
_MUST_BE = {
    "png": {"image/png"},
    "jpg": {"image/jpeg"},
    "jpeg": {"image/jpeg"},
    "gif": {"image/gif"},
    "webp": {"image/webp"},
    "pdf": {PDF},
    "docx": {_BY_ENTRY["word/document.xml"]},
    "xlsx": {_BY_ENTRY["xl/workbook.xml"]},
    "pptx": {_BY_ENTRY["ppt/presentation.xml"]},
    "odt": {f"{_OPEN}text"},
    "ods": {f"{_OPEN}spreadsheet"},
    "odp": {f"{_OPEN}presentation"},
    "txt": {TEXT},
    "csv": {TEXT},
}
# Beginnings that a browser would run as a page or a drawing, wherever they stand in what it sniffs
# (WHATWG MIME Sniffing, section 7.1) and a little further.
_ACTIVE = (b"<svg", b"<html", b"<!doctype html", b"<script", b"<iframe", b"<body", b"<?xml", b"<x:script")
_RUNS = (
    b"<script",
    b"javascript:",
    b"<foreignobject",
    b"<iframe",
    b"<embed",
    b"<object",
    b" on",
    b"<!entity",
)
_HEAD = 4096
_LONGEST_DRAWING = 2 << 20
MOST_ENTRIES, MOST_UNPACKED, MOST_RATIO, HARMLESS = 10_000, 1 << 30, 120, 16 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: one of the types that are given out under their name, or UNKNOWN."""

    content_type: str

    @property
    def is_picture(self) -> bool:
        return self.content_type in PICTURES


def determine(path: Path, name: str) -> Found:
    """What the file is. Raises Invalid where its name says something else, or it is made to do harm."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise refused(_("The file is empty."))
    found = Found(_type_of(path, head))
    ending = ending_of(name)
    wanted = _MUST_BE.get(ending)
    if wanted is not None and found.content_type not in wanted:
        text = _("The name ends in .%(ending)s, but the content is something else.")
        raise refused(text % {"ending": ending})
    return found


def refused(message: str) -> Invalid:
    """The refusal of a file, in words for the person."""
    return Invalid({"file": [message]})


def _type_of(path: Path, head: bytes) -> str:
    if _is_active(head):
        _refuse_running_drawing(path, head)
        return UNKNOWN
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(path)
    known = _magic(head)
    if known == PDF:
        return PDF if head.startswith(b"%PDF-") else UNKNOWN
    if known in PICTURES or known in MEDIA:
        return known
    return TEXT if _is_text(path) else UNKNOWN


def _magic(head: bytes) -> str:
    """The best match of those that are given out under their name, if the best is one of them."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    best = max(match.confidence for match in matches)
    types = [match.mime_type for match in matches if match.confidence == best]
    return next((each for each in types if each in PICTURES or each in MEDIA or each == PDF), "")


def _is_active(head: bytes) -> bool:
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return text.startswith(b"<") and any(mark in text for mark in _ACTIVE)


def _refuse_running_drawing(path: Path, head: bytes) -> None:
    """A drawing that carries a programme is refused; one without is kept, and never shown in a page."""
    if b"<svg" not in head.replace(b"\x00", b"").lower():
        return
    if path.stat().st_size > _LONGEST_DRAWING:
        raise refused(_("This drawing is too large."))
    text = path.read_bytes().replace(b"\x00", b"").lower()
    text = text.replace(b"\n", b" ").replace(b"\t", b" ").replace(b"\r", b" ").replace(b"/on", b" on")
    if any(mark in text for mark in _RUNS) or _has_handler(text):
        raise refused(_("This drawing carries a script. Save it as a picture (PNG or JPEG) instead."))


def _has_handler(text: bytes) -> bool:
    """An attribute such as onload=: names that begin with "on" and are given a value."""
    for part in text.split(b" on")[1:]:
        word = part.partition(b"=")[0].strip()
        if b"=" in part and 2 < len(word) < 30 and word.isalpha():
            return True
    return False


def _is_text(path: Path) -> bool:
    """The whole of it reads as UTF-8 without control characters, a piece at a time."""
    try:
        with path.open(encoding="utf-8", errors="strict", newline="") as file:
            while piece := file.read(1 << 16):
                if any(ord(each) < 32 and each not in "\t\r\n\f" for each in piece):
                    return False
    except UnicodeDecodeError:
        return False
    return True


def _zip_type(path: Path) -> str:
    """Checked before anything opens it: how much it unpacks to, how far it is squeezed, what it holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            check_zip(entries)
            names = {entry.filename for entry in entries}
            office = next((kind for name, kind in _BY_ENTRY.items() if name in names), "")
            if office:
                return office
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                said = archive.read("mimetype").decode("ascii", "replace").strip()
                return said if said in _OPEN_DOCUMENTS else ZIP
    except _BROKEN as error:
        raise refused(_("The archive is damaged and cannot be read.")) from error
    return ZIP


def check_zip(entries: list[zipfile.ZipInfo]) -> None:
    """Raises Invalid where an archive unpacks to more than anybody packs in good faith."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    squeezed = unpacked > HARMLESS and unpacked / packed > MOST_RATIO
    overlapping = len({entry.header_offset for entry in entries}) < len(entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or squeezed or overlapping:
        raise refused(_("This archive unpacks to far more than it says: it looks like a zip bomb."))
