"""CSV and its kin, read row by row from a decoded stream: memory does not grow with the file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import TextIO

from clientela.kit.tables.decoding import Reading, detect
from clientela.kit.tables.escaping import unescaped
from clientela.kit.tables.table import Cell, Records, TableError

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 64 * 1024
_SURE = 0.8
_LONGEST_CELL = 8 << 20
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?$', re.IGNORECASE)

# The module's own limit, 131,072 characters, refuses notes of a megabyte; it holds for the whole process.
csv.field_size_limit(_LONGEST_CELL)


def open_delimited(path: Path, encoding: str | None, delimiter: str | None) -> tuple[Reading, str, Records]:
    """How the file is encoded and delimited, and its records. Raises TableError."""
    reading = detect(path, encoding)
    with path.open(encoding=reading.encoding, newline="") as stream:
        sample = stream.read(_SAMPLE)
    if not sample.strip("\ufeff \t\r\n\0"):
        raise TableError("empty")
    if "\0" in sample:
        raise TableError("nul_bytes", row=sample.count("\n", 0, sample.index("\0")) + 1)
    announced = _SEPARATOR_LINE.match(sample.splitlines(keepends=True)[0])
    chosen = delimiter or (
        announced[1] if announced else sniff_delimiter(sample, whole=len(sample) < _SAMPLE)
    )

    def records() -> Generator[list[Cell], None, None]:
        return _records(path, reading, chosen, skip_first=announced is not None)

    if not reading.even_quotes:
        _refuse_unclosed_quote(path, reading, chosen)
    return reading, chosen, records


def sniff_delimiter(sample: str, *, whole: bool = True) -> str:
    """The delimiter that cuts the sample into the steadiest rows; a comma when none does (a single
    column)."""
    scores = {delimiter: _steadiness(sample, delimiter, whole) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best][0] >= _SURE else ","


def _steadiness(sample: str, delimiter: str, whole: bool) -> tuple[float, int]:
    """The share of rows with the usual number of cells, more if the first row has several; and that
    number."""
    try:
        rows = [len(row) for row in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    rows = rows if whole or len(rows) < 2 else rows[:-1]
    if not rows:
        return 0.0, 0
    width, count = Counter(rows).most_common(1)[0]
    if width == 1:
        return 0.0, 1
    return count / len(rows) + (0.5 if rows[0] > 1 else 0.0), width


def _records(
    path: Path, reading: Reading, delimiter: str, *, skip_first: bool
) -> Generator[list[Cell], None, None]:
    with path.open(encoding=reading.encoding, newline="") as stream:
        if skip_first:
            stream.readline()
            yield []  # keeps the row numbers those of the file
        yield from _unescaped_rows(stream, delimiter) if reading.escapes else _plain_rows(stream, delimiter)


def _plain_rows(stream: TextIO, delimiter: str) -> Generator[list[Cell], None, None]:
    reader = csv.reader(stream, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise TableError("cell_too_long", row=reader.line_num) from error


def _unescaped_rows(stream: TextIO, delimiter: str) -> Generator[list[Cell], None, None]:
    for row in _plain_rows(stream, delimiter):
        yield [unescaped(cell) if cell and cell[0] == "'" else cell for cell in row if isinstance(cell, str)]


def _refuse_unclosed_quote(path: Path, reading: Reading, delimiter: str) -> None:
    """With an odd number of quotes, one may have swallowed the rest of the file into one cell."""
    with path.open(encoding=reading.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        start, record, last, number = 0, 0, 0, 0
        try:
            for number, _row in enumerate(reader, 1):
                start, last, record = last, reader.line_num, number
        except csv.Error as error:
            raise TableError("unclosed_quote", row=number + 1) from error
    if last - start > 1:
        raise TableError("unclosed_quote", row=record)
