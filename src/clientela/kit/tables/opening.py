"""Opening any tabular file: by its content, never by its name."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path

from clientela.kit.tables.delimited import open_delimited
from clientela.kit.tables.headers import find_header
from clientela.kit.tables.spreadsheets import check_unpacked, open_spreadsheet, spreadsheet_kind
from clientela.kit.tables.table import Cell, Records, Table, TableError

MAX_TEXT_BYTES = 256 << 20
MAX_SPREADSHEET_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 1 << 30
MAX_COLUMNS = 300
_LOOKED_AT = 60


def open_table(
    path: Path | str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    data_row: int | None = None,
    max_text_bytes: int = MAX_TEXT_BYTES,
    max_spreadsheet_bytes: int = MAX_SPREADSHEET_BYTES,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
    max_columns: int = MAX_COLUMNS,
) -> Table:
    """The table in the file. What is not said is found out; limits are in bytes. Raises TableError.

    `header_row` and `data_row`, from 1: where the names and the first record stand; the second needs the
    first."""
    path = Path(path)
    size = path.stat().st_size
    if size == 0:
        raise TableError("empty")
    kind = spreadsheet_kind(path)
    limit = max_spreadsheet_bytes if kind else max_text_bytes
    if size > limit:
        raise TableError("too_large", size=size, limit=limit)
    if kind:
        check_unpacked(path, kind, max_unpacked_bytes)
        names, chosen, records = open_spreadsheet(path, sheet)
        found = (kind, None, None, names, chosen)
        return _table(path, found, records, (header_row, data_row), max_columns)
    reading, mark, records = open_delimited(path, encoding, delimiter)
    return _table(
        path, ("csv", reading.encoding, mark, (), None), records, (header_row, data_row), max_columns
    )


def _table(
    path: Path,
    found: tuple[str, str | None, str | None, tuple[str, ...], str | None],
    records: Records,
    rows: tuple[int | None, int | None],
    max_columns: int,
) -> Table:
    last = max(row or 0 for row in rows)
    first = _first_rows(records, max(_LOOKED_AT, last))
    if last > len(first):
        raise TableError("no_rows")
    header = find_header(first, *rows)
    if len(header.columns) > max_columns:
        raise TableError("too_many_columns", columns=len(header.columns), limit=max_columns)
    kind, encoding, delimiter, sheets, sheet = found
    table = Table(
        path, kind, header.columns, header.row, header.skipped, encoding, delimiter, sheets, sheet, records
    )
    if next(table.rows(), None) is None:
        raise TableError("no_rows")
    return table


def _first_rows(records: Records, count: int) -> list[list[Cell]]:
    with closing(records()) as rows:
        first = list(islice(rows, count))
    if not any(cell != "" for row in first for cell in row):
        raise TableError("empty")
    return first
