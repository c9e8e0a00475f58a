"""Stages that come with an import, or are made by hand: their pipeline, place and kind where not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.domain.sales.models import Stage, StageKind
from clientela.domain.sales.services import default_pipeline
from clientela.kit.text import fold
from clientela.platform.transfer.hints import Hint, Hints, Said
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
        _follow_kind(draft, stage)
        return
    if stage.pipeline_id is None:
        stage.pipeline = default_pipeline()
    if "kind" not in draft.changed:
        stage.kind = kind_named(stage.name)
    if "position" not in draft.changed:
        stage.position = _place_of(stage)
    if "probability" not in draft.changed and stage.kind == StageKind.WON:
        stage.probability = 100


def _place_of(stage: Stage) -> int:
    """With the last open one, before the ends; another end comes after the pipeline's own."""
    there = stage.pipeline.stages.order_by("position")
    if stage.kind == StageKind.OPEN:
        last = there.filter(kind=StageKind.OPEN).last()
        return last.position if last is not None else 0
    last = there.last()
    return last.position + 1 if last is not None else 0


def _follow_kind(draft: Draft, stage: Any) -> None:
    """A won stage is certain and a lost one is not to be had, unless something else was said with it."""
    if "kind" in draft.changed and "probability" not in draft.changed and stage.kind != StageKind.OPEN:
        stage.probability = 100 if stage.kind == StageKind.WON else 0
        draft.changed.add("probability")


def kind_named(name: str) -> str:
    """Won, lost or open, by what a stage is called."""
    word = fold(name)
    if word in WON_NAMES:
        return StageKind.WON
    return StageKind.LOST if word in LOST_NAMES else StageKind.OPEN


def kind_told(rows: Said) -> dict[str, Any]:
    """What a new stage is, from what its deals say in columns of won and closed.

    Won where all are won, lost where all are closed and none won; where both columns say otherwise it is
    open. One column alone says less: then its name decides.
    """
    if all(row.get("won") for row in rows):
        return {"kind": StageKind.WON}
    if not all("won" in row and "closed" in row for row in rows):
        return {}
    lost = all(row["closed"] and not row["won"] for row in rows)
    return {"kind": StageKind.LOST if lost else StageKind.OPEN}


OUTCOMES = Hints(
    "stage",
    (
        Hint("won", _("won, yes or no"), ("is won", "won", "is closed won", "ganada", "guanyada")),
        Hint("closed", _("closed, yes or no"), ("is closed", "closed", "cerrada", "tancada")),
    ),
    kind_told,
)


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
