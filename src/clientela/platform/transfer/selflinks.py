"""Links between rows of the same file: made once all rows are there, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from clientela.kit.tables import Cell, Table
from clientela.platform.transfer.batches import Importer
from clientela.platform.transfer.reading import portion
from clientela.platform.transfer.rows import Column, Row
from clientela.records import query, write
from clientela.records.changes import Operation
from clientela.records.spec import Spec

BATCH = 2000


def finish(
    spec: Spec, importer: Importer, table: Table, report: dict[str, Any], operation: Operation
) -> None:
    """Go through the file again for the links that were not there yet. Doing it twice changes nothing."""
    columns = importer.reader.own_links
    if not columns or not report.get("unresolved") or not importer.keys:
        return
    for column in columns:
        importer.reader.finders[column.target.path].forget_missing()
        numbered = table.numbered_rows()
        while rows := portion(numbered, BATCH):
            with transaction.atomic():
                _link(spec, importer, column, _with_text(column, rows), operation)


def _with_text(
    column: Column, rows: Iterable[tuple[int, Sequence[Cell]]]
) -> list[tuple[int, Sequence[Cell]]]:
    return [(number, cells) for number, cells in rows if str(cells[column.map.position]).strip()]


def _link(
    spec: Spec,
    importer: Importer,
    column: Column,
    rows: Sequence[tuple[int, Sequence[Cell]]],
    operation: Operation,
) -> None:
    """Give the link to the records of these rows that still lack it."""
    path = column.target.path
    made = [row for row in importer.reader.read(rows) if not row.errors]
    _warn(importer, column, made)
    wanted = [row for row in made if path in row.values]
    twins = importer.twins.find([row.values for row in wanted])
    lacking = {f"{path}__isnull": True, "pk__in": list(twins.values())}
    stored = {each.pk: each for each in query.visible(spec, operation.actor, "change").filter(**lacking)}
    items = [
        (stored[pk], {path: wanted[place].values[path]})
        for place, pk in twins.items()
        if pk in stored and wanted[place].values[path] != pk
    ]
    write.apply_many(spec, items, operation=operation)


def _warn(importer: Importer, column: Column, rows: Sequence[Row]) -> None:
    importer.reader.warnings.found.clear()
    for row in rows:
        if column.target.path not in row.values:
            importer.reader.warnings.add(column.map.column, str(row.cells[column.map.position]))
