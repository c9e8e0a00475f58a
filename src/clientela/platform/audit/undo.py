"""Taking back what an operation did, as a new operation; what is newer than it is never trampled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.audit.models import Change
from clientela.records import changes, registry, values, write
from clientela.records.errors import NotFound, Refused
from clientela.records.spec import Spec

CHUNK = 1000


@dataclass(slots=True)
class Undone:
    """`undone`: how many changes went back. `conflicts`: titles and fields that something newer holds."""

    operation: UUID
    undone: int = 0
    conflicts: list[tuple[str, list[str]]] = field(default_factory=list)


def undo(operation_id: UUID, *, actor: Actor, source: changes.Source = changes.PAGE) -> Undone:
    """Take back all changes of an operation that still can be, newest first, in one transaction.

    A field that was changed since stays, and is told in `conflicts`. Raises NotFound for an operation
    that is not there or not the actor's to take back, Refused where it was undone already.
    """
    if is_undone(operation_id):
        raise Refused(_("This was undone already."))
    operation = _begin(operation_id, actor, source)
    result = Undone(operation.id)
    with transaction.atomic():
        for part in _parts(operation_id):
            _undo_part(part, operation, result)
    return result


def undo_in_parts(operation_id: UUID, *, actor: Actor, source: changes.Source) -> Iterator[Undone]:
    """`undo` for very many changes: a transaction for every few thousand, told after each.

    One that was broken off is gone on with: what went back already is not there any more.
    """
    operation = _begin(operation_id, actor, source)
    result = Undone(operation.id)
    for part in _parts(operation_id):
        with transaction.atomic():
            _undo_part(part, operation, result)
        yield result


def _begin(operation_id: UUID, actor: Actor, source: changes.Source) -> changes.Operation:
    made = Change.objects.filter(operation=operation_id)
    first = made.order_by("-id").first()
    if first is None:
        raise NotFound(_("There is nothing to undo."))
    _require(made, actor)
    return changes.Operation(actor, source, label=first.label, undoes=operation_id)


def _parts(operation_id: UUID) -> Iterator[list[Change]]:
    """The changes from the newest on, a chunk at a time."""
    made = Change.objects.filter(operation=operation_id).order_by("-id")
    part = list(made[:CHUNK])
    while part:
        yield part
        part = list(made.filter(id__lt=part[-1].pk)[:CHUNK])


def is_undone(operation_id: UUID) -> bool:
    """Undone, and that undo not itself undone."""
    takers = Change.objects.filter(undoes=operation_id).values_list("operation", flat=True).distinct()
    return any(not is_undone(taker) for taker in takers)


def _require(made: QuerySet[Change], actor: Actor) -> None:
    """One's own acts, or any by an administrator, on records one may still change."""
    if actor.is_admin:
        return
    if made.exclude(actor_id=actor.user_id).exists():
        raise NotFound(_("There is nothing to undo."))
    for record, verb in made.order_by().values_list("record", "verb").distinct():
        if not policy.may(actor, "change" if verb != "delete" else "delete", registry.get(record)):
            raise Refused(_("You may not undo this."))


def _undo_part(part: Sequence[Change], operation: changes.Operation, result: Undone) -> None:
    """Changes of one kind and verb that follow each other go back together."""
    for (record, verb), together in groupby(part, key=lambda change: (change.record, change.verb)):
        spec, made = registry.get(record), list(together)
        if verb == changes.DELETE:
            result.undone += sum(_bring_back(spec, change, operation) for change in made)
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


def _bring_back(spec: Spec, change: Change, operation: changes.Operation) -> bool:
    if spec.model._default_manager.filter(pk=change.record_id).exists():
        return False
    write.restore(spec, change.record_id, change.before, operation=operation)
    return True


def _take_away(spec: Spec, made: Sequence[Change], operation: changes.Operation, result: Undone) -> None:
    stored = _stored(spec, made)
    touched = _touched_since(spec, made, operation)
    going = []
    for change in made:
        instance = stored.get(change.record_id)
        if instance is None:
            continue
        if change.record_id in touched and _differs(spec, change, instance):
            result.conflicts.append((change.title, [_("changed since")]))
        else:
            going.append((change, instance))
    _delete(spec, going, operation, result)


def _touched_since(spec: Spec, made: Sequence[Change], operation: changes.Operation) -> set[int]:
    """Those that another operation changed after they were made."""
    later = Change.objects.filter(
        record=spec.key,
        record_id__in=[change.record_id for change in made],
        id__gt=min(change.pk for change in made),
    ).exclude(operation__in=[made[0].operation, operation.id])
    return set(later.values_list("record_id", flat=True))


def _delete(
    spec: Spec, going: Sequence[tuple[Change, Any]], operation: changes.Operation, result: Undone
) -> None:
    """All at once; where one cannot go, one by one, so that only it stays."""
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
            result.conflicts.append((going[0][0].title, [error.message]))
            return
        for each in going:
            _delete(spec, [each], operation, result)
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


def _put_back(spec: Spec, made: Sequence[Change], operation: changes.Operation, result: Undone) -> None:
    stored = _stored(spec, made)
    items = []
    for change in made:
        instance = stored.get(change.record_id)
        back = _back(spec, change, instance, result) if instance is not None else {}
        if back:
            items.append((instance, back))
    write.revert_many(spec, items, operation=operation)
    result.undone += len(items)


def _alike(spec: Spec, name: str) -> set[str]:
    """Lines and the fields that mirror their main one go back together or not at all."""
    units = ({lines.name, *(own for own, _field in lines.mirror)} for lines in spec.lines if lines.mirror)
    return set().union(*(unit for unit in units if name in unit))


def _back(spec: Spec, change: Change, instance: Any, result: Undone) -> dict[str, Any]:
    """The values from before, but for the fields that something newer holds."""
    kept = values.kept_fields(spec)
    names = [name for name in change.after if name in kept]
    now = values.snapshot(spec, instance, names)
    differing = {name for name in names if now[name] != change.after[name]}
    newer = [name for name in names if name in differing or not differing.isdisjoint(_alike(spec, name))]
    if newer:
        result.conflicts.append((change.title, [str(kept[name].label) for name in newer]))
    return {name: change.before.get(name) for name in names if name not in newer}
