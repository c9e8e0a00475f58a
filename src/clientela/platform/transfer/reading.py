"""Opening a file to import, and why it cannot be read, in words for the person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientela.kit.tables import Cell, Table, TableError, open_table
from clientela.records.errors import Invalid

_WORDS = {
    "not_a_table": gettext_lazy("This file is no table. Clientela reads CSV, XLSX, ODS and XLS."),
    "empty": gettext_lazy("The file is empty."),
    "no_rows": gettext_lazy("The file has names of columns but no rows below them."),
    "too_large": gettext_lazy("The file has %(size)s MB; up to %(limit)s MB can be read. Split it in parts."),
    "too_many_cells": gettext_lazy("The sheet spans too many cells. Delete its empty rows and columns."),
    "too_many_parts": gettext_lazy("The spreadsheet holds %(parts)s files; up to %(limit)s can be read."),
    "too_many_columns": gettext_lazy("The file has %(columns)s columns; up to %(limit)s can be read."),
    "nul_bytes": gettext_lazy("Row %(row)s has NUL characters: the file is damaged or is no text."),
    "bad_encoding": gettext_lazy("Row %(row)s cannot be read as %(encoding)s."),
    "unknown_encoding": gettext_lazy("There is no encoding called %(encoding)s."),
    "unclosed_quote": gettext_lazy("A quotation mark opened in row %(row)s is never closed."),
    "cell_too_long": gettext_lazy("A cell near row %(row)s is too long; a quotation mark may be missing."),
    "encrypted": gettext_lazy("The spreadsheet is protected with a password. Save it without one."),
    "damaged": gettext_lazy("The spreadsheet is damaged and cannot be read."),
    "no_sheet": gettext_lazy("The spreadsheet has no sheet called %(sheet)s."),
}
MEGABYTE = 1 << 20
MOST_BYTES = 10 * MEGABYTE
"""Of the rows taken at once. What becomes of them on their way takes some ten times as much memory."""
_CELL = 50
"""Bytes that a cell takes beside its text."""
T = TypeVar("T")


def read_file(
    path: Path, sheet: str = "", *, header_row: int | None = None, data_row: int | None = None
) -> Table:
    """The table in a file, its first rows as said; raises Invalid with `file` where it cannot be read."""
    return told(lambda: open_table(path, sheet=sheet or None, header_row=header_row, data_row=data_row))


def told(read: Callable[[], T]) -> T:
    """What `read` gives; the errors of files and tables as words."""
    try:
        return read()
    except TableError as error:
        raise Invalid({"file": [words_of(error)]}) from error
    except FileNotFoundError as error:
        raise Invalid({"file": [_("There is no such file.")]}) from error
    except OSError as error:
        raise Invalid(
            {"file": [_("The file cannot be read: %(reason)s") % {"reason": error.strerror}]}
        ) from error


def words_of(error: TableError) -> str:
    """The error in the active language."""
    params = dict(error.params)
    if error.code == "too_large":
        params = {name: round(int(value) / MEGABYTE) for name, value in params.items()}
    return str(_WORDS[error.code]) % params


def portion(rows: Iterator[tuple[int, Sequence[Cell]]], most: int) -> list[tuple[int, Sequence[Cell]]]:
    """The next `most` of numbered rows, or as many as `MOST_BYTES` hold; at least one where there is one."""
    taken, size = [], 0
    for number, cells in islice(rows, most):
        taken.append((number, cells))
        size += _CELL * len(cells) + sum(len(cell) for cell in cells if type(cell) is str)
        if size >= MOST_BYTES:
            break
    return taken


def sampled(table: Table, most: int) -> tuple[list[list[Cell]], int]:
    """The first rows of a table, `most` or a `portion`, and how many there are in all."""
    rows = table.numbered_rows()
    first = [list(cells) for _number, cells in portion(rows, most)]
    return first, len(first) + sum(1 for _row in rows)
