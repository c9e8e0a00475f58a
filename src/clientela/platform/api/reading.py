"""Records as the API gives them: one query for the rows, one for each kind of line among the fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.api.problems import bad_parameter
from clientela.records import conditions, kinds, query, refs, rights, values
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

Item = dict[str, Any]
MOST_FIELDS = 100


def fields_for(spec: Spec, actor: Actor, names: str = "") -> list[FieldRef]:
    """The refs of a comma-separated list of paths; without one, every own field that `actor` may see.

    The id is always the first. Raises Problem for a path that is unknown or hidden, the same for both.
    """
    if not names:
        return [
            rights.read_by(ref, actor)
            for ref in refs.fields_of(spec).values()
            if not conditions.is_hidden(ref, actor)
        ]
    paths = list(dict.fromkeys(["id", *(name.strip() for name in names.split(",") if name.strip())]))
    if len(paths) > MOST_FIELDS:
        raise bad_parameter("fields", _("Ask for fewer fields."))
    return [_field(spec, path, actor) for path in paths]


def _field(spec: Spec, path: str, actor: Actor) -> FieldRef:
    try:
        ref = conditions.field_for(spec, path, actor)
    except ConditionError as error:
        raise bad_parameter("fields", error.message) from error
    if ref.many and not ref.own:
        text = _("“%(field)s” can only be asked of its own record.") % {"field": path}
        raise bad_parameter("fields", text)
    return ref


def read(
    spec: Spec, rows: query.Rows, fields: Sequence[FieldRef], extra: Sequence[str] = ()
) -> list[tuple[Item, tuple[Any, ...]]]:
    """Each row as an item, and beside it the values of the query paths `extra`."""
    columns = [ref for ref in fields if not ref.many]
    rows = query.annotated(rows, columns)
    paths = [ref.annotation for ref in columns]
    found = list(rows.values_list("pk", *paths, *extra))
    parts = {ref.path: _parts(spec, ref, [row[0] for row in found]) for ref in fields if ref.many}
    readers = [_reader(ref) for ref in columns]
    return [(_item(row, fields, readers, parts), row[1 + len(paths) :]) for row in found]


def _item(
    row: tuple[Any, ...],
    fields: Sequence[FieldRef],
    readers: Sequence[Callable[[Any], Any]],
    parts: dict[str, dict[int, list[Any]]],
) -> Item:
    plain = iter(zip(readers, row[1:], strict=False))
    item: Item = {}
    for ref in fields:
        if ref.many:
            item[ref.path] = parts[ref.path].get(row[0], [])
        else:
            reader, value = next(plain)
            item[ref.path] = reader(value)
    return item


def _reader(ref: FieldRef) -> Callable[[Any], Any]:
    to_json = ref.kind.to_json
    return lambda value: None if value is None else to_json(values.settled(ref, value))


def _parts(spec: Spec, ref: FieldRef, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Lines or linked ids by the id of their record."""
    found: dict[int, list[Any]] = defaultdict(list)
    pairs = _linked_ids(spec, ref, ids) if ref.kind is kinds.Links else _lines(spec, ref, ids)
    for owner, part in pairs if ids else ():
        found[owner].append(part)
    return found


def _linked_ids(spec: Spec, ref: FieldRef, ids: Sequence[int]) -> Any:
    among = {} if ref.among is None else {f"{ref.path}__in": ref.among.values("pk")}
    rows = spec.model._default_manager.filter(pk__in=ids, **{f"{ref.path}__isnull": False}, **among)
    return rows.order_by("pk", ref.path).values_list("pk", ref.path)


def _lines(spec: Spec, ref: FieldRef, ids: Sequence[int]) -> Any:
    assert ref.lines is not None
    link = values.line_link(spec, ref.lines)
    known = values.line_fields(spec, ref.lines)
    columns = [field.attname for field, _kind in known.values()]
    seen = values.line_model(spec, ref.lines)._default_manager if ref.among is None else ref.among
    rows = seen.filter(**{f"{link}__in": ids})
    for owner, line_id, *plain in rows.order_by("position", "id").values_list(f"{link}_id", "id", *columns):
        cells = zip(known.items(), plain, strict=True)
        yield (
            owner,
            {"id": line_id}
            | {
                name: None if value is None else kind.to_json(value)
                for (name, (_field, kind)), value in cells
            },
        )
