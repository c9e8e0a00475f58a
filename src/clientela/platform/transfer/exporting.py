"""Lists as files: CSV and XLSX, exactly the rows and columns of a list, or everything of a kind of record.

Values are written so that machines and our own import read them back unchanged: ISO dates, plain
decimals, links by title. "Everything" is headed by the names of fields and has, beside each link's title,
its number, and lines as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import IO, Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.kit.tables import csv_chunks, write_csv, write_xlsx
from clientela.records import kinds, query, refs, rights, values
from clientela.records.conditions import is_hidden
from clientela.records.errors import Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

CHUNK = 1000
_JSON_TEXT = (kinds.Link, kinds.Links, kinds.LineItems)


@dataclass(frozen=True)
class Cell:
    """A column of the file: `read(instance)` gives a value that `kit.tables` writes."""

    heading: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Export:
    """A file to be: written a chunk of records at a time, however many there are."""

    spec: Spec
    rows: QuerySet[Any]
    cells: Sequence[Cell]
    prefetch: Sequence[Any] = ()

    @property
    def columns(self) -> list[str]:
        return [cell.heading for cell in self.cells]

    def lines(self) -> Iterator[list[Any]]:
        rows = self.rows.prefetch_related(*self.prefetch) if self.prefetch else self.rows
        for instance in rows.iterator(chunk_size=CHUNK):
            yield [cell.read(instance) for cell in self.cells]

    def chunks(self) -> Iterator[bytes]:
        """The CSV file in pieces, for streaming."""
        return csv_chunks(self.columns, self.lines())

    def write(self, file: IO[bytes], form: str) -> None:
        if form == "xlsx":
            write_xlsx(file, self.columns, self.lines(), sheet=str(self.spec.label_plural))
        else:
            write_csv(file, self.columns, self.lines())


def of_list(spec: Spec, rows: QuerySet[Any], paths: Sequence[str], actor: Actor) -> Export:
    """The rows of a list with its columns, headed by their labels. Hidden fields are left out."""
    _require(spec, actor)
    found = [ref for path in paths if (ref := _visible(spec, path, actor)) is not None]
    rows = query.annotated(_exportable(spec, rows, actor), found)
    links, many = _joins(found)
    rows = rows.select_related(*links) if links else rows
    return Export(spec, rows, [Cell(str(ref.label), _reader(ref)) for ref in found], many)


def everything(spec: Spec, actor: Actor) -> Export:
    """Every record of a kind that `actor` may export, with every field that can be read back."""
    _require(spec, actor)
    found = [
        rights.read_by(ref, actor)
        for name, ref in refs.fields_of(spec).items()
        if ref.expression is None and not is_hidden(ref, actor) and name != "version"
    ]
    rows = query.annotated(_exportable(spec, query.visible(spec, actor), actor).order_by("pk"), found)
    links, many = _joins(found)
    cells = [cell for ref in found for cell in _machine_cells(ref)]
    return Export(spec, rows.select_related(*links) if links else rows, cells, many)


def _require(spec: Spec, actor: Actor) -> None:
    if not policy.may(actor, "export", spec):
        raise Refused(_("You may not export these."))


def _exportable(spec: Spec, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    if spec.visible is not None and not actor.is_admin:
        return rows.filter(spec.visible(actor, "export"))
    return rows.filter(policy.scope(actor, "export", spec))


def _visible(spec: Spec, path: str, actor: Actor) -> FieldRef | None:
    try:
        ref = refs.resolve(spec, path)
    except refs.UnknownField:
        return None
    if ref.many and not ref.own:
        return None  # rows of a linked record belong to its own list
    return None if is_hidden(ref, actor) else rights.read_by(ref, actor)


def _joins(found: Sequence[FieldRef]) -> tuple[list[str], list[Any]]:
    """What to fetch with the rows: linked records whose titles or fields are shown, and rows of many."""
    links = []
    for ref in found:
        if ref.seen is not None:
            continue
        parts = ref.path.split(refs.SEPARATOR)
        depth = parts if ref.kind is kinds.Link and ref.target is not None else parts[:-1]
        if depth:
            links.append(refs.SEPARATOR.join(depth))
    many = [
        ref.path if ref.among is None else Prefetch(ref.path, ref.among)
        for ref in found
        if ref.many and ref.own
    ]
    return list(dict.fromkeys(links)), many


def _reader(ref: FieldRef) -> Callable[[Any], Any]:
    """How the value of a field is read from an instance for a file."""
    if ref.expression is not None:
        return lambda instance: values.settled(ref, getattr(instance, ref.annotation))
    if ref.lines is not None:
        lines = ref.lines
        return lambda instance: _lines_text(values.line_values(lines, instance))
    if ref.kind is kinds.Links:
        return lambda instance: "; ".join(_titles(ref, instance))
    value = _value(ref)
    if ref.kind is kinds.Link:
        title = ref.reading(ref.looks[0]) if ref.seen is not None else ""
        return (
            (lambda instance: getattr(instance, title) or "")
            if title
            else lambda instance: _title(ref, instance)
        )
    if ref.kind is kinds.Choice:
        return lambda instance: str(ref.choices.get(value(instance), value(instance) or ""))
    return value


def _value(ref: FieldRef) -> Callable[[Any], Any]:
    """Its value; past a record that the reader does not see, what the query says instead."""
    return ref.value if ref.seen is None else attrgetter(ref.annotation)


def _machine_cells(ref: FieldRef) -> Iterator[Cell]:
    if ref.kind is kinds.Choice:
        yield Cell(ref.path, _value(ref))
        return
    yield Cell(ref.path, _reader(ref))
    if ref.kind is kinds.Link:
        yield Cell(f"{ref.path}.id", _value(ref))
    elif ref.kind is kinds.Links:
        yield Cell(f"{ref.path}.id", lambda instance: ",".join(map(str, values.json_value(ref, instance))))


def _title(ref: FieldRef, instance: Any) -> str:
    target = instance
    for name in ref.path.split(refs.SEPARATOR):
        target = getattr(target, name, None)
        if target is None:
            return ""
    return str(target)


def _titles(ref: FieldRef, instance: Any) -> list[str]:
    return [str(each) for each in getattr(instance, ref.path).all()]


def _lines_text(lines: list[dict[str, Any]]) -> str:
    bare = [{name: value for name, value in line.items() if name != "id"} for line in lines]
    return json.dumps(bare, ensure_ascii=False) if bare else ""
