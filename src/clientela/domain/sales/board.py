"""The board of deals: a sheet for each pipeline, a column for each of its open stages."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import Any

from clientela import records as r
from clientela.access.actor import Actor
from clientela.domain.sales import services
from clientela.domain.sales.models import Stage, StageKind
from clientela.kit import numbers
from clientela.records import urlnames


def sheets(actor: Actor) -> list[r.Sheet]:
    """Every pipeline with an open stage, the default one first; one query."""
    stages = (
        Stage.objects.filter(kind=StageKind.OPEN)
        .select_related("pipeline")
        .order_by("-pipeline__is_default", "pipeline__position", "pipeline_id", "position", "id")
    )
    return [_sheet(pipeline, list(own), actor) for pipeline, own in groupby(stages, attrgetter("pipeline"))]


def _sheet(pipeline: Any, stages: list[Stage], actor: Actor) -> r.Sheet:
    settings = urlnames.maybe("sales_stages", pipeline.pk) if actor.is_admin else ""
    return r.Sheet(str(pipeline.pk), pipeline.name, tuple(_lane(stage, actor) for stage in stages), settings)


def _lane(stage: Stage, actor: Actor) -> r.Lane:
    return r.Lane(
        stage.pk,
        stage.name,
        stage.color,
        numbers.format_percent(stage.probability, actor.language, _decimals(stage)),
        stage.stalled_after,
    )


def _decimals(stage: Stage) -> int | None:
    whole = stage.probability == stage.probability.to_integral_value()
    return 0 if whole else None


BOARD = r.Board(
    group_by="stage",
    card=("account", "prospect_name", "amount", "close_date", "owner"),
    sheets=sheets,
    move=services.move_stage,
    sum="amount",
    weighted="weighted",
    due=("close_date",),
    step="next_step",
    step_date="next_step_date",
    since="stage_since",
    outcomes=(("lose", "danger"), ("win", "ok")),
)
