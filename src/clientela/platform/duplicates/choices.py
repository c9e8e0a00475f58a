"""What stays when records become one: for each field whose value, chosen or by the usual rule.

The usual rule: the survivor's where it has one (the value that every new record has counts as none), else
that of the record changed last. Long texts are kept both. Lines and many links are united.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clientela.access.actor import Actor
from clientela.kit.text import fold
from clientela.platform.duplicates import comparison
from clientela.platform.editing import forms
from clientela.records import kinds, refs, rows, values
from clientela.records.conditions import is_hidden
from clientela.records.lines import with_one_main
from clientela.records.refs import FieldRef
from clientela.records.spec import Lines, Spec

BOTH = "both"
Row = dict[str, Any]
_OWN = frozenset({"created_at", "created_by"})


@dataclass(frozen=True)
class Unit:
    """Fields that are taken from one record together: an amount with its currency, the parts of an address.

    `lines`: those whose main line they mirror."""

    name: str
    label: Any
    refs: tuple[FieldRef, ...]
    lines: Lines | None = None

    @property
    def joins(self) -> bool:
        """Whether both values can stay."""
        return len(self.refs) == 1 and self.refs[0].kind is kinds.LongText


def units(spec: Spec) -> list[Unit]:
    """The single values of a kind, in the order of its sections."""
    kept = values.kept_fields(spec)
    single = {name: ref for name, ref in kept.items() if not ref.many and name not in _OWN}
    found: list[Unit] = []
    placed: set[str] = set()
    for name in [*_in_sections(spec), *single]:
        if name in placed or (name not in single and name not in {each.name for each in spec.lines}):
            continue
        group = [each for each in _group_of(spec, name) if each in single]
        lines = next((each for each in spec.lines if _mirrors(each, name)), None)
        placed |= {name, *group}
        if group:
            label = single[group[0]].label
            if lines is not None and len(group) > 1:
                label = format_lazy(_("{field}: main"), field=lines.label)
            found.append(Unit(group[0], label, tuple(single[each] for each in group), lines))
    return found


def _in_sections(spec: Spec) -> list[str]:
    return [spec.title, *(name for section in spec.sections for name in section.fields)]


def _mirrors(lines: Lines, name: str) -> bool:
    return bool(lines.mirror) and (lines.name == name or name in {own for own, _field in lines.mirror})


def _group_of(spec: Spec, name: str) -> tuple[str, ...]:
    for lines in spec.lines:
        if _mirrors(lines, name):
            return tuple(own for own, _field in lines.mirror)
    compared = comparison.of(spec)
    for group in compared.together if compared is not None else ():
        if name in group:
            return group
    for money, ref in refs.fields_of(spec).items():
        if ref.currency and name in (money, ref.currency):
            parts = (money, ref.currency, ref.base)
            return tuple(each for each in parts if each)
    return (name,)


@dataclass(frozen=True)
class Option:
    """Of one record in a unit: its values by field; `filled` tells whether they say anything."""

    record_id: int
    values: Row
    filled: bool


def options(spec: Spec, unit: Unit, instances: Sequence[Any]) -> list[Option]:
    """What each record has, the survivor first."""
    merged = {each.pk for each in instances}
    usual = rows.blank(spec.model)
    found = []
    for instance in instances:
        own = {ref.path: _own_value(spec, ref, instance, merged) for ref in unit.refs}
        new = {ref.path: values.json_value(ref, usual) for ref in unit.refs}
        filled = any(value not in (None, "", [], {}, new[name]) for name, value in own.items())
        found.append(Option(instance.pk, own, filled))
    return found


def _own_value(spec: Spec, ref: FieldRef, instance: Any, merged: set[int]) -> Any:
    """Its value; a link to one of the merged records themselves is none."""
    value = values.json_value(ref, instance)
    return None if ref.target is spec and value in merged else value


def usual_source(unit: Unit, found: Sequence[Option], instances: Sequence[Any]) -> int | str:
    """The id of the record whose value stays, or BOTH."""
    filled = [each for each in found if each.filled]
    texts = {str(next(iter(each.values.values()))).strip() for each in filled}
    if unit.joins and len(texts) > 1:
        return BOTH
    if not filled or filled[0].record_id == instances[0].pk:
        return int(instances[0].pk)
    newest = sorted(instances, key=lambda each: each.updated_at, reverse=True)
    said = {each.record_id for each in filled}
    return next(int(each.pk) for each in newest if each.pk in said)


def selectable(spec: Spec, unit: Unit, actor: Actor) -> bool:
    """Whether `actor` may see and write all of it, so that he may choose."""
    names = [ref.path for ref in unit.refs]
    seen = not any(is_hidden(ref, actor) for ref in unit.refs)
    asked = [ref.path for ref in unit.refs if not ref.read_only]
    return seen and bool(asked) and {each.path for each in forms.editable(spec, names, actor)} >= set(asked)


def settled(spec: Spec, instances: Sequence[Any], sources: Mapping[str, int | str]) -> Row:
    """The values (JSON) that the survivor, the first of `instances`, gets: those that differ only.

    `sources`: by name of a unit, the id of the record whose value stays, or BOTH.
    """
    settled_values: Row = {}
    main_of: dict[str, int] = {}
    for unit in units(spec):
        found = options(spec, unit, instances)
        source = sources.get(unit.name, usual_source(unit, found, instances))
        if source == BOTH:
            settled_values[unit.name] = _joined(found)
            continue
        chosen = next(each for each in found if each.record_id == source)
        settled_values |= chosen.values
        if unit.lines is not None:
            main_of[unit.lines.name] = chosen.record_id
    for lines in spec.lines:
        if not lines.read_only:
            settled_values[lines.name] = united_lines(spec, lines, instances, main_of.get(lines.name))
    settled_values |= _united_links(spec, instances)
    now = values.snapshot(spec, instances[0], settled_values)
    return {name: value for name, value in settled_values.items() if value != now[name]}


def _joined(found: Iterable[Option]) -> str:
    texts = (str(next(iter(each.values.values())) or "").strip() for each in found)
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


def _united_links(spec: Spec, instances: Sequence[Any]) -> Row:
    merged = {each.pk for each in instances}
    found: Row = {}
    for name, ref in values.kept_fields(spec).items():
        if ref.kind is kinds.Links:
            every = {pk for each in instances for pk in values.json_value(ref, each)}
            found[name] = sorted(every - merged if ref.target is spec else every)
    return found


def united_lines(spec: Spec, lines: Lines, instances: Sequence[Any], main_of: int | None = None) -> list[Row]:
    """The survivor's lines and those of the others that say something new; the main one is that of the
    record `main_of`."""
    found: list[Row] = []
    known: dict[tuple[str, ...], Row] = {}
    main: Row | None = None
    for place, instance in enumerate(instances):
        for row in values.line_values(lines, instance):
            key = _telling(lines, row)
            if key not in known:
                known[key] = dict(row) if place == 0 else _new(lines, row)
                found.append(known[key])
            if lines.main and row.get(lines.main) and instance.pk == main_of:
                main = known[key]
    if main is not None:
        for row in found:
            row[lines.main] = row is main
    return with_one_main(lines, found)


def _new(lines: Lines, row: Row) -> Row:
    made = {name: value for name, value in row.items() if name != "id"}
    return made | ({lines.main: False} if lines.main else {})


def _telling(lines: Lines, row: Row) -> tuple[str, ...]:
    names = lines.required or tuple(name for name in lines.fields if name != lines.main)
    return tuple(fold(str(row.get(name) or "")) for name in names)


def fullest(spec: Spec, instances: Iterable[Any]) -> list[Any]:
    """The record with most filled first, then the oldest: the usual survivor."""
    found = units(spec)

    def filled(instance: Any) -> int:
        return sum(options(spec, unit, [instance])[0].filled for unit in found)

    return sorted(instances, key=lambda each: (-filled(each), each.pk))
