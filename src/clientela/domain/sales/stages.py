"""Stages that come with an import, or are made by hand: their pipeline, place and kind where not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clientela.domain.sales.models import Stage, StageKind
from clientela.domain.sales.services import default_pipeline
from clientela.kit.text import fold
from clientela.records.draft import Draft
from clientela.records.errors import Invalid

# What other systems and our three languages call the two ends of a pipeline, folded.
WON_NAMES = frozenset(
    ("closed won", "closedwon", "won", "ganada", "ganado", "cerrada ganada", "guanyada", "guanyat")
)
LOST_NAMES = frozenset(
    ("closed lost", "closedlost", "lost", "perdida", "perdido", "cerrada perdida", "perduda", "perdut")
)


def prepare_stage(draft: Draft) -> None:
    """A new stage goes to the default pipeline, before its ends, and is an end where its name says so."""
    stage = draft.instance
    if not draft.created:
        return
    if stage.pipeline_id is None:
        stage.pipeline = default_pipeline()
    if "kind" not in draft.changed:
        stage.kind = kind_named(stage.name)
    if "position" not in draft.changed and stage.kind == StageKind.OPEN:
        last = stage.pipeline.stages.filter(kind=StageKind.OPEN).order_by("position").last()
        stage.position = last.position if last is not None else 0
    if "probability" not in draft.changed and stage.kind == StageKind.WON:
        stage.probability = 100


def kind_named(name: str) -> str:
    """Won, lost or open, by what a stage is called."""
    word = fold(name)
    if word in WON_NAMES:
        return StageKind.WON
    return StageKind.LOST if word in LOST_NAMES else StageKind.OPEN


def import_aliases() -> Mapping[str, int]:
    """Names by which an import finds stages: the default pipeline's own, and the usual ones of its ends."""
    try:
        stages: list[Any] = list(
            Stage.objects.filter(pipeline=default_pipeline()).order_by("-position", "-id")
        )
    except Invalid:
        return {}
    found: dict[str, int] = {}
    for stage in stages:
        usual = {StageKind.WON: WON_NAMES, StageKind.LOST: LOST_NAMES}.get(stage.kind, frozenset())
        found |= dict.fromkeys(usual, stage.pk)
    return found | {fold(stage.name): stage.pk for stage in stages}
