"""The file of rows that could not be imported: as they came, with the reason, ready to be mended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from clientela.kit.tables import csv_chunks
from clientela.platform.transfer.rows import Row

# Fixed names, so that importing the mended file leaves these columns out in any language.
ROW, REASON = "clientela_row", "clientela_reason"


def append(path: Path, size: int, columns: Sequence[str], rejected: Sequence[tuple[Row, str]]) -> int:
    """Add rows after the first `size` bytes; what a killed import wrote after them is dropped.

    Returns the new size. The file is on the disk before the caller commits.
    """
    if not rejected:
        return size
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        [*row.cells[: len(columns)], row.number, _one_line(reason)]
        for row, reason in sorted(rejected, key=lambda entry: entry[0].number)
    )
    content = b"".join(csv_chunks([*columns, ROW, REASON], lines))
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(size)
        file.seek(size)
        file.write(content if size == 0 else content[content.index(b"\r\n") + 2 :])
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _one_line(reason: str) -> str:
    return " ".join(reason.split()) or _("It could not be saved.")
