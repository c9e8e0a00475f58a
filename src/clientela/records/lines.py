"""Lines inside a record: cleaned, one of them the main one, mirrored on the record's own fields, saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clientela.kit import updating
from clientela.records import kinds, refs, rows, values
from clientela.records.spec import Lines, Spec

if TYPE_CHECKING:
    from clientela.records.draft import Draft
    from clientela.records.refs import FieldRef

Row = dict[str, Any]


def clean(draft: Draft, ref: FieldRef, rows: Sequence[Row]) -> list[Row]:
    """The given rows with values of the right kind; empty rows dropped; errors go to the draft."""
    lines = ref.lines
    assert lines is not None
    fields = values.line_fields(draft.spec, lines)
    known = {line["id"] for line in draft.before.get(ref.path, ())}
    cleaned = [
        row for given in rows if (row := _clean_row(draft, ref.path, fields, given, known)) is not None
    ]
    filled = [row for row in cleaned if _is_filled(lines, row)]
    return filled if draft.exact else with_one_main(lines, filled)


def keeping(ref: FieldRef, given: Sequence[Row], current: Sequence[Row], gone: set[int]) -> Sequence[Row]:
    """The given rows, and in their places those of `gone`, which the writer does not see."""
    if not gone:
        return given
    assert ref.lines is not None
    merged = [row for row in given if row.get("id") not in gone]
    unmarked = {ref.lines.main: False} if any(row.get(ref.lines.main) for row in merged) else {}
    for place, row in enumerate(current):
        if row["id"] in gone:
            merged.insert(place, row | unmarked)
    return merged


def _is_filled(lines: Lines, row: Row) -> bool:
    return not lines.required or any(row.get(name) for name in lines.required)


def _clean_row(draft: Draft, path: str, fields: dict[str, Any], given: Row, known: set[int]) -> Row | None:
    # An id that is not one of this record's own lines is another record's, which must stay untouched;
    # only an undo brings back a line under the id that it had.
    row: Row = {}
    if type(given.get("id")) is int and (draft.exact or given["id"] in known):
        known.discard(given["id"])
        row["id"] = given["id"]
    unknown = set(given) - set(fields) - {"id"}
    if unknown:
        draft.refuse(path, _("There is no field “%(field)s”.") % {"field": f"{path}.{sorted(unknown)[0]}"})
        return None
    for name, (field, kind) in fields.items():
        try:
            row[name] = _clean_value(field, kind, given.get(name, field.get_default()), draft.instance)
        except (ValueError, ValidationError) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            draft.refuse(path, " ".join(messages))
    return row


def _clean_value(field: Any, kind: kinds.Kind, raw: Any, instance: Any) -> Any:
    from clientela.records.draft import clean_text

    if raw is None and not field.null:
        raw = field.get_default()
    value = kind.from_json(raw) if raw is not None else None
    if isinstance(value, str):
        value = clean_text(value.strip())
    if not field.is_relation and value not in (None, ""):
        value = field.clean(value, instance)
    return kind.to_json(value)


def with_one_main(lines: Lines, rows: list[Row]) -> list[Row]:
    """Exactly one main row where there are rows: the last one marked, or else the first."""
    if not lines.main or not rows:
        return rows
    chosen = max((place for place, row in enumerate(rows) if row.get(lines.main)), default=0)
    return [{**row, lines.main: place == chosen} for place, row in enumerate(rows)]


def mirror(draft: Draft) -> None:
    """Keep the record's own field and the main line alike, whichever of the two was written."""
    for lines in draft.spec.lines:
        if not lines.mirror:
            continue
        if lines.name in draft.changed:
            _copy_main_to_record(draft, lines)
        elif any(own in draft.changed for own, _field in lines.mirror):
            _copy_record_to_main(draft, lines)


def follow(draft: Draft) -> None:
    """After the record's own adjustments: the main line says what the record says."""
    for lines in (each for each in draft.spec.lines if each.mirror and each.name in draft.lines):
        main = next((row for row in draft.lines[lines.name] if row.get(lines.main)), None)
        if main is not None:
            main.update({name: _own_value(draft, own) for own, name in lines.mirror})


def _copy_main_to_record(draft: Draft, lines: Lines) -> None:
    main = next((row for row in draft.lines[lines.name] if row.get(lines.main)), {})
    for own, name in lines.mirror:
        ref = refs.fields_of(draft.spec)[own]
        assert ref.field is not None
        value = ref.kind.from_json(main[name]) if main.get(name) is not None else ref.field.get_default()
        setattr(draft.instance, ref.field.attname, value)
        draft.changed.add(own)


def _copy_record_to_main(draft: Draft, lines: Lines) -> None:
    rows = draft.current_lines(lines.name)
    wanted = {name: _own_value(draft, own) for own, name in lines.mirror}
    main = next((row for row in rows if row.get(lines.main)), None)
    if not _is_filled(lines, wanted):
        draft.lines[lines.name] = with_one_main(lines, [row for row in rows if row is not main])
        if main is not None:
            _copy_main_to_record(draft, lines)
    elif main is None:
        draft.lines[lines.name] = [*rows, {**_new_row(draft.spec, lines), **wanted, lines.main: True}]
    else:
        main.update(wanted)


def _own_value(draft: Draft, name: str) -> Any:
    ref = refs.fields_of(draft.spec)[name]
    return ref.kind.to_json(ref.value(draft.instance))


def _new_row(spec: Spec, lines: Lines) -> Row:
    return {
        name: kind.to_json(field.get_default())
        for name, (field, kind) in values.line_fields(spec, lines).items()
    }


def save(drafts: Iterable[Draft]) -> None:
    """Write the wanted lines of saved records, and put them (with their ids) into the drafts' `after`."""
    by_name: dict[str, list[Draft]] = {}
    for draft in drafts:
        for name in draft.lines:
            by_name.setdefault(name, []).append(draft)
    for name, together in by_name.items():
        lines = refs.fields_of(together[0].spec)[name].lines
        assert lines is not None
        _save_lines(together, lines)


def _save_lines(drafts: Sequence[Draft], lines: Lines) -> None:
    spec = drafts[0].spec
    model = values.line_model(spec, lines)
    link = model._meta.get_field(values.line_link(spec, lines)).attname
    inserts: list[tuple[Row, Any]] = []
    updates: list[Any] = []
    gone: list[int] = []
    for draft in drafts:
        before = {row["id"]: row for row in draft.before.get(lines.name, ())}
        wanted = draft.lines[lines.name]
        gone += set(before) - {row.get("id") for row in wanted}
        for position, row in enumerate(wanted):
            line = _line(spec, lines, model, link, draft.instance, row, position)
            if row.get("id") in before:
                updates += [line] if before[row["id"]] != row or _moved(before, row, position) else []
            else:
                inserts.append((row, line))
    _write_lines(model, lines, inserts, updates, gone)
    for draft in drafts:
        _note_lines(draft, lines.name)


def _moved(before: dict[int, Row], row: Row, position: int) -> bool:
    return list(before).index(row["id"]) != position


def _line(spec: Spec, lines: Lines, model: Any, link: str, instance: Any, row: Row, position: int) -> Any:
    given = {model._meta.pk.attname: row.get("id"), "position": position, link: instance.pk}
    for name, (field, kind) in values.line_fields(spec, lines).items():
        value = row.get(name)
        if value is not None:
            given[field.attname] = kind.from_json(value)
    return rows.made(model, given)


def _write_lines(
    model: Any, lines: Lines, inserts: list[tuple[Row, Any]], updates: list[Any], gone: list[int]
) -> None:
    if gone:
        model._base_manager.filter(pk__in=gone).delete()
    updating.store(updates, [*lines.fields, "position"])
    if inserts:
        rows.insert([line for _row, line in inserts])
    for row, line in inserts:
        row["id"] = line.pk


def _note_lines(draft: Draft, name: str) -> None:
    rows = [dict(row) for row in draft.lines[name]]
    draft.instance._prefetched_objects_cache = {}
    if draft.created:
        draft.after |= {name: rows} if rows else {}
    elif rows == draft.before.get(name):
        draft.before.pop(name, None)
    else:
        draft.after[name] = rows
