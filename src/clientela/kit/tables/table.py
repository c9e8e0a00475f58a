"""The one face of a tabular file, whatever its format, and the error every reader raises."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

# Empty cells are "" in every format. CSV gives text only; spreadsheets give their types, whole floats as int
# and other floats as Decimal, with the fifteen digits a spreadsheet keeps.
Cell = str | int | Decimal | bool | date | datetime
Records = Callable[[], Generator[list[Cell], None, None]]

_MESSAGES = {
    "not_a_table": "This file is no table: CSV, XLSX, ODS and XLS can be read.",
    "empty": "The file is empty.",
    "no_rows": "The file has column names but no rows below them.",
    "too_large": "The file has {size} bytes; up to {limit} can be read.",
    "too_many_cells": "The sheet spans {cells} cells; up to {limit} can be read.",
    "too_many_parts": "The spreadsheet holds {parts} files; up to {limit} can be read.",
    "too_many_columns": "The file has {columns} columns; up to {limit} can be read.",
    "nul_bytes": "Row {row} has NUL characters; the file is damaged or no text.",
    "bad_encoding": "Row {row} cannot be read as {encoding}.",
    "unknown_encoding": "There is no encoding called {encoding}.",
    "unclosed_quote": "A quotation mark opened in row {row} is never closed.",
    "cell_too_long": "A cell near row {row} is too long; a quotation mark may be missing.",
    "encrypted": "The spreadsheet is protected with a password.",
    "damaged": "The spreadsheet is damaged and cannot be read.",
    "no_sheet": "The spreadsheet has no sheet called {sheet}.",
}


class TableError(Exception):
    """A file that cannot be read as a table. The caller translates `code` with `params`; str() is the
    English text.

    Codes: not_a_table, empty, no_rows, too_large, too_many_cells, too_many_columns, nul_bytes, bad_encoding,
    unknown_encoding, unclosed_quote, cell_too_long, encrypted, damaged, no_sheet.
    """

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(_MESSAGES[code].format(**params))
        self.code = code
        self.params = params


@dataclass
class Table:
    """An opened file. Rows are read again from the file at each iteration, never kept.

    kind: "csv", "xlsx", "ods" or "xls". encoding and delimiter are None for spreadsheets, sheets empty for
    CSV. Row numbers count from 1 as a spreadsheet program shows them. header_row is the row the names come
    from; skipped_rows are the other rows taken as titles or second headers and left out: tell the user.
    """

    path: Path
    kind: str
    columns: list[str]
    header_row: int
    skipped_rows: tuple[int, ...]
    encoding: str | None
    delimiter: str | None
    sheets: tuple[str, ...]
    sheet: str | None
    records: Records = field(repr=False)

    def rows(self) -> Iterator[list[Cell]]:
        """The rows under the header, each as long as `columns` or longer; rows without any value are left
        out."""
        return (row for _, row in self.numbered_rows())

    def numbered_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """The rows with their numbers. Short rows are filled with ""; a row longer than `columns` has stray
        delimiters, which the caller reports. A comma and space inside an unquoted text is mended where only
        one reading fits."""
        width, first = len(self.columns), max((self.header_row, *self.skipped_rows)) + 1
        mendable = self.delimiter == ","
        with closing(self.records()) as records:
            for number, row in enumerate(islice(records, first - 1, None), first):
                if len(row) == width and row[0] != "":
                    yield number, row
                elif any(cell != "" for cell in row):
                    yield number, _fitted(row, width, mendable)

    def sample(self, count: int = 200) -> list[list[Cell]]:
        """The first rows, for guessing kinds and for a preview."""
        return list(islice(self.rows(), count))


def _fitted(row: list[Cell], width: int, mendable: bool) -> list[Cell]:
    if len(row) < width:
        return row + [""] * (width - len(row))
    while len(row) > width and row[-1] == "":
        row = row[:-1]
    return _mended(row, width) if mendable and len(row) > width else row


def _mended(row: list[Cell], width: int) -> list[Cell]:
    """The row with "Sanchez" and " Nancy" joined again, if exactly the cells in excess begin with a space."""
    joined: list[Cell] = []
    for cell in row:
        if joined and isinstance(cell, str) and cell[:1] == " " and cell.strip():
            joined[-1] = f"{joined[-1]},{cell}"
        else:
            joined.append(cell)
    return joined if len(joined) == width else row
