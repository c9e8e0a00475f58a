"""Which encoding a text file is in: by its mark, else by what its bytes can be. The whole file is looked
at, because the first accent may stand in the last row."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clientela.kit.tables.table import TableError

CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Signatures of files people take for spreadsheets.
_FOREIGN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"PK\x03\x04",
    b"\x7fELF", b"{\\rtf", b"SQLite format 3",
)  # fmt: skip
_MARKUP = re.compile(rb"\s*<(!doctype|html|table|\?xml|head|meta|svg)\b", re.IGNORECASE)
_JSON = re.compile(rb"\s*[\[{]\s*[\"{\[\]}]")
_CONTROLS = bytes(set(range(1, 32)) - {9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31})
_MOST_CONTROLS = 0.01
# What Windows, DOS and old Macintosh programs call their bytes; the first wins where they fit alike.
_SINGLE_BYTE = ("cp1252", "cp850", "mac_roman")
_USUAL = frozenset("áéíóúüñçàèìòùïâêôûäöåãõøæßÁÉÍÓÚÜÑÇÀÈÒÏÄÖÅØÆ·ºª€¿¡«»’‘“”–—´®©")
# An apostrophe that may be an export's escape: only files with one need each cell looked at.
_ESCAPED = re.compile(rb"'(?:[-'=+@\t\r\n\xef]|$)")


@dataclass(frozen=True)
class Reading:
    """How to read the file: its encoding, whether a cell may carry an export's apostrophe, whether quotes
    come in pairs."""

    encoding: str
    escapes: bool
    even_quotes: bool


def detect(path: Path, encoding: str | None = None) -> Reading:
    """How the file's bytes are to be read; checked from the first to the last. Raises TableError."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00\xff\xfe"):
        raise TableError("empty")
    _refuse_foreign(head)
    chosen = _known(encoding) if encoding else _by_mark(head) or _wide(head)
    if chosen is None:
        _refuse_binary(head)
        chosen = "utf-8" if _fits(path, "utf-8") else _single_byte(path)
    elif not _fits(path, chosen):
        raise TableError("bad_encoding", encoding=chosen, row=_row_of_misfit(path, chosen))
    return _checked(path, chosen)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise TableError("unknown_encoding", encoding=encoding[:40]) from None
    return "utf-8-sig" if name == "utf-8" else name


def _refuse_foreign(head: bytes) -> None:
    if head.startswith(_FOREIGN) or _MARKUP.match(head[:200]) or _JSON.match(head[:200]):
        raise TableError("not_a_table")


def _by_mark(head: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: most letters of a European text have a zero byte on the same side."""
    pairs = len(head) // 2
    even, odd = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if odd > pairs * 0.5 and even < odd * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > pairs * 0.5 and odd < even * 0.05 else None


def _refuse_binary(head: bytes) -> None:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > len(head) * _MOST_CONTROLS or head.count(0) > len(head) * 0.1:
        raise TableError("not_a_table")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _row_of_misfit(path: Path, encoding: str) -> int:
    decoder, row = codecs.getincrementaldecoder(encoding)(), 1
    try:
        for chunk in _chunks(path):
            row += decoder.decode(chunk).count("\n")
    except UnicodeDecodeError as error:
        row += bytes(error.object[: error.start]).count(b"\n")
    return row


def _single_byte(path: Path) -> str:
    """The single-byte encoding in which most of the file's high bytes are letters of our languages."""
    high: dict[int, int] = {}
    for chunk in _chunks(path):
        rest = chunk.translate(None, bytes(range(128)))
        for byte in set(rest):
            high[byte] = high.get(byte, 0) + rest.count(byte)
    scores = {
        encoding: sum(
            count for byte, count in high.items() if bytes([byte]).decode(encoding, "replace") in _USUAL
        )
        for encoding in _SINGLE_BYTE
    }
    best = max(_SINGLE_BYTE, key=lambda encoding: scores[encoding])
    return best if best != "cp1252" or _fits(path, "cp1252") else "latin-1"


def _checked(path: Path, encoding: str) -> Reading:
    """Look for NULs, and note what reading rows needs to know."""
    escapes, quotes, row = False, 0, 1
    wide = encoding.replace("_", "-").startswith(("utf-16", "utf-32"))
    for chunk in _chunks(path):
        if not wide and (found := chunk.find(0)) >= 0:
            raise TableError("nul_bytes", row=row + chunk.count(b"\n", 0, found))
        escapes = escapes or (b"'" in chunk if wide else _ESCAPED.search(chunk) is not None)
        quotes += chunk.count(b'"')
        row += chunk.count(b"\n")
    return Reading(encoding, escapes, quotes % 2 == 0)
