"""Pipelines and their stages as an administrator arranges them; every act is one operation, undone whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.domain.sales.models import Opportunity, Pipeline, Stage, StageKind
from clientela.records import query, registry, write
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused

STAGE_FIELDS = ("name", "color", "kind", "probability", "stalled_after")
ENDS = (StageKind.OPEN, StageKind.WON, StageKind.LOST)


def stages_of(pipeline: Pipeline) -> list[Any]:
    """Its stages in order, the open ones first, each with its number of deals as `deals`: two queries."""
    deals = Opportunity.objects.filter(pipeline=pipeline).order_by().values_list("stage")
    counted: dict[int, int] = dict(deals.annotate(Count("pk")))
    stages = sorted(pipeline.stages.all(), key=_place)
    for stage in stages:
        stage.deals = counted.get(stage.pk, 0)  # type: ignore[attr-defined]
    return stages


def _place(stage: Stage) -> tuple[int, int, int]:
    return ENDS.index(StageKind(stage.kind)), stage.position, stage.pk or 0


def add_pipeline(name: str, *, operation: Operation) -> Any:
    """A pipeline with the three stages that none can do without. Raises Invalid, Refused."""
    stages = (
        (_("New"), StageKind.OPEN, 10, "blue"),
        (_("Won"), StageKind.WON, 100, "green"),
        (_("Lost"), StageKind.LOST, 0, "red"),
    )
    with transaction.atomic():
        place = Pipeline.objects.count()
        made = write.create(
            registry.get("pipeline"),
            {"name": name, "position": place, "is_default": not place},
            operation=operation,
        )
        rows = [
            {
                "pipeline": made.pk,
                "name": title,
                "kind": kind,
                "probability": chance,
                "color": color,
                "position": position,
            }
            for position, (title, kind, chance, color) in enumerate(stages)
        ]
        write.apply_many(registry.get("stage"), [(None, row) for row in rows], operation=operation)
    return made


def make_default(pipeline: Pipeline, *, operation: Operation) -> None:
    """New deals enter this one from now on."""
    others = Pipeline.objects.filter(is_default=True).exclude(pk=pipeline.pk)
    changes = [(other, {"is_default": False}) for other in others]
    write.apply_many(
        registry.get("pipeline"), [*changes, (pipeline, {"is_default": True})], operation=operation
    )


def delete_pipeline(pipeline: Pipeline, *, operation: Operation) -> None:
    """Raises Refused where deals are in it, or where it is the only one."""
    deals = Opportunity.objects.filter(pipeline=pipeline).count()
    if deals:
        said = ngettext(
            "%(n)s deal is in this pipeline: move it to another one first.",
            "%(n)s deals are in this pipeline: move them to another one first.",
            deals,
        )
        raise Refused(said % {"n": deals})
    if not Pipeline.objects.exclude(pk=pipeline.pk).exists():
        raise Refused(_("This is the only pipeline: make another one first."))
    write.delete(registry.get("pipeline"), [pipeline], operation=operation)


def add_stage(pipeline: Pipeline, values: dict[str, Any], *, operation: Operation) -> Any:
    """A stage after the others of its kind. Raises Invalid, Refused."""
    with transaction.atomic():
        made = write.create(
            registry.get("stage"),
            {**values, "pipeline": pipeline.pk, "position": pipeline.stages.count()},
            operation=operation,
        )
        _number(sorted(pipeline.stages.all(), key=_place), operation)
    return made


def change_stage(stage: Stage, values: dict[str, Any], *, operation: Operation) -> None:
    """Change a stage; where its kind changes its deals follow, and it goes among the others of that kind.

    Raises Invalid, Refused.
    """
    was = stage.kind
    with transaction.atomic():
        changed = write.change(registry.get("stage"), stage, values, operation=operation)
        if changed.kind != was:
            _number(sorted(changed.pipeline.stages.all(), key=_place), operation)


def order_stages(pipeline: Pipeline, ids: Sequence[int], *, operation: Operation) -> None:
    """Put the stages in the order of `ids`; those not named keep theirs, after them."""
    places = {stage_id: place for place, stage_id in enumerate(ids)}
    last = len(places)
    stages = sorted(
        pipeline.stages.all(), key=lambda stage: (_place(stage)[0], places.get(stage.pk, last), _place(stage))
    )
    _number(stages, operation)


def _number(stages: Sequence[Stage], operation: Operation) -> None:
    moved = [(stage, {"position": place}) for place, stage in enumerate(stages) if stage.position != place]
    write.apply_many(registry.get("stage"), moved, operation=operation)


def refuges(stage: Stage) -> list[Stage]:
    """Where the deals of a stage may go: the others of its kind in its pipeline."""
    others = Stage.objects.filter(pipeline_id=stage.pipeline_id, kind=stage.kind).exclude(pk=stage.pk)
    return list(others.order_by("position", "id"))


def delete_stage(stage: Stage, refuge: Stage | None, *, operation: Operation) -> None:
    """Delete a stage, its deals moved to `refuge`. Raises Refused where they have nowhere to go.

    The stays of deals in it remain in their history, which the undo ties to it again.
    """
    others = refuges(stage)
    if not others:
        raise Refused(_("A pipeline needs at least one open stage, one for won and one for lost deals."))
    spec = registry.get("opportunity")
    with transaction.atomic():
        deals = query.visible(spec, operation.actor).filter(stage=stage)
        if refuge is None and deals.exists():
            raise Invalid({"refuge": [_("Choose the stage that its deals go to.")]})
        if refuge is not None and refuge not in others:
            raise Invalid({"refuge": [_("Choose another stage of the same kind.")]})
        if refuge is not None:
            write.change_rows(spec, deals, {"stage": refuge.pk}, operation=operation)
        write.delete(registry.get("stage"), [stage], operation=operation)
