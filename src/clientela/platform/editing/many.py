"""Links and lines of many records: added to what each has, or taken away from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.records import values, write
from clientela.records.changes import Change, Operation
from clientela.records.errors import Invalid
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

CHUNK = 500
MODES = {"add": _("Add"), "remove": _("Take away"), "replace": _("Put only these")}


def change(
    spec: Spec, rows: Any, ref: FieldRef, given: Sequence[Any], mode: str, *, operation: Operation
) -> list[Change]:
    """Add, remove or replace the links or lines `given` in every one of `rows`, in one operation.

    Raises Invalid; then nothing is changed.
    """
    made: list[Change] = []
    with transaction.atomic():
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            together = spec.model._default_manager.filter(pk__in=ids[start : start + CHUNK])
            instances = list(together.prefetch_related(ref.path).order_by("pk"))
            items = [(each, {ref.path: _wanted(ref, each, given, mode)}) for each in instances]
            outcome = write.apply_many(spec, items, operation=operation)
            if outcome.errors:
                raise Invalid(next(iter(outcome.errors.values())))
            made += outcome.changes
    return made


def wanted(ref: FieldRef, instance: Any, given: dict[str, Any], mode: str) -> dict[str, Any]:
    """What one record gets: the values as they are, or put together with the links or lines it has."""
    if not (ref.many and mode in MODES):
        return given
    return {ref.path: _wanted(ref, instance, given[ref.path], mode)}


def _wanted(ref: FieldRef, instance: Any, given: Sequence[Any], mode: str) -> list[Any]:
    if mode == "replace":
        return list(given)
    if ref.lines is None:
        has = {each.pk for each in getattr(instance, ref.path).all()}
        return sorted(has | set(given) if mode == "add" else has - set(given))
    lines = values.line_values(ref.lines, instance)
    named = [_name(ref, line) for line in given]
    if mode == "remove":
        return [line for line in lines if _name(ref, line) not in named]
    there = {_name(ref, line) for line in lines}
    fresh = [_without_main(ref, line, bool(lines)) for line in given if _name(ref, line) not in there]
    return [_updated(ref, line, given) for line in lines] + fresh


def _name(ref: FieldRef, line: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two lines the same: the fields without which a line is none."""
    assert ref.lines is not None
    return tuple(line.get(name) for name in ref.lines.required)


def _updated(ref: FieldRef, line: dict[str, Any], given: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A line that is there already takes the new one's other values, as a new role; it stays main or not."""
    assert ref.lines is not None
    new = next((each for each in given if _name(ref, each) == _name(ref, line)), {})
    return line | {name: value for name, value in new.items() if name not in ("id", ref.lines.main) and value}


def _without_main(ref: FieldRef, line: dict[str, Any], has_lines: bool) -> dict[str, Any]:
    """A line added to others does not become the main one."""
    assert ref.lines is not None
    return {**line, ref.lines.main: False} if has_lines and ref.lines.main else line
