"""The stages of a deal's pipeline as the steps of its page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clientela.domain.sales import services
from clientela.domain.sales.models import Opportunity, Stage, StageKind, StageSpan
from clientela.kit.numbers import format_percent
from clientela.records.changes import Operation
from clientela.records.errors import Invalid
from clientela.records.spec import Step


def steps(deal: Any) -> list[Step]:
    """The open stages and the won one (the lost one where the deal is there), with the days spent in each."""
    stages = [
        stage for stage in stages_with_time(deal) if stage.kind != StageKind.LOST or stage.pk == deal.stage_id
    ]
    here = next((place for place, stage in enumerate(stages) if stage.pk == deal.stage_id), -1)
    return [_step(deal, stage, place, here) for place, stage in enumerate(stages)]


def stages_with_time(deal: Any) -> QuerySet[Any]:
    """The stages of a deal's pipeline, each with how long it was there in all as `spent` (None = never)."""
    stay = ExpressionWrapper(Coalesce("left_at", Value(timezone.now())) - F("entered_at"), DurationField())
    stays = StageSpan.objects.filter(opportunity=deal.pk, stage=OuterRef("pk")).order_by().values("stage")
    spent = Subquery(stays.annotate(total=Sum(stay)).values("total"), output_field=DurationField())
    stages = Stage.objects.filter(pipeline_id=deal.pipeline_id).order_by("position", "id")
    return stages.annotate(spent=spent)


def _step(deal: Any, stage: Any, place: int, here: int) -> Step:
    current = place == here
    done = not current and stage.spent is not None if deal.stage.kind == StageKind.LOST else place < here
    state = "current" if current else "done" if done else ""
    action = "win" if stage.kind == StageKind.WON else ""
    return Step(stage.pk, stage.name, _detail(deal, stage, state), state, action)


def _detail(deal: Any, stage: Any, state: str) -> str:
    if stage.kind != StageKind.OPEN:
        return "" if state else _("closes")
    chance = format_percent(_chance(deal, stage, state), get_language() or "es", 0)
    if state == "current":
        return _("%(days)s here · %(chance)s") % {"days": _days(stage.spent), "chance": chance}
    if state == "done":
        return _days(stage.spent) if stage.spent is not None else ""
    return chance


def _chance(deal: Any, stage: Stage, state: str) -> Any:
    own = deal.probability if state == "current" else None
    return stage.probability if own is None else own


def _days(spent: dt.timedelta | None) -> str:
    days = spent.days if spent is not None else 0
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def move(deal: Opportunity, value: str, *, operation: Operation) -> Opportunity:
    """Go to the stage with this id, of the deal's own pipeline. Raises Refused, Invalid."""
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
    stage = Stage.objects.filter(pk=number, pipeline_id=deal.pipeline_id).first()
    if stage is None:
        raise Invalid({"stage": [_("This pipeline has no such stage.")]})
    if stage.kind == StageKind.LOST:
        raise Invalid({"stage": [_("Use “Lost”, which asks for the reason.")]})
    return services.move_stage(deal, stage, operation=operation)
