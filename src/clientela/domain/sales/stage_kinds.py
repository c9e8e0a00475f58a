"""A stage that becomes another kind of stage: its deals follow, in the same operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clientela.domain.sales.models import Opportunity, Stage, StageKind
from clientela.platform.audit import models as audit
from clientela.records import registry, write
from clientela.records.changes import UPDATE, Change, Operation
from clientela.records.kinds import DateTime

PART = 500


def check_stage(stage: Any) -> dict[str, list[str]]:
    """A pipeline keeps a stage of each kind that it has."""
    before = Stage.objects.filter(pk=stage.pk).exclude(kind=stage.kind).first() if stage.pk else None
    if before is None:
        return {}
    others = Stage.objects.filter(pipeline_id=before.pipeline_id, kind=before.kind).exclude(pk=stage.pk)
    if others.exists():
        return {}
    return {"kind": [_("A pipeline needs at least one open stage, one for won and one for lost deals.")]}


def follow(operation: Operation, changes: Sequence[Change]) -> None:
    """Deals of a stage that became open, won or lost are so too: closed on the day they entered it, or open
    again without what was said of the loss. What an undo puts back by itself is left to it."""
    for change in changes:
        if change.verb == UPDATE and change.record_id is not None and "kind" in change.after:
            _derive(change.record_id, change.after["kind"], operation)


def _derive(stage_id: int, kind: str, operation: Operation) -> None:
    """Deals part by part; what they get is audited and undone like any change of theirs."""
    spec, last = registry.get("opportunity"), 0
    waiting = _unlike(stage_id, kind, operation).order_by("pk")
    while deals := list(waiting.filter(pk__gt=last)[:PART]):
        items = [(deal, _values(deal, kind)) for deal in deals]
        write.apply_many(spec, items, operation=operation, trusted=True, exact=True)
        last = deals[-1].pk


def _unlike(stage_id: int, kind: str, operation: Operation) -> QuerySet[Opportunity]:
    """The stage's deals whose state is not that of the kind; not those that the undone operation changed."""
    wrong = Q(closed_at__isnull=True)
    if kind == StageKind.OPEN:
        wrong = Q(closed_at__isnull=False) | Q(lost_reason__isnull=False) | Q(lost_to__isnull=False)
    elif kind == StageKind.WON:
        wrong |= Q(lost_reason__isnull=False) | Q(lost_to__isnull=False)
    deals = Opportunity.objects.filter(wrong, stage=stage_id)
    if operation.undoes is None:
        return deals
    own = audit.Change.objects.filter(operation=operation.undoes, record="opportunity")
    return deals.exclude(pk__in=own.values("record_id"))


def _values(deal: Opportunity, kind: str) -> dict[str, Any]:
    nothing_lost = {"lost_reason": None, "lost_to": None}
    if kind == StageKind.OPEN:
        return {"closed_at": None, **nothing_lost}
    closed = {"closed_at": DateTime.to_json(deal.closed_at or deal.stage_since)}
    return closed if kind == StageKind.LOST else {**closed, **nothing_lost}
