"""XLSX, ODS and XLS through calamine, with their types. Checked for size before they are unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, load_workbook

from clientela.kit.tables.table import Cell, Records, TableError

# calamine keeps a sheet's whole rectangle in memory, about 32 bytes a cell.
MOST_CELLS = 30_000_000
# A workbook has a dozen files and one for each sheet and picture.
MOST_ENTRIES = 10_000
# What zipfile raises for archives cut, altered or packed in ways nobody packs a spreadsheet.
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError, RuntimeError)
_CHUNK = 1 << 20
_OVERLAP = 200
_CELL_PLACE = re.compile(rb"r\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_FAR_COLUMN = re.compile(rb"r\s*=\s*[\"']([A-Z]{2,3})\d")
_FAR_ROW = re.compile(rb"r\s*=\s*[\"'][A-Z]{0,3}(\d{6,7})[\"']")
_NEAR_ROWS = 99_999
_ODS_REPEATED = re.compile(
    rb'<table:table-cell[^>]*number-columns-repeated="(\d{4,})"[^>]*(?:value-type|[^/]>)'
    rb'|<table:table-row[^>]*number-rows-repeated="(\d{5,})"[^>]*><table:table-cell[^>]*value-type'
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE_WORKBOOK = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))


def spreadsheet_kind(path: Path) -> str | None:
    """ "xlsx", "ods" or "xls" by the file's content, None when it is no spreadsheet. Raises
    TableError("encrypted")."""
    with path.open("rb") as file:
        head = file.read(8)
        if head == _OLE:
            return _ole_kind(file.read())
    return _zip_kind(path) if head.startswith(b"PK\x03\x04") else None


def _ole_kind(content: bytes) -> str | None:
    if _OLE_ENCRYPTED in content:
        raise TableError("encrypted")
    return "xls" if any(name in content for name in _OLE_WORKBOOK) else None


def _zip_kind(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and b"opendocument.spreadsheet" in archive.open("mimetype").read(200):
                if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise TableError("encrypted")
                return "ods"
    except _BROKEN as error:
        raise TableError("damaged") from error
    return "xlsx" if any(name.startswith("xl/workbook") for name in names) else None


def check_unpacked(path: Path, kind: str, most_bytes: int) -> None:
    """Refuse an archive that unpacks to more than may be read, or whose cells span more than memory bears."""
    if kind == "xls":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise TableError("too_many_parts", parts=len(entries), limit=MOST_ENTRIES)
            size = sum(entry.file_size for entry in entries)
            if size > most_bytes:
                raise TableError("too_large", size=size, limit=most_bytes)
            for name in archive.namelist():
                if kind == "xlsx" and name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _check_span(archive, name)
                elif kind == "ods" and name == "content.xml":
                    _check_repeats(archive, name)
    except _BROKEN as error:
        raise TableError("damaged") from error


def _windows(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The entry in pieces that overlap, so that no tag is cut."""
    with archive.open(name) as entry:
        tail = b""
        while chunk := entry.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _check_span(archive: zipfile.ZipFile, name: str) -> None:
    """A cell may claim to stand in the last row and column there are: count the rectangle before it is laid
    out."""
    cells = _rough_span(archive, name)
    if cells > MOST_CELLS:
        cells = _exact_span(archive, name)
    if cells > MOST_CELLS:
        raise TableError("too_many_cells", cells=cells, limit=MOST_CELLS)


def _rough_span(archive: zipfile.ZipFile, name: str) -> int:
    """At most this many cells: looks only at columns beyond Z and rows of six figures, so most files pass
    quickly."""
    columns, row = {b"Z"}, _NEAR_ROWS
    for window in _windows(archive, name):
        columns.update(_FAR_COLUMN.findall(window))
        row = max(row, max(map(int, _FAR_ROW.findall(window)), default=0))
    return max(map(_column_number, columns)) * row


def _exact_span(archive: zipfile.ZipFile, name: str) -> int:
    columns, row = {b"A"}, 1
    for window in _windows(archive, name):
        places = _CELL_PLACE.findall(window)
        columns.update({letters for letters, _ in places})
        row = max(row, max((int(number) for _, number in places), default=1))
    return max(map(_column_number, columns)) * row


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_repeats(archive: zipfile.ZipFile, name: str) -> None:
    """An ODS file says "this value a million times" in one tag."""
    for window in _windows(archive, name):
        if found := _ODS_REPEATED.search(window):
            raise TableError("too_many_cells", cells=int(found[1] or found[2]), limit=MOST_CELLS)


def open_spreadsheet(path: Path, sheet: str | None) -> tuple[tuple[str, ...], str, Records]:
    """The names of the sheets with anything in them to read, the one chosen (the first), and its records."""
    workbook = _workbook(path)
    names = tuple(entry.name for entry in workbook.sheets_metadata if "Sheet" in str(entry.typ))
    if not names:
        raise TableError("empty")
    if sheet is not None and sheet not in names:
        raise TableError("no_sheet", sheet=sheet[:80])
    chosen = sheet if sheet is not None else _first_filled(workbook, names)
    loaded = _sheet(workbook, chosen)

    def records() -> Generator[list[Cell], None, None]:
        yield from ([_cell(value) for value in row] for row in loaded.iter_rows())

    return names, chosen, records


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        return load_workbook(str(path))
    except PasswordError as error:
        raise TableError("encrypted") from error
    except (CalamineError, OSError) as error:
        raise TableError("damaged") from error


def _first_filled(workbook: CalamineWorkbook, names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return names[0]
    for name in names:
        if _sheet(workbook, name).height:
            return name
    raise TableError("empty")


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise TableError("damaged") from error


def _cell(value: Any) -> Cell:
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(f"{value:.15g}")
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, str | bool | int | date | datetime):
        return value
    return ""
