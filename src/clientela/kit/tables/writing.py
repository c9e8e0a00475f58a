"""Writing CSV and XLSX row by row, safe to open in a spreadsheet program (see `escaping`) and the same when
read back.

In XLSX texts are written as texts, so nothing needs escaping.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from clientela.kit.tables.escaping import escaped

_ROWS_A_CHUNK = 500
# Excel's own limits: characters in a cell, digits in a number.
LONGEST_XLSX_TEXT = 32_767
_EXACT_DIGITS = 15


def csv_chunks(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ";",
    bom: bool = True,
    decimal_mark: str = ".",
) -> Iterator[bytes]:
    """A CSV file in UTF-8 in pieces of some hundred rows, for streaming. bom: Excel only knows UTF-8 by its
    mark."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    buffer.write("\ufeff" if bom else "")
    writer.writerow([escaped(column) for column in columns])
    for number, row in enumerate(rows, 1):
        writer.writerow([_csv_cell(value, decimal_mark) for value in row])
        if number % _ROWS_A_CHUNK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_csv(
    target: IO[bytes],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ";",
    bom: bool = True,
    decimal_mark: str = ".",
) -> None:
    """Write the whole CSV file to the open binary file."""
    for chunk in csv_chunks(columns, rows, delimiter=delimiter, bom=bom, decimal_mark=decimal_mark):
        target.write(chunk)


def _csv_cell(value: object, decimal_mark: str) -> str:
    """Dates and moments in ISO 8601, numbers with the decimal mark and ungrouped, booleans as true and
    false."""
    if isinstance(value, str):
        return escaped(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", decimal_mark)
    if isinstance(value, date):
        return value.isoformat()
    return escaped(str(value))


def write_xlsx(
    target: Path | IO[bytes],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    sheet: str = "Clientela",
) -> int:
    """Write one sheet, row by row in constant memory, its header bold and frozen. Aware moments are written
    in UTC: give local ones naive. Answers how many texts were cut at Excel's limit of 32,767 characters:
    tell the user."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    target_name = str(target) if isinstance(target, Path) else target
    cut = 0
    with xlsxwriter.Workbook(target_name, options) as workbook:
        page = workbook.add_worksheet(sheet[:31])
        styles: dict[type[date], Any] = {
            date: workbook.add_format({"num_format": "dd/mm/yyyy"}),
            datetime: workbook.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
        }
        page.freeze_panes(1, 0)
        for position, column in enumerate(columns):
            page.write_string(0, position, column, workbook.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            for position, value in enumerate(row):
                cut += _write_cell(page, number, position, value, styles)
    return cut


def _write_cell(page: Any, row: int, position: int, value: object, styles: dict[type[date], Any]) -> int:
    """Write one cell by its type; 1 if its text had to be cut."""
    if value is None or value == "":
        return 0
    if isinstance(value, bool):
        page.write_boolean(row, position, value)
    elif isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        page.write_datetime(row, position, moment, styles[datetime])
    elif isinstance(value, date):
        page.write_datetime(row, position, value, styles[date])
    elif isinstance(value, int | Decimal) and _is_exact(value):
        page.write_number(row, position, value)
    else:
        text = str(value)
        page.write_string(row, position, text[:LONGEST_XLSX_TEXT])
        return int(len(text) > LONGEST_XLSX_TEXT)
    return 0


def _is_exact(value: int | Decimal) -> bool:
    """Whether a spreadsheet, which counts in doubles, keeps all its digits; longer numbers go as text."""
    return len(Decimal(value).as_tuple().digits) <= _EXACT_DIGITS
