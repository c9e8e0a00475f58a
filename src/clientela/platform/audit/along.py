"""What went along with a deletion comes back along with it, and goes once more when that is undone.

Whoever deletes a record needs no right of his own to what others had tied to it; nor does he to have it as
it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from clientela.platform.audit.models import Change
from clientela.records import changes, kinds, registry, values
from clientela.records.spec import Lines, Spec

Subject = tuple[str, int]
"""Key of a kind of record, and an id."""
Told = dict[str, Any]


def along(spec: Spec, made: Sequence[Change]) -> set[int]:
    """Of changes of one operation, the ids of records that only followed another that it deleted and that is
    there again; or that it brought back, being an undo itself."""
    found: set[int] = set()
    for verb in (changes.DELETE, changes.CREATE):
        named = {change.record_id: _named(spec, change, verb) for change in made}
        moved = _moved(made[0], verb, set().union(*named.values()))
        found |= {change.record_id for change in made if _follows(change, named[change.record_id], moved)}
    return found


def _follows(change: Change, named: set[Subject], moved: set[Subject]) -> bool:
    if change.verb == changes.UPDATE:
        return bool(named) and named <= moved
    return not named.isdisjoint(moved)


def _moved(change: Change, verb: str, wanted: set[Subject]) -> set[Subject]:
    """Those that the operation of the change deleted or brought back, as far as they are there now."""
    if verb == changes.CREATE and change.undoes is None:
        return set()
    found: set[Subject] = set()
    for key in {key for key, _pk in wanted if registry.find(key) is not None}:
        ids = [pk for kind, pk in wanted if kind == key]
        own = Change.objects.filter(operation=change.operation, verb=verb, record=key, record_id__among=ids)
        there = registry.get(key).model._base_manager.filter(pk__in=own.values("record_id"))
        found |= {(key, pk) for pk in there.values_list("pk", flat=True)}
    return found


def _named(spec: Spec, change: Change, verb: str) -> set[Subject]:
    """What the record was tied to before (deleted) or is after (brought back) and not the other way round;
    nothing where the change did more than that."""
    with_it, without = (
        (change.before, change.after) if verb == changes.DELETE else (change.after, change.before)
    )
    if change.verb == changes.UPDATE:
        parts = [_lost(spec, name, with_it.get(name), without.get(name)) for name in change.after]
        return set().union(*parts) if all(parts) else set()
    if change.verb != verb:
        return set()
    return set().union(*(_ties(spec, name, value) for name, value in with_it.items())) | _subject(with_it)


def _lost(spec: Spec, name: str, with_it: Any, without: Any) -> set[Subject]:
    """What one field named and no longer names; nothing where it says anything new."""
    if not isinstance(with_it, list):
        return _ties(spec, name, with_it) if without is None else set()
    left = without or []
    if any(each not in with_it for each in left):
        return set()
    return _ties(spec, name, [each for each in with_it if each not in left])


def _ties(spec: Spec, name: str, value: Any) -> set[Subject]:
    ref = values.kept_fields(spec).get(name)
    if ref is None or value is None:
        return set()
    if ref.lines is not None:
        return {subject for row in value for subject in _in_line(spec, ref.lines, row)}
    if ref.target is None:
        return set()
    return {(ref.target.key, pk) for pk in (value if isinstance(value, list) else [value])}


def _in_line(spec: Spec, lines: Lines, row: Told) -> Iterator[Subject]:
    for name, (field, kind) in values.line_fields(spec, lines).items():
        target = registry.of_model(field.related_model) if kind is kinds.Link else None
        if target is not None and row.get(name) is not None:
            yield target.key, row[name]
    yield from _subject(row)


def _subject(told: Told) -> set[Subject]:
    """The record that files, shares and lines of notes name by its kind and its id."""
    if not told.get("record") or told.get("record_id") is None:
        return set()
    return {(told["record"], told["record_id"])}
