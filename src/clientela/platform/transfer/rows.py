"""Rows of a file into values of a record: cells read, links found, words made, lines put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from clientela.kit.tables import Cell
from clientela.kit.text import fold
from clientela.platform.transfer.cells import Amount, Parser, Unknown, is_empty, parser_of
from clientela.platform.transfer.finding import Finder, existing_ids
from clientela.platform.transfer.hints import Words
from clientela.platform.transfer.mapping import ColumnMap
from clientela.platform.transfer.targets import ID, Target
from clientela.records import kinds, refs
from clientela.records.changes import Operation
from clientela.records.spec import Spec

EXAMPLES = 5
REMEMBERED = 2000


@dataclass(slots=True)
class Row:
    """A row on its way: `values` for the write, `lines` by (lines, kind), `errors` that keep it out.

    `named`: the texts that name other records, by the column's target; `unknown`: (column, cell) of those
    that are none of a field's choices.
    """

    number: int
    cells: Sequence[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    named: dict[str, Any] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unresolved: bool = False
    waits: int = 0


@dataclass(frozen=True)
class Column:
    """`known`: values of texts read before, as columns often repeat them; None for an empty cell."""

    map: ColumnMap
    target: Target
    parse: Parser
    known: dict[Cell, Any] = field(default_factory=lambda: {"": None})

    def read(self, cell: Cell) -> Any:
        """The value of a cell, None where it is empty. Raises ValueError, Unknown."""
        value = None if is_empty(cell) else self.parse(cell)
        if type(cell) is str and len(self.known) < REMEMBERED and not isinstance(value, list):
            self.known[cell] = value
        return value

    @property
    def is_link(self) -> bool:
        return self.target.kind in (kinds.Link, kinds.Links) and not self.target.by_id


@dataclass
class Warnings:
    """Cells that could not be kept though their rows were, counted by column with some examples."""

    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, column: str, text: str) -> None:
        entry = self.found.setdefault(column, {"count": 0, "examples": []})
        entry["count"] += 1
        if len(entry["examples"]) < EXAMPLES and text not in entry["examples"]:
            entry["examples"].append(text[:80])


class Reader:
    """Turns rows of cells into rows of values, a batch at a time."""

    def __init__(
        self,
        spec: Spec,
        maps: Iterable[ColumnMap],
        targets: dict[str, Target],
        operation: Operation,
        *,
        create_words: bool,
    ) -> None:
        self.spec = spec
        self.operation = operation
        self.warnings = Warnings()
        self.told: dict[str, Words] = {}
        """What the file says about words to be made: by link, by the folded word."""
        self.columns = [
            Column(
                each, targets[each.target], parser_of(targets[each.target], each, operation.actor.time_zone)
            )
            for each in maps
            if each.target in targets and not targets[each.target].hint
        ]
        self.finders = {
            column.target.path: Finder(linked, operation, create=create_words)
            for column in self.columns
            if column.is_link and (linked := column.target.ref.target) is not None
        }
        self.own_links = [
            column for column in self.columns if column.is_link and column.target.ref.target is spec
        ]

    def read(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> list[Row]:
        """The rows with their values; what is wrong with a row stands in its `errors`."""
        made = self.parse(rows)
        self.link(made)
        return made

    def parse(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> list[Row]:
        """The rows with what their cells say by themselves: asks no database, so that a thread may do it."""
        made = [Row(number, cells) for number, cells in rows]
        for column in self.columns:
            if column.is_link or column.target.by_id:
                for row, value in self._cells(column, made):
                    row.named[column.target.path] = value
            else:
                self._read_cells(column, made)
        return made

    def link(self, rows: Sequence[Row]) -> None:
        """Put the records that parsed rows name into their values."""
        for column in sorted(self.columns, key=lambda column: column.is_link):
            if column.is_link:
                self._read_links(column, rows)
            elif column.target.by_id:
                self._read_ids(column, rows)
        for row in rows:
            for name, text in row.unknown:
                self.warnings.add(name, text)
            if row.lines:
                assemble_lines(self.spec, row)

    def forget(self) -> None:
        """Look everything up anew: what a rehearsal made is not there any more."""
        for finder in self.finders.values():
            finder.known.clear()
            finder.missing.clear()

    def _cells(self, column: Column, rows: Iterable[Row]) -> Iterable[tuple[Row, Any]]:
        position, read, known = column.map.position, column.read, column.known
        for row in rows:
            cell = row.cells[position]
            value = known.get(cell, known) if type(cell) is str else known
            if value is None:
                continue
            try:
                if value is known:
                    value = read(cell)
                if value is not None:
                    yield row, value
            except Unknown:
                row.unknown.append((column.map.column, str(cell)))
            except ValueError as error:
                row.errors.append(f"{column.map.column}: {error}")

    def _read_cells(self, column: Column, rows: Iterable[Row]) -> None:
        target = column.target
        for row, value in self._cells(column, rows):
            if target.is_line:
                lines = row.lines.setdefault(target.ref.path, {})
                lines.setdefault(target.line_kind, {})[target.line_field] = json_of(target, value)
            else:
                row.values[target.path] = value
                if isinstance(value, Amount) and target.ref.currency:
                    row.values.setdefault(target.ref.currency, value.currency)

    def _read_ids(self, column: Column, rows: Sequence[Row]) -> None:
        linked = column.target.ref.target
        if linked is None:
            return
        found = _naming(rows, column.target.path)
        wanted = {number for _row, value in found for number in _as_list(value)}
        there = existing_ids(linked, self.operation, wanted)
        for row, value in found:
            if there.issuperset(_as_list(value)):
                row.values[column.target.ref.path] = value
            else:
                self.warnings.add(column.map.column, str(value))

    def _read_links(self, column: Column, rows: Sequence[Row]) -> None:
        finder, path = self.finders[column.target.path], column.target.path
        found = [(row, value) for row, value in _naming(rows, path) if path not in row.values]
        finder.look_up(_texts(found))
        for row, value in found:
            if column.target.kind is kinds.Link and value in finder.known:
                row.values[path] = finder.known[value]
                continue
            ids = {text: self._found(finder, path, text, row) for text in _as_list(value)}
            kept = [pk for pk in ids.values() if pk is not None]
            for text, pk in ids.items():
                if pk is None:
                    self._miss(column, row, text)
            if column.target.kind is kinds.Links:
                row.values[path] = kept
            elif kept:
                row.values[path] = kept[0]

    def _found(self, finder: Finder, path: str, text: str, row: Row) -> int | None:
        pk = finder.known.get(text)
        if pk is None and finder.create:
            told = self.told.get(path, {}).get(fold(text), {})
            pk = finder.make(text, {**shared_values(finder.spec, row), **told})
        return pk

    def _miss(self, column: Column, row: Row, text: str) -> None:
        """Left empty, or looked for again once the whole file is in; a needed link keeps the row out."""
        if column.target.ref.target is self.spec:
            row.unresolved = True
        else:
            self.warnings.add(column.map.column, text)


def _naming(rows: Sequence[Row], path: str) -> list[tuple[Row, Any]]:
    """The rows that name a record for this target, with how they name it."""
    return [(row, row.named[path]) for row in rows if path in row.named]


def _texts(found: Sequence[tuple[Row, Any]]) -> set[str]:
    """Each text that names a record, once."""
    return {value for _row, value in found if type(value) is str}.union(
        *(value for _row, value in found if type(value) is list)
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def json_of(target: Target, value: Any) -> Any:
    """A value as JSON, by the target's kind."""
    return target.kind.to_json(value)


def shared_values(word: Spec, row: Row) -> dict[str, Any]:
    """What a new word takes from its row: fields that both have, such as a probability."""
    own = refs.fields_of(word)
    skipped = {word.title, ID, "external_id", "description"}
    return {
        name: value
        for name, value in row.values.items()
        if name in own and name not in skipped and not own[name].read_only and not own[name].many
    }


def assemble_lines(spec: Spec, row: Row) -> None:
    """Lines of several kinds, the record's own telephone or address as the main one among them."""
    for name, by_kind in row.lines.items():
        lines = refs.fields_of(spec)[name].lines
        assert lines is not None
        made = [{"kind": kind, **values} for kind, values in by_kind.items()]
        main = {inner: row.values.pop(own) for own, inner in lines.mirror if own in row.values}
        if any(main.values()):
            made.insert(0, {**main, lines.main: True} if lines.main else main)
        row.values[name] = [*row.values.get(name, ()), *made]
