"""The top of a file: in which row the names of its columns stand, in which its first record. Found by the
words that fields are called by, or as a person says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from clientela.access.actor import Actor
from clientela.kit.tables import Cell, Table
from clientela.platform.transfer import headings, mapping
from clientela.platform.transfer.models import ImportJob
from clientela.platform.transfer.reading import read_file, told
from clientela.platform.transfer.targets import targets_of
from clientela.records.spec import Spec

SHOWN = 10
"""Rows among which a person chooses."""
LAST = 1000
"""The last row a person may say."""
_LOOKED_AT = 20
_CHARACTERS = 90
_LEAST_NAMED = 2
_FIGURES = re.compile(r"[\d.,+%€$\s/()-]+|.*@.*")


@dataclass(frozen=True)
class Top:
    """Rows counted from 1; None where it is to be found out."""

    header_row: int | None = None
    data_row: int | None = None


AS_FOUND = Top()


def top_of(job: ImportJob) -> Top:
    """Where an import's file begins, as found or chosen when it was opened."""
    shape = job.report.get("shape", {})
    return Top(shape.get("header_row"), shape.get("data_row"))


def read_job(job: ImportJob) -> Table:
    """The table of an import, begun where it was found or chosen to begin. Raises Invalid."""
    return _read(job.file, job.sheet, top_of(job))


def read_named(spec: Spec, actor: Actor, path: Path, sheet: str, top: Top) -> Table:
    """The table of a file to import, with a second row of names left out. Raises Invalid."""
    table = _read(path, sheet, top)
    if top.header_row is not None or top.data_row is not None:
        return table
    found = _two_rows_of_names(spec, actor, table)
    return _read(path, sheet, found) if found else table


def shape_of(table: Table) -> dict[str, Any]:
    """What an import keeps of its file: format, where it begins, its first rows as (number, text)."""
    return {
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "header_row": table.header_row,
        "data_row": _data_row(table),
        "skipped_rows": list(table.skipped_rows),
        "first_rows": [[number, _words(row)] for number, row in _first_rows(table, SHOWN)],
        "sheets": list(table.sheets),
    }


def _read(path: Path, sheet: str, top: Top) -> Table:
    if top.header_row is None and top.data_row is not None:
        top = Top(read_file(path, sheet).header_row, top.data_row)
    return read_file(path, sheet, header_row=top.header_row, data_row=top.data_row)


def _data_row(table: Table) -> int:
    return max((table.header_row, *table.skipped_rows)) + 1


def _first_rows(table: Table, count: int) -> list[tuple[int, list[Cell]]]:
    """The first rows with any value, wherever the names stand."""
    with closing(told(table.records)) as records:
        rows = told(lambda: list(islice(records, _LOOKED_AT)))
    return [(number, row) for number, row in enumerate(rows, 1) if any(cell != "" for cell in row)][:count]


def _words(row: Sequence[Cell]) -> str:
    text = " · ".join(str(cell).strip() for cell in row if cell != "")
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"


def _two_rows_of_names(spec: Spec, actor: Actor, table: Table) -> Top | None:
    """The better of two rows of names, one under the other, as the header; None where there is one.

    The row under the names counts as names too where most of its cells are what fields are called."""
    rows = dict(_first_rows(table, _LOOKED_AT))
    first, second = table.header_row, _data_row(table)
    if second not in rows or table.skipped_rows[-1:] == (second - 1,):
        return None
    names = mapping.names_of(spec, targets_of(spec, actor))
    named = _named(rows[second], names)
    filled = sum(cell != "" for cell in rows[second])
    if named < _LEAST_NAMED or named * 2 < filled or any(_is_figure(cell) for cell in rows[second]):
        return None
    better = second if named > _named(rows[first], names) - _repeated(rows[first]) else first
    return Top(better, second + 1)


def _repeated(row: Sequence[Cell]) -> int:
    """Cells that say again what another one says, as headings over several columns do."""
    texts = [cell for cell in row if cell != ""]
    return len(texts) - len(set(texts))


def _named(row: Sequence[Cell], names: Mapping[str, Mapping[str, float]]) -> int:
    """How many different fields the cells of a row name."""
    found = {next(iter(names[key])) for key in map(headings.squash, map(str, row)) if key and key in names}
    return len(found)


def _is_figure(cell: Cell) -> bool:
    return not isinstance(cell, str) or (cell != "" and bool(_FIGURES.fullmatch(cell)))
