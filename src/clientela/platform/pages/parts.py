"""What hangs on a record, its lines and many links, shown: all of it in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast, JSONObject

from clientela.platform.editing import forms
from clientela.records import display, kinds, query, rights, values
from clientela.records.conditions import is_hidden
from clientela.records.display import NOTHING, Columns, Reader, Shown
from clientela.records.refs import FieldRef

_AS_TEXT = frozenset({"money", "number", "percent", "date", "datetime"})
Parts = dict[int, dict[str, Shown]]


def parts_of(many: Iterable[FieldRef], ids: Sequence[int], reader: Reader) -> Parts:
    """The lines and many links of records, by record and field; a field without any is left out."""
    many = [rights.read_by(ref, reader.actor) for ref in many]
    drawn = {ref.path: _columns(ref, reader) for ref in many}
    queries = [_query(ref, drawn[ref.path], ids) for ref in many]
    if not queries:
        return {}
    rows = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    items: dict[int, dict[str, list[Shown]]] = defaultdict(lambda: defaultdict(list))
    for path, record_id, _place, _part_id, data in sorted(rows, key=lambda row: row[:4]):
        items[record_id][path].append(_item(drawn[path], data))
    kind = {ref.path: "lines" if ref.lines is not None else "many" for ref in many}
    return {
        record_id: {
            path: Shown(kind[path], ", ".join(item.text for item in each), items=tuple(each))
            for path, each in by_path.items()
        }
        for record_id, by_path in items.items()
    }


def shown(ref: FieldRef, instance: Any, reader: Reader) -> Shown:
    """The saved value of one field of an instance, lines and many links included; a hidden one is nothing."""
    if not ref.many or is_hidden(ref, reader.actor):
        return display.shown(ref, instance, reader)
    return parts_of([ref], [instance.pk], reader).get(instance.pk, {}).get(ref.path, NOTHING)


def _columns(ref: FieldRef, reader: Reader) -> Columns:
    if ref.lines is None:
        return display.columns_for([_link_of(ref)], reader, marked=False)
    shown = [cell for cell in forms.line_refs(ref) if cell.path != ref.lines.main]
    return display.columns_for(shown, reader, marked=False)


def _link_of(ref: FieldRef) -> FieldRef:
    """From the table between two records, the link to the other one."""
    assert ref.field is not None
    column: Any = ref.field
    link = column.remote_field.through._meta.get_field(column.m2m_reverse_field_name())
    return FieldRef(link.name, ref.spec, ref.label, kinds.Link, (), field=link, target=ref.target)


def _query(ref: FieldRef, columns: Columns, ids: Sequence[int]) -> Any:
    column: Any = ref.field
    if ref.lines is not None:
        model, owner, place = (
            values.line_model(ref.spec, ref.lines),
            values.line_link(ref.spec, ref.lines),
            "position",
        )
    else:
        model, owner, place = column.remote_field.through, column.m2m_field_name(), "pk"
    plain = {cell.path: cell for cell in columns.refs}
    data = {path: _column(path, plain) for path in columns.paths}
    rows = model._default_manager.filter(**{f"{owner}__in": list(ids)})
    if ref.lines is not None and ref.among is not None:
        rows = rows.filter(pk__in=ref.among.values("pk"))
    elif ref.among is not None:
        rows = rows.filter(columns.refs[0].seen)
    return (
        query.annotated(rows, columns.refs)
        .order_by()
        .annotate(
            _path=Cast(Value(ref.path), CharField()),
            _record=F(f"{owner}_id"),
            _place=F(place),
            _data=JSONObject(**data),
        )
        .values_list("_path", "_record", "_place", "pk", "_data")
    )


def _column(path: str, plain: dict[str, FieldRef]) -> Any:
    ref = plain.get(path)
    return Cast(path, TextField()) if ref is not None and ref.kind.name in _AS_TEXT else F(path)


def _item(columns: Columns, data: dict[str, Any]) -> Shown:
    """A line as its first value, the choices beside it in `title` and the other values in `items`."""
    plain = {cell.path: cell for cell in columns.refs}
    row = [_python(plain.get(path), data[path]) for path in columns.paths]
    cells = [(ref, cell) for ref, cell in zip(columns.refs, columns.row(row), strict=True) if cell.text]
    said = [cell for ref, cell in cells if ref.kind is not kinds.Choice]
    aside = ", ".join(cell.text for ref, cell in cells if ref.kind is kinds.Choice)
    first = said[0] if said else NOTHING
    return first._replace(title=first.title or aside, items=tuple(said[1:]))


def _python(ref: FieldRef | None, value: Any) -> Any:
    if ref is None or value is None or ref.target is not None:
        return value
    return bool(value) if ref.kind is kinds.Boolean else ref.kind.from_json(value)
