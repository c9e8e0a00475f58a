"""How changes go back, by what they did: made ones are taken away, deleted ones come back, fields too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.platform.audit import along, stays
from clientela.platform.audit.models import Change
from clientela.platform.audit.stays import Stay
from clientela.records import changes, refs, registry, values, write
from clientela.records.conditions import is_hidden
from clientela.records.errors import Refused
from clientela.records.spec import Spec


class Result(Protocol):
    """What is counted and told while changes go back, which alone do (None: all), and whether rights to
    each record are asked."""

    entitled: bool
    only: Collection[int] | None
    undone: int
    stays: list[Stay]


def take_back(part: Sequence[Change], operation: changes.Operation, result: Result) -> None:
    """Changes of one kind and verb that follow each other go back together; inside a transaction."""
    for (record, verb), together in groupby(part, key=lambda change: (change.record, change.verb)):
        spec, made = registry.get(record), list(together)
        if verb == changes.DELETE:
            _bring_back(spec, made, operation, result)
        elif verb == changes.CREATE:
            _take_away(spec, made, operation, result)
        else:
            for round_ in _rounds(made):
                _put_back(spec, round_, operation, result)


def _rounds(made: Sequence[Change]) -> Iterator[list[Change]]:
    """Parts in which each record is changed once: several changes of one go back one after the other."""
    seen: set[int] = set()
    together: list[Change] = []
    for change in made:
        if change.record_id in seen:
            yield together
            seen, together = set(), []
        seen.add(change.record_id)
        together.append(change)
    yield together


def _stored(spec: Spec, made: Sequence[Change]) -> dict[int, Any]:
    names = [name for name, ref in values.kept_fields(spec).items() if ref.many]
    held = spec.model._default_manager.select_for_update()
    rows = held.filter(pk__in=[change.record_id for change in made]).order_by("pk")
    return {each.pk: each for each in rows.prefetch_related(*names)}


def _stay(
    operation: changes.Operation,
    change: Change,
    names: Sequence[str] = (),
    reason: str = "",
    later: Change | None = None,
) -> Stay:
    """What stays, as who takes it back may be told."""
    spec = registry.get(change.record)
    fields = refs.fields_of(spec)
    told = [name for name in names if not is_hidden(fields[name], operation.actor)]
    title = "…" if is_hidden(fields[spec.title], operation.actor) else change.title
    return Stay(change.record, change.record_id, title, told, reason, later)


def _allowed(
    spec: Spec,
    ids: Sequence[int],
    operation: changes.Operation,
    result: Result,
    made: Sequence[Change] = (),
) -> set[int]:
    """Which of these records the actor may change now; of `made`, also what goes along with others."""
    if operation.actor.is_admin or result.entitled:
        return set(ids)
    return _in_reach(spec, ids, operation) | (along.along(spec, made) if made else set())


def _in_reach(spec: Spec, ids: Sequence[int], operation: changes.Operation) -> set[int]:
    rows = spec.model._default_manager.filter(policy.scope(operation.actor, "change", spec), pk__in=ids)
    return set(rows.values_list("pk", flat=True))


class _NotAllowed(Exception):
    """Leaves a savepoint in which somebody would have changed what he may not: the ids of those records."""

    def __init__(self, ids: set[int]) -> None:
        super().__init__(ids)
        self.ids = ids


Item = tuple[Change, dict[str, Any]]
"""A change, and the values that its record is to have again."""
Do = Callable[[Sequence[Item]], Any]


def _do(
    spec: Spec, items: Sequence[Item], operation: changes.Operation, result: Result, do: Do
) -> dict[int, str]:
    """Do it to all in a few statements; by id of the record, why it could not be done to those that stay.

    What clashes is found by halves. The actor may change each record before it or, as who takes it back,
    after it.
    """
    if not items:
        return {}
    try:
        with transaction.atomic():
            made = [change for change, _values in items]
            before = _allowed(spec, [change.record_id for change in made], operation, result, made)
            do(items)
            others = {change.record_id for change, _values in items} - before
            if others and (forbidden := others - _allowed(spec, list(others), operation, result)):
                raise _NotAllowed(forbidden)
    except _NotAllowed as error:
        left = [item for item in items if item[0].record_id not in error.ids]
        return dict.fromkeys(error.ids, _may_no_longer()) | _do(spec, left, operation, result, do)
    except IntegrityError:
        if len(items) == 1:
            return {items[0][0].record_id: _already()}
        half = len(items) // 2
        first = _do(spec, items[:half], operation, result, do)
        return first | _do(spec, items[half:], operation, result, do)
    return {}


def _may_no_longer() -> str:
    return _("you may no longer change it")


def _already() -> str:
    return _("There is one like this already.")


# --- what was deleted ---------------------------------------------------------------------------------


def _bring_back(spec: Spec, made: Sequence[Change], operation: changes.Operation, result: Result) -> None:
    ids = [change.record_id for change in made]
    there = set(spec.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    gone = stays.gone_links(spec, [change.before for change in made], made[0].operation, result.only)
    missing = {change.pk: _named(change.before, gone) for change in made}
    coming = [change for change in made if change.record_id not in there]
    lost = {change.pk: [name for name in missing[change.pk] if _is_needed(spec, name)] for change in coming}
    items = [(change, _kept(change, missing[change.pk], gone)) for change in coming if not lost[change.pk]]
    failed = _do(spec, items, operation, result, lambda part: _restore(spec, part, operation))
    for change in coming:
        if lost[change.pk]:
            reason = _("what it belonged to is no longer there")
            result.stays.append(_stay(operation, change, lost[change.pk], reason))
        elif change.record_id in failed:
            result.stays.append(_stay(operation, change, reason=failed[change.record_id]))
        else:
            result.undone += 1
            result.stays += [_stay(operation, change, missing[change.pk])] if missing[change.pk] else []


def _restore(spec: Spec, items: Sequence[Item], operation: changes.Operation) -> None:
    write.restore(spec, [(change.record_id, kept) for change, kept in items], operation=operation)


def _named(kept: dict[str, Any], gone: dict[str, set[int]]) -> list[str]:
    """The links of a kept record that name one which is no longer there."""
    return [name for name, ids in gone.items() if not ids.isdisjoint(stays.ids_in(kept.get(name)))]


def _kept(change: Change, missing: Sequence[str], gone: dict[str, set[int]]) -> dict[str, Any]:
    """The kept values without those that are gone."""
    return {**change.before, **{name: _without(change.before[name], gone[name]) for name in missing}}


def _without(value: Any, gone: set[int]) -> Any:
    return [each for each in value if each not in gone] if isinstance(value, list) else None


def _is_needed(spec: Spec, name: str) -> bool:
    field: Any = values.kept_fields(spec)[name].field
    return field is not None and not field.many_to_many and not field.null


# --- what was made ------------------------------------------------------------------------------------


def _take_away(spec: Spec, made: Sequence[Change], operation: changes.Operation, result: Result) -> None:
    stored = _stored(spec, made)
    later = stays.later_changes(spec, made, [made[0].operation, operation.id])
    allowed = _allowed(spec, list(stored), operation, result, made)
    going = []
    for change in made:
        instance = stored.get(change.record_id)
        if instance is None:
            continue
        newer = later.get(change.record_id, [])
        if change.record_id not in allowed:
            result.stays.append(_stay(operation, change, reason=_may_no_longer()))
        elif newer and _differs(spec, change, instance):
            result.stays.append(_stay(operation, change, reason=_("changed since"), later=newer[0]))
        else:
            going.append((change, instance))
    _delete(spec, going, operation, result)


def _delete(
    spec: Spec, going: Sequence[tuple[Change, Any]], operation: changes.Operation, result: Result
) -> None:
    """All at once; where one cannot go, by halves, so that only it stays."""
    if not going:
        return
    try:
        with transaction.atomic():
            write.delete(
                spec,
                [instance for _change, instance in going],
                operation=operation,
                trusted=True,
                may_go=lambda part, ids: _made_by(going[0][0].operation, part, ids),
            )
    except Refused as error:
        if len(going) == 1:
            result.stays.append(_stay(operation, going[0][0], reason=error.message))
            return
        half = len(going) // 2
        _delete(spec, going[:half], operation, result)
        _delete(spec, going[half:], operation, result)
        return
    result.undone += len(going)


def _made_by(operation_id: UUID, spec: Spec, ids: Sequence[int]) -> bool:
    """Whether all these records came with the operation itself, so that they may go with it."""
    made = Change.objects.filter(
        operation=operation_id, record=spec.key, record_id__in=ids, verb=changes.CREATE
    )
    return made.count() == len(ids)


def _differs(spec: Spec, change: Change, instance: Any) -> bool:
    now = {
        name: value for name, value in values.snapshot(spec, instance).items() if value not in (None, "", [])
    }
    return now != {name: value for name, value in change.after.items() if value not in (None, "", [])}


# --- what was changed ---------------------------------------------------------------------------------


def _put_back(spec: Spec, made: Sequence[Change], operation: changes.Operation, result: Result) -> None:
    stored = _stored(spec, made)
    later = _Later(spec, made, operation)
    gone = stays.gone_links(spec, [change.before for change in made])
    items, before = [], len(result.stays)
    for change in made:
        instance = stored.get(change.record_id)
        if instance is None:
            continue
        back = _back(spec, change, instance, operation, later, gone, result)
        if back:
            items.append((change, back))
    failed = _do(spec, items, operation, result, lambda part: _write(spec, part, stored, operation))
    result.undone += len(items) - len(failed)
    told = [change for change, _back in items if change.record_id in failed]
    result.stays += [_stay(operation, change, reason=failed[change.record_id]) for change in told]
    places = {change.record_id: place for place, change in enumerate(made)}
    result.stays[before:] = sorted(result.stays[before:], key=lambda stay: places[stay.record_id])


def _write(spec: Spec, items: Sequence[Item], read: dict[int, Any], operation: changes.Operation) -> None:
    """`read`: what was read before; where that was tried already, it is read again."""
    fresh = [read.pop(change.record_id, None) for change, _back in items]
    if None in fresh:
        again = _stored(spec, [change for change, _back in items])
        fresh = [again[change.record_id] for change, _back in items]
    backs = [back for _change, back in items]
    write.revert_many(spec, list(zip(fresh, backs, strict=True)), operation=operation)


def _alike(spec: Spec, name: str) -> set[str]:
    """Lines and the fields that mirror their main one go back together or not at all."""
    units = ({lines.name, *(own for own, _field in lines.mirror)} for lines in spec.lines if lines.mirror)
    return set().union(*(unit for unit in units if name in unit))


class _Later:
    """Changes made after those that go back: asked for only where something differs."""

    def __init__(self, spec: Spec, made: Sequence[Change], operation: changes.Operation) -> None:
        self._asked = (spec, made, [made[0].operation, operation.id])
        self._found: dict[int, list[Change]] | None = None

    def holding(self, change: Change, names: Sequence[str]) -> Change | None:
        if self._found is None:
            self._found = stays.later_changes(*self._asked)
        return stays.holding(self._found.get(change.record_id, []), change, names)


def _back(
    spec: Spec,
    change: Change,
    instance: Any,
    operation: changes.Operation,
    later: _Later,
    gone: dict[str, set[int]],
    result: Result,
) -> dict[str, Any]:
    """The values from before, but for the fields that something newer holds or that are gone or hidden."""
    kept = values.kept_fields(spec)
    names = [name for name in change.after if name in kept]
    now = values.snapshot(spec, instance, names)
    differing = {name for name in names if now[name] != change.after[name]}
    lost = set(_named(change.before, gone)) & set(names)
    unseen = {name for name in names if is_hidden(kept[name], operation.actor)}
    staying = differing | lost | unseen
    newer = [name for name in names if name in staying or not staying.isdisjoint(_alike(spec, name))]
    if newer:
        told = [name for name in newer if name not in unseen]
        reason = _("what you may not see") if len(told) < len(newer) else ""
        _tell(_stay(operation, change, told, reason), change, differing, lost, later, result)
    return {name: change.before.get(name) for name in names if name not in newer}


def _tell(
    stay: Stay, change: Change, differing: set[str], lost: set[str], later: _Later, result: Result
) -> None:
    """Nothing of what went back already, by an undo of the same operation."""
    stay.later = later.holding(change, sorted(differing)) if differing else None
    if stay.later is None or stay.later.undoes != change.operation or lost:
        result.stays.append(stay)
