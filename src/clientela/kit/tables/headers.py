"""Where the names of the columns stand: titles above them, group headings, second headers; and names made
unique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from clientela.kit.tables.guess import is_empty_marker
from clientela.kit.tables.table import Cell
from clientela.kit.text import fold

_HAS_LETTERS = re.compile(r"[^\W\d_]")
_DATA = re.compile(
    r"[-+(]?[\d.,'\s]*\d[\d.,'\s%)€$£-]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\S+@\S+\.\S+|https?://\S+"
)
_ENOUGH = 3
_MOST_TITLES = 10


@dataclass(frozen=True)
class Header:
    """The names, the row they stand in (from 1), and the other rows that are no data."""

    columns: list[str]
    row: int
    skipped: tuple[int, ...]


def find_header(
    rows: Sequence[Sequence[Cell]], header_row: int | None = None, data_row: int | None = None
) -> Header:
    """The header among the first rows of a file, or the names in the row the user said, with the first
    record in `data_row` or under them."""
    at = header_row - 1 if header_row else _first_full_row(rows)
    above = _filled_rows(rows, 0, at)
    group = rows[at - 1] if above and above[-1] == at and _is_heading(rows[at - 1], rows[at]) else None
    width = _width(rows[at:])
    names = _names(rows[at], group, width)
    if header_row is None and _is_second_header(rows, at):
        return Header(names, at + 1, (*above, at + 2))
    return Header(names, at + 1, above + _filled_rows(rows, at + 1, (data_row or 0) - 1))


def _filled_rows(rows: Sequence[Sequence[Cell]], start: int, end: int) -> tuple[int, ...]:
    """The numbers, from 1, of the rows with any value from position `start` up to `end`."""
    end = min(end, len(rows))
    return tuple(place + 1 for place in range(start, end) if any(cell != "" for cell in rows[place]))


def _width(rows: Sequence[Sequence[Cell]]) -> int:
    """The header's own width without empty cells at its end, unless data stands under them.

    Rows longer than the header by stray delimiters do not count: most rows must agree."""
    header = _filled_width(rows[0])
    reaching = Counter(_filled_width(row) for row in rows[1:] if len(row) <= len(rows[0]))
    return max([header, *reaching])


def _filled_width(row: Sequence[Cell]) -> int:
    return max((position + 1 for position, cell in enumerate(row) if cell != ""), default=0)


def _first_full_row(rows: Sequence[Sequence[Cell]]) -> int:
    """The first row about as full as the rest of the sample; titles above a table fill a cell or two."""
    filled = [sum(cell != "" for cell in row) for row in rows]
    first = next((position for position, count in enumerate(filled) if count), 0)
    usual = sorted(count for count in filled if count)[len([count for count in filled if count]) // 2]
    for position in range(first, min(len(rows) - 1, first + _MOST_TITLES)):
        if filled[position] * 2 > usual and not _is_group_over(rows, position):
            return position
    return first


def _is_group_over(rows: Sequence[Sequence[Cell]], position: int) -> bool:
    return position + 1 < len(rows) and _is_group(rows[position], rows[position + 1])


def _is_group(row: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Headings over several columns each: gaps between words, and a fuller row of words below."""
    words = [cell for cell in row if cell != ""]
    if not words or not all(_is_word(cell) for cell in words):
        return False
    names = [cell for cell in below if cell != ""]
    gaps = sum(cell == "" for cell in row[: _filled_width(below)]) + max(0, _filled_width(below) - len(row))
    return gaps > 0 and len(names) > len(words) + 1 and all(_is_word(cell) for cell in names)


def _is_heading(row: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Headings over several columns each, with gaps or said again in every column."""
    words = [cell for cell in row if cell != ""]
    again = sum(first == second for first, second in pairwise(words))
    return _is_group(row, below) or (again * 2 >= len(words) > 1 and all(_is_word(cell) for cell in words))


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(_HAS_LETTERS.search(cell)) and not _DATA.fullmatch(cell.strip())


def _is_data(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(_DATA.fullmatch(cell.strip()))


def _is_second_header(rows: Sequence[Sequence[Cell]], at: int) -> bool:
    """Whether the row under the header holds names too: only words, one at least over a column of figures
    or dates."""
    below = rows[at + 1] if at + 1 < len(rows) else ()
    filled = [position for position, cell in enumerate(below) if cell != ""]
    if len(filled) * 2 <= len(rows[at]) or not all(_is_word(below[position]) for position in filled):
        return False
    return any(_is_data_column(rows[at + 2 :], position) for position in filled)


def _is_data_column(rows: Sequence[Sequence[Cell]], position: int) -> bool:
    cells = [row[position] for row in rows if position < len(row) and not _says_nothing(row[position])]
    return len(cells) >= _ENOUGH and all(_is_data(cell) for cell in cells)


def _says_nothing(cell: Cell) -> bool:
    return cell == "" or (isinstance(cell, str) and is_empty_marker(cell))


def _names(row: Sequence[Cell], group: Sequence[Cell] | None, width: int) -> list[str]:
    names = [_name(row[position]) if position < len(row) else "" for position in range(width)]
    if group is not None:
        names = _with_groups(names, [_name(cell) for cell in group][:width])
    return _unique([name or column_letter(position) for position, name in enumerate(names)])


def _name(cell: Cell) -> str:
    return " ".join(str(cell).replace("\ufeff", "").split())


def _with_groups(names: list[str], groups: list[str]) -> list[str]:
    """Names that stand more than once get their group's heading before them."""
    spread: list[str] = []
    for heading in groups + [""] * (len(names) - len(groups)):
        spread.append(heading or (spread[-1] if spread else ""))
    times = Counter(fold(name) for name in names)
    return [
        f"{heading} {name}" if times[fold(name)] > 1 and heading else name
        for heading, name in zip(spread, names, strict=True)
    ]


def _unique(names: list[str]) -> list[str]:
    """A number after each repeated name: "Phone", "Phone (2)"."""
    taken = set(names)
    seen: set[str] = set()
    unique = []
    for name in names:
        candidate, count = name, 1
        while candidate in seen or (count > 1 and candidate in taken):
            count += 1
            candidate = f"{name} ({count})"
        seen.add(candidate)
        unique.append(candidate)
    return unique


def column_letter(position: int) -> str:
    """The letters a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
