"""Everything that names a record: found by walking the models, and tied to another record at once.

Three forms: a foreign key; a row between two records (many links); a pair of columns `record` and
`record_id`. All of it belongs to a record with a history (a field of its own, its lines, its many links) and
is told as a change of that record, so that an undo takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.records import registry, save, values
from clientela.records.changes import UPDATE, Change
from clientela.records.errors import Refused
from clientela.records.spec import Lines, Spec

BATCH = 500
# Tables with `record` and `record_id` that stay as they are: histories, and what follows the records itself.
STAYING = frozenset(
    (
        "attachments.lastplace",
        "audit.change",
        "duplicates.absorbed",
        "duplicates.key",
        "duplicates.pair",
        "search.entry",
    )
)
Plain = dict[str, Any]
"""A line as JSON values."""


@dataclass(frozen=True)
class Reference:
    """A column that names records of a kind. `owner`: the record whose history tells of it."""

    model: Any
    column: str
    name: str
    owner: Spec
    lines: Lines | None = None
    many: str = ""
    """The owner's field of many links of which this is the far end."""
    generic: bool = False
    """A pair of columns, `record` and `record_id`, that names records of any kind."""

    @property
    def told(self) -> str:
        """The owner's field under which a change tells of it."""
        return self.lines.name if self.lines is not None else self.many or self.name


def references_to(spec: Spec) -> list[Reference]:
    """All that can name a record of this kind, but for its own lines and links.

    Raises LookupError for a table that no record's history tells of: a merge could not be undone.
    """
    return [*_linking(spec), *_generic()]


def _linking(spec: Spec) -> Iterator[Reference]:
    own = {values.line_model(spec, lines) for lines in spec.lines}
    for relation in spec.model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or not (relation.one_to_many or relation.one_to_one):
            continue
        column: Any = relation.field  # type: ignore[union-attr]  # a relation from elsewhere
        model: Any = column.model
        if model in own or model._meta.proxy:
            continue
        if model._meta.auto_created is False:
            yield _link(model, column)
        elif (tied := _many_of(model, column)) is not None and tied.owner is not spec:
            yield tied


def _link(model: Any, column: Any) -> Reference:
    owner = registry.of_model(model)
    if owner is not None and column.name in values.kept_fields(owner):
        return Reference(model, column.attname, column.name, owner)
    keeper, lines = _keeper_of(model)
    if keeper is None or lines is None or column.name not in lines.fields:
        raise LookupError(f"no history tells of {model._meta.label}.{column.name}")
    return Reference(model, column.attname, column.name, keeper, lines)


def _many_of(through: Any, column: Any) -> Reference | None:
    """The far end of many links; None for the near end, which goes with its record."""
    source: Any = through._meta.auto_created
    for many in source._meta.many_to_many:
        if many.remote_field.through is through and many.m2m_reverse_field_name() == column.name:
            owner = registry.of_model(source)
            if owner is None or many.name not in values.kept_fields(owner):
                raise LookupError(f"no history tells of {source._meta.label}.{many.name}")
            return Reference(through, column.attname, column.name, owner, many=many.name)
    return None


def _keeper_of(model: Any) -> tuple[Spec | None, Lines | None]:
    """The record that keeps such rows as its lines."""
    for spec in registry.every():
        for lines in spec.lines:
            if values.line_model(spec, lines) is model:
                return spec, lines
    return None, None


def _generic() -> Iterator[Reference]:
    for model in apps.get_models():
        names = {each.name for each in model._meta.concrete_fields}
        if not {"record", "record_id"} <= names or model._meta.label_lower in STAYING:
            continue
        keeper, lines = _keeper_of(model)
        owner = keeper or registry.of_model(model)
        if owner is None:
            raise LookupError(f"no history tells of {model._meta.label}.record_id")
        yield Reference(model, "record_id", "record_id", owner, lines, generic=True)


@dataclass
class Moved:
    """What was tied again: the changes by record, before and after."""

    changes: dict[tuple[str, int], tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    def note(self, spec: Spec, pk: int, name: str, before: Any, after: Any) -> None:
        told = self.changes.setdefault((spec.key, pk), ({}, {}))
        told[0].setdefault(name, before)
        told[1][name] = after


def tie(spec: Spec, gone: Sequence[int], target: int, *, only: dict[str, set[int]] | None = None) -> Moved:
    """Tie what names any of `gone` to `target`, a few statements for every 500 rows; lines and links that
    would be there twice are united. `only`: ids by kind of record, to move no others. Raises Refused where a
    record may be tied once only and both have one."""
    moved = Moved()
    for reference in references_to(spec):
        if only is None or reference.owner.key in only:
            chosen = None if only is None else only[reference.owner.key]
            _tie_reference(spec, reference, gone, target, chosen, moved)
    return moved


def _tie_reference(
    spec: Spec,
    reference: Reference,
    gone: Sequence[int],
    target: int,
    chosen: set[int] | None,
    moved: Moved,
) -> None:
    rows = rows_naming(spec, reference, gone)
    if reference.lines is not None:
        _tie_lines(spec, reference, rows, set(gone), target, chosen, moved)
    elif reference.many:
        _tie_many(reference, set(gone), target, chosen, moved)
    else:
        _tie_links(spec, reference, rows, {*gone, target}, target, chosen, moved)


def rows_naming(spec: Spec, reference: Reference, ids: Iterable[int]) -> Any:
    """The rows of a reference that name any of these records, as a query set."""
    rows = reference.model._base_manager.filter(**{f"{reference.column}__in": list(ids)}).order_by()
    return rows.filter(record=spec.key) if reference.generic else rows


def _tie_links(
    spec: Spec,
    reference: Reference,
    rows: Any,
    merged: set[int],
    target: int,
    chosen: set[int] | None,
    moved: Moved,
) -> None:
    if reference.owner is spec:
        # The merged ones' own links among each other are values of the survivor.
        rows = rows.exclude(pk__in=merged)
    found = dict(rows.select_for_update().order_by("pk").values_list("pk", reference.column))
    wanted = [pk for pk in found if chosen is None or pk in chosen]
    _refuse_twice(reference, wanted, target)
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        reference.model._base_manager.filter(pk__in=part).update(**{reference.column: target})
    for pk in wanted:
        moved.note(reference.owner, pk, reference.name, found[pk], target)


def _refuse_twice(reference: Reference, wanted: Sequence[int], target: int) -> None:
    """Of records that may be tied once only, several would be."""
    if not wanted or not reference.model._meta.get_field(reference.name).unique:
        return
    there = reference.model._base_manager.filter(**{reference.column: target}).count()
    if there + len(wanted) > 1:
        names = reference.owner.label_plural
        raise Refused(_("Both have %(names)s, of which there can be one only.") % {"names": names})


def _tie_lines(
    spec: Spec,
    reference: Reference,
    rows: Any,
    gone: set[int],
    target: int,
    chosen: set[int] | None,
    moved: Moved,
) -> None:
    owner, lines = reference.owner, reference.lines
    assert lines is not None
    link = values.line_link(owner, lines)
    keepers = set(rows.values_list(f"{link}_id", flat=True))
    if owner is spec:
        keepers -= gone
    wanted = sorted(keepers if chosen is None else keepers & chosen)
    for start in range(0, len(wanted), BATCH):
        held = owner.model._base_manager.filter(pk__in=wanted[start : start + BATCH])
        for keeper in held.prefetch_related(lines.name):
            before = values.line_values(lines, keeper)
            after = _united(spec, reference, before, gone, target)
            if after != before:
                _write_lines(reference.model, lines, before, after)
                moved.note(owner, keeper.pk, lines.name, before, after)


def _united(
    spec: Spec, reference: Reference, before: list[Plain], gone: set[int], target: int
) -> list[Plain]:
    """The lines with the target in place of those gone, each record once; the main one stays main."""
    lines = reference.lines
    assert lines is not None
    after: list[Plain] = []
    for row in before:
        named = row[reference.name] in gone and (not reference.generic or row["record"] == spec.key)
        changed = {**row, reference.name: target} if named else dict(row)
        twin = next((each for each in after if _names_same(reference, each, changed)), None)
        touches = named or row[reference.name] == target
        if twin is None or not touches:
            after.append(changed)
        elif lines.main and changed.get(lines.main):
            twin[lines.main] = True
    return after


def _names_same(reference: Reference, one: Plain, other: Plain) -> bool:
    same = one[reference.name] == other[reference.name]
    return same and (not reference.generic or one["record"] == other["record"])


def _write_lines(model: Any, lines: Lines, before: list[Plain], after: list[Plain]) -> None:
    kept = {row["id"]: row for row in after}
    model._base_manager.filter(pk__in=[row["id"] for row in before if row["id"] not in kept]).delete()
    for row in before:
        changed = kept.get(row["id"])
        if changed is not None and changed != row:
            columns = {
                model._meta.get_field(name).attname: changed[name]
                for name in lines.fields
                if changed[name] != row[name]
            }
            model._base_manager.filter(pk=row["id"]).update(**columns)


def _tie_many(
    reference: Reference, gone: set[int], target: int, chosen: set[int] | None, moved: Moved
) -> None:
    owner = reference.owner
    many: Any = owner.model._meta.get_field(reference.many)
    near, table = f"{many.m2m_field_name()}_id", reference.model._base_manager
    keepers = set(table.filter(**{f"{reference.column}__in": gone}).values_list(near, flat=True))
    wanted = keepers if chosen is None else keepers & chosen
    before: dict[int, dict[int, int]] = {pk: {} for pk in sorted(wanted)}
    every = table.filter(**{f"{near}__in": list(wanted)}).order_by("pk")
    for row, pk, linked in every.values_list("pk", near, reference.column):
        before[pk][linked] = row
    moving: list[int] = []
    for pk, linked_rows in before.items():
        after = {target if linked in gone else linked for linked in linked_rows}
        if target not in linked_rows:
            moving.append(next(row for linked, row in linked_rows.items() if linked in gone))
        moved.note(owner, pk, reference.many, sorted(linked_rows), sorted(after))
    table.filter(pk__in=moving).update(**{reference.column: target})
    table.filter(**{f"{reference.column}__in": gone, f"{near}__in": list(wanted)}).delete()


def changes_of(moved: Moved) -> list[Change]:
    """One change for each record that was tied again; their versions grow by one."""
    by_spec: dict[str, list[int]] = {}
    for key, pk in moved.changes:
        by_spec.setdefault(key, []).append(pk)
    made: list[Change] = []
    for key, ids in by_spec.items():
        spec = registry.get(key)
        for start in range(0, len(ids), BATCH):
            made += _changes(spec, ids[start : start + BATCH], moved)
    return made


def _changes(spec: Spec, ids: Sequence[int], moved: Moved) -> Iterator[Change]:
    rows: models.QuerySet[Any] = spec.model._base_manager.filter(pk__in=ids)
    if save.is_versioned(spec):
        rows.update(version=F("version") + 1, updated_at=timezone.now())
    for instance in rows.order_by("pk"):
        before, after = moved.changes[(spec.key, instance.pk)]
        yield Change(spec, instance.pk, UPDATE, before, after, save.title_of(spec, instance), instance)


def owner_path(reference: Reference) -> str:
    """From a row that names a record to the id of the record whose history tells of it."""
    owner = reference.owner
    if reference.lines is not None:
        return f"{values.line_link(owner, reference.lines)}_id"
    if reference.many:
        many: Any = owner.model._meta.get_field(reference.many)
        return f"{many.m2m_field_name()}_id"
    return "pk"
