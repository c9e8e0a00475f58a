"""Taking back what an operation did, as a new operation; what is newer than it is never trampled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.audit import policies, redacting, returning
from clientela.platform.audit.models import Change
from clientela.platform.audit.stays import Stay, moment_of
from clientela.records import changes, registry
from clientela.records.errors import NotFound, Refused

CHUNK = 1000
NOTHING, PART, WHOLE = "nothing", "part", "whole"
"""How much of an operation was taken back."""
Entitles = Callable[[UUID, Actor], bool]
_entitling: list[Entitles] = []


def entitle(how: Entitles) -> None:
    """Let a room say which of its acts go back whole: whoever may do the act's contrary takes back all of
    it, also in records that he could not change by themselves."""
    if how not in _entitling:
        _entitling.append(how)


class Held(Refused):
    """Something newer depends on what should go back; `stays` says what. Nothing was changed."""

    def __init__(self, stays: list[Stay]) -> None:
        super().__init__(_("Something newer depends on this. You can undo the rest."))
        self.stays = stays


@dataclass(slots=True)
class Undone:
    """`undone`: how many changes went back. `stays`: what did not, and why. `entitled`: who takes it back
    needs no right to each record. `only`: ids of the changes that go back, if not all do."""

    operation: UUID
    entitled: bool = False
    only: Collection[int] | None = None
    undone: int = 0
    stays: list[Stay] = field(default_factory=list)

    @property
    def conflicts(self) -> list[tuple[str, list[str]]]:
        """Title and reasons of each record that something newer holds."""
        return [(stay.title, stay.reasons) for stay in self.stays]


def undo(
    operation_id: UUID,
    *,
    actor: Actor,
    source: changes.Source = changes.PAGE,
    only: Collection[int] | None = None,
    whole: bool = False,
    entitled: bool = False,
) -> Undone:
    """Take back all changes of an operation that still can be, newest first, in one transaction.

    `only`: ids of the changes to take back instead of all. A field that was changed since stays, and is told
    in `stays`; with `whole` it raises Held instead, and nothing goes back. `entitled`: the caller found that
    the actor may take back what somebody else did. Raises NotFound for an operation
    that is not there or not the actor's to take back, Refused where it was undone already or is too old.
    """
    operation = begin(operation_id, actor, source, entitled=entitled)
    if is_undone(operation_id):
        raise Refused(_("This was undone already."))
    result = Undone(operation.id, _is_entitled(operation_id, actor), only)
    try:
        with transaction.atomic():
            for part in _parts(operation_id, only):
                returning.take_back(part, operation, result)
            if whole and result.stays:
                raise Held(result.stays)
    except IntegrityError as error:
        raise Refused(_("Something that this belonged to is no longer there.")) from error
    return result


class _Enough(Exception):
    """Leaves the transaction of a preview, with everything in it."""


def preview(operation_id: UUID, *, actor: Actor, most: int = CHUNK) -> Undone:
    """What `undo` would do with the newest `most` changes: done, looked at, rolled back. Raises as `undo`."""
    operation = begin(operation_id, actor, changes.PAGE)
    if is_undone(operation_id):
        raise Refused(_("This was undone already."))
    result = Undone(operation.id, _is_entitled(operation_id, actor))
    try:
        with transaction.atomic():
            part = list(Change.objects.filter(operation=operation_id).order_by("-id")[:most])
            returning.take_back(part, operation, result)
            raise _Enough
    except _Enough:
        return result


def undo_in_parts(
    operation_id: UUID, *, actor: Actor, source: changes.Source, only: Collection[int] | None = None
) -> Iterator[Undone]:
    """`undo` for very many changes: a transaction for every thousand, told after each.

    One that was broken off is gone on with: what went back already is passed over.
    """
    operation = begin(operation_id, actor, source)
    result = Undone(operation.id, _is_entitled(operation_id, actor), only)
    for part in _parts(operation_id, only):
        with transaction.atomic():
            returning.take_back(part, operation, result)
        yield result


def begin(
    operation_id: UUID, actor: Actor, source: changes.Source, *, entitled: bool = False
) -> changes.Operation:
    """The operation that is to take back another; raises NotFound or Refused where there may be none."""
    made = Change.objects.filter(operation=operation_id)
    first = made.order_by("-id").first()
    if first is None:
        raise NotFound(_("There is nothing to undo."))
    if first.source == redacting.SOURCE:
        raise Refused(_("Personal data was erased for good: this cannot be undone."))
    if not (entitled or actor.is_admin):
        _require_own(made, actor)
        if not _is_entitled(operation_id, actor):
            _require_kinds(made, actor)
    _require_recent(first)
    return changes.Operation(actor, source, label=first.label, undoes=operation_id)


def _parts(operation_id: UUID, only: Collection[int] | None) -> Iterator[list[Change]]:
    """The changes from the newest on, a chunk at a time."""
    made = Change.objects.filter(operation=operation_id).order_by("-id")
    made = made if only is None else made.filter(pk__in=list(only))
    part = list(made[:CHUNK])
    while part:
        yield part
        part = list(made.filter(id__lt=part[-1].pk)[:CHUNK])


def is_undone(operation_id: UUID) -> bool:
    """Every record of it was taken back, by undos that were not themselves undone."""
    return how_far(operation_id) == WHOLE


def how_far(operation_id: UUID) -> str:
    """NOTHING, PART or WHOLE, by whose records undos changed that were not themselves undone."""
    takers = Change.objects.filter(undoes=operation_id).values_list("operation", flat=True).distinct()
    active = [taker for taker in takers if not is_undone(taker)]
    if not active:
        return NOTHING
    return WHOLE if _records(active) >= _records([operation_id]) else PART


def _records(operations: Collection[UUID]) -> int:
    found = Change.objects.filter(operation__in=list(operations)).order_by()
    return found.values("record", "record_id").distinct().count()


def _require_own(made: QuerySet[Change, Any], actor: Actor) -> None:
    if made.exclude(actor_id=actor.user_id).exists():
        raise NotFound(_("There is nothing to undo."))


def _is_entitled(operation_id: UUID, actor: Actor) -> bool:
    return actor.is_admin or any(each(operation_id, actor) for each in _entitling)


def _require_kinds(made: QuerySet[Change, Any], actor: Actor) -> None:
    for record, verb in made.order_by().values_list("record", "verb").distinct():
        if not policy.may(actor, "change" if verb != "delete" else "delete", registry.get(record)):
            raise Refused(_("You may not undo this."))


def last_day(change: Change) -> dt.datetime:
    """Until when the operation of a change can be undone."""
    return moment_of(change.operation, change.at) + dt.timedelta(days=policies.current().undo_days)


def _require_recent(change: Change) -> None:
    if last_day(change) < timezone.now():
        days = policies.current().undo_days
        raise Refused(
            _("This can no longer be undone: more than %(days)s days have passed.") % {"days": days}
        )
