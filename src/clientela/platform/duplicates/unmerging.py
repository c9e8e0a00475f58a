"""Taking a merge apart: everything goes back, and what came later goes where one says.

Unlike a plain undo it leaves nothing behind because something newer stands beside it: lines and links are
taken apart one by one, and only the fields that somebody wrote meanwhile stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import aliases, exact, going_back, merging, references
from clientela.platform.duplicates.models import Decision, Merge, Pair
from clientela.records import changes, query, registry, save, write
from clientela.records.changes import DELETE, UPDATE, Operation, Source
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec

Subject = tuple[str, int]
SOURCE = merging.SOURCE


@dataclass(frozen=True)
class Later:
    """A record that was tied to the survivor after the merge."""

    spec: Spec
    id: int
    title: str
    at: dt.datetime

    @property
    def name(self) -> str:
        return f"{self.spec.key}:{self.id}"


@dataclass(slots=True)
class Unmerged:
    """`ids`: the records that are there again; `kept`: labels of fields that somebody wrote meanwhile."""

    operation: Operation
    ids: list[int] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def find(spec: Spec, merge_id: Any, actor: Actor) -> Merge:
    """A merge of this kind that stands, whose survivor `actor` sees. Raises NotFound."""
    found = Merge.objects.filter(record=spec.key, pk=merge_id, undone_at__isnull=True).first()
    if found is None or not _is_in_reach(spec, found, actor):
        raise NotFound(_("There is no such merge, or it was taken apart already."))
    return found


def _is_in_reach(spec: Spec, merge: Merge, actor: Actor) -> bool:
    heir = aliases.heir_of(spec.key, merge.survivor_id)
    return actor.is_admin or query.visible(spec, actor).filter(pk=heir).exists()


def came_later(merge: Merge, actor: Actor) -> list[Later]:
    """What was tied to the survivor since, of what `actor` sees, the oldest first."""
    found: list[Later] = []
    for spec, moments in _tied_later(merge).items():
        visible = query.visible(spec, actor).filter(pk__in=list(moments))
        found += [Later(spec, each.pk, save.title_of(spec, each), moments[each.pk]) for each in visible]
    return sorted(found, key=lambda each: (each.at, each.name))


def _tied_later(merge: Merge) -> dict[Spec, dict[int, dt.datetime]]:
    """By kind, the ids and when each was first tied."""
    spec = registry.get(merge.record)
    heir = aliases.heir_of(spec.key, merge.survivor_id)
    moved = set(
        Change.objects.filter(operation=merge.operation, verb=UPDATE).values_list("record", "record_id")
    )
    found: dict[Spec, dict[int, dt.datetime]] = {}
    for reference in references.references_to(spec):
        naming = _owners_naming(spec, reference, heir)
        later = Change.objects.filter(
            record=reference.owner.key, record_id__among=naming, id__gt=merge.last_change
        ).order_by("id")
        for record_id, at, after in later.values_list("record_id", "at", "after"):
            itself = reference.owner is spec and record_id == merge.survivor_id
            fresh = (reference.owner.key, record_id) not in moved and not itself
            if fresh and _names(reference, after.get(reference.told), heir):
                found.setdefault(reference.owner, {}).setdefault(record_id, at)
    return found


def _owners_naming(spec: Spec, reference: references.Reference, heir: int) -> list[int]:
    rows = references.rows_naming(spec, reference, [heir])
    return sorted(set(rows.values_list(references.owner_path(reference), flat=True)))


def _names(reference: references.Reference, value: Any, heir: int) -> bool:
    if not isinstance(value, list):
        return bool(value == heir)
    return any(
        each == heir or (isinstance(each, dict) and each.get(reference.name) == heir) for each in value
    )


def unmerge(
    merge: Merge,
    *,
    operation: Operation,
    later: Mapping[Subject, int] | None = None,
    rest: int | None = None,
) -> Unmerged:
    """Take `merge` apart in one transaction; the records are there again under their ids.

    `later`: where each record goes that was tied since (see `came_later`): the id of the survivor or of one
    of the others; `rest`: where those not named go; without it they stay. Raises Refused, Invalid.
    """
    spec = registry.get(merge.record)
    operation = Operation(
        operation.actor,
        Source(SOURCE, operation.source.kind, operation.source.address),
        label=operation.label or str(_("Merged")),
        id=operation.id,
        undoes=merge.operation,
    )
    with transaction.atomic():
        held = Merge.objects.select_for_update().filter(pk=merge.pk, undone_at__isnull=True).first()
        if held is None:
            raise Refused(_("This was undone already."))
        _require(spec, held, operation.actor)
        assigned = _assigned(spec, held, operation.actor, later or {}, rest)
        result = Unmerged(operation)
        _go_back(spec, held, operation, result)
        _hand_out(spec, held, assigned, operation)
        _settle(held, result, operation)
    return result


def _require(spec: Spec, merge: Merge, actor: Actor) -> None:
    """Whoever may change the survivor and make such records; without a survivor, whoever merged it."""
    heir = aliases.heir_of(spec.key, merge.survivor_id)
    survivor = spec.model._base_manager.filter(pk=heir).first()
    if survivor is not None:
        write.require(spec, survivor, actor)
    elif merge.actor_id != actor.user_id and not actor.is_admin:
        raise Refused(_("You may not do this. Ask whoever looks after this record."))
    write.require(spec, None, actor)


def _assigned(
    spec: Spec, merge: Merge, actor: Actor, later: Mapping[Subject, int], rest: int | None
) -> dict[int, dict[str, set[int]]]:
    """By the id of a record that comes back, what goes to it: ids by kind."""
    others = set(merge.absorbed.values_list("record_id", flat=True))
    allowed = {merge.survivor_id, *others}
    if {*later.values(), *([rest] if rest is not None else [])} - allowed:
        raise Invalid({"later": [_("This is none of the records that were merged.")]})
    found: dict[int, dict[str, set[int]]] = {}
    there = {(owner.key, pk) for owner, moments in _tied_later(merge).items() for pk in moments}
    if set(later) - there:
        raise Invalid({"later": [_("This did not come after the merge.")]})
    for key, pk in there:
        to = later.get((key, pk), rest)
        if to in others:
            found.setdefault(to, {}).setdefault(key, set()).add(pk)
    return found


def _go_back(spec: Spec, merge: Merge, operation: Operation, result: Unmerged) -> None:
    """The survivor's values first, then the others, then what was tied again: the merge backwards."""
    made = list(Change.objects.filter(operation=merge.operation).order_by("-id"))
    heir = aliases.heir_of(spec.key, merge.survivor_id)
    own = [each for each in made if each.record == spec.key and each.record_id == merge.survivor_id]
    for change in own:
        result.kept += going_back.survivor(spec, change, operation)
    gone = [change for change in made if change.verb == DELETE and not _is_there(change)]
    for key, together in groupby(gone, key=lambda change: change.record):
        items = [(change.record_id, change.before) for change in together]
        write.restore(registry.get(key), items, operation=operation)
        result.ids += [record_id for record_id, _kept in items] if key == spec.key else []
    tied = [each for each in made if each.verb == UPDATE and each not in own]
    for each in tied:
        going_back.tied(spec, each, heir, operation)
    _untie_rows(merge, heir, operation)


def _is_there(change: Change) -> bool:
    return registry.get(change.record).model._base_manager.filter(pk=change.record_id).exists()


def _hand_out(
    spec: Spec, merge: Merge, assigned: Mapping[int, dict[str, set[int]]], operation: Operation
) -> None:
    heir = aliases.heir_of(spec.key, merge.survivor_id)
    for target, only in assigned.items():
        moved = references.tie(spec, [heir], target, only=only)
        changes.publish(operation, references.changes_of(moved))


def _settle(merge: Merge, result: Unmerged, operation: Operation) -> None:
    """They are two: not to be offered again."""
    _mark(merge, operation)
    decided = {
        "decision": Decision.DIFFERENT,
        "decided_by_id": operation.actor.user_id,
        "decided_at": timezone.now(),
    }
    # The search may have dropped the pair meanwhile, with one of its records gone.
    for one, other in combinations(sorted({merge.survivor_id, *result.ids}), 2):
        Pair.objects.update_or_create(
            record=merge.record,
            first_id=one,
            second_id=other,
            defaults=decided,
            create_defaults={**decided, "score": 0},
        )


def _mark(merge: Merge, operation: Operation) -> None:
    Merge.objects.filter(pk=merge.pk).update(
        undone_by=operation.id, undone_at=timezone.now(), partly_undone_at=None
    )


def _untie_rows(merge: Merge, heir: int, operation: Operation) -> None:
    """What an earlier version tied again outside the history goes back with a change of its own."""
    for row in merge.rows:
        owner = registry.of_model(apps.get_model(row["model"]))
        held = exact.held(owner, [row["pk"]]) if owner is not None and "pk" in row else {}
        for instance in held.values():
            if owner is not None and getattr(instance, row["column"]) == heir:
                exact.put(owner, [(instance, {row["column"]: row["from"]})], operation=operation)


def follow(operation: Operation, made: Sequence[changes.Change]) -> None:
    """A merge undone from its toast, the history or the bin, whole or in part, and such an undo undone."""
    merge, apart = _undone_merge(operation.undoes)
    if merge is None or operation.source.kind == SOURCE:
        return
    for verb, is_back in ((changes.CREATE, True), (DELETE, False)):
        ids = [each.record_id for each in made if each.verb == verb and each.spec.key == merge.record]
        merge.absorbed.filter(record_id__in=ids).update(is_back=is_back)
    far = undo.how_far(merge.operation)
    if apart and far == undo.WHOLE and merge.undone_at is None:
        _mark(merge, operation)
        _untie_rows(merge, merge.survivor_id, operation)
    elif far != undo.WHOLE:
        since = (merge.partly_undone_at or timezone.now()) if far == undo.PART else None
        Merge.objects.filter(pk=merge.pk).update(undone_by=None, undone_at=None, partly_undone_at=since)


def may_undo(operation_id: UUID, actor: Actor) -> bool:
    """Of a merge, or an undo of one: whether `actor` may take the records apart, or merge them again."""
    merge, apart = _undone_merge(operation_id)
    if merge is None:
        return False
    spec = registry.get(merge.record)
    try:
        if apart:
            _require(spec, merge, actor)
        else:
            ids = [merge.survivor_id, *merge.absorbed.values_list("record_id", flat=True)]
            merging.require(spec, list(exact.held(spec, ids).values()), actor)
    except Refused:
        return False
    return True


undo.entitle(may_undo)


def _undone_merge(undone: UUID | None) -> tuple[Merge | None, bool]:
    """The merge that this operation was, or an undo of it, or an undo of that; and whether to undo the
    operation takes the merge apart."""
    apart = True
    while undone is not None:
        merge = Merge.objects.filter(operation=undone).first()
        if merge is not None:
            return merge, apart
        before = Change.objects.filter(operation=undone, undoes__isnull=False)
        undone, apart = before.values_list("undoes", flat=True).first(), not apart
    return None, apart


def recent(spec: Spec, actor: Actor, limit: int = 5) -> list[Merge]:
    """Merges of this kind that stand and whose survivor `actor` may change, the newest first."""
    rows = Merge.objects.filter(record=spec.key, undone_at__isnull=True)
    mine = query.visible(spec, actor, "change").values("pk")
    found = rows.filter(survivor_id__in=mine).select_related("actor").prefetch_related("absorbed")
    return list(found.order_by("-at")[:limit])


def subjects(names: Iterable[tuple[str, Any]]) -> dict[Subject, int]:
    """From "kind:id" to the id of a record. Raises Invalid."""
    found: dict[Subject, int] = {}
    for name, target in names:
        key, _colon, number = str(name).partition(":")
        if not number.isdecimal() or isinstance(target, bool) or not str(target).isdecimal():
            raise Invalid({"later": [_("Write each as kind:id with the id of a record.")]})
        found[(key, int(number))] = int(target)
    return found
