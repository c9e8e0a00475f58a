"""Working a deal: stages, winning, losing, reopening."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.domain.parties import services as parties
from clientela.domain.sales.models import Lead, LostReason, Opportunity, Pipeline, Stage, StageKind
from clientela.records import kinds, registry, write
from clientela.records.changes import Operation
from clientela.records.draft import Draft
from clientela.records.errors import Invalid


def opportunity_defaults(actor: Actor) -> dict[str, Any]:
    """A new deal belongs to whoever makes it, in the company's currency."""
    return {"owner": actor.user_id, "currency": settings.BASE_CURRENCY}


def default_pipeline() -> Pipeline:
    """The pipeline a deal enters unless another is chosen; raises Invalid where there is none."""
    found = Pipeline.objects.order_by("-is_default", "position", "id").first()
    if found is None:
        raise Invalid(
            {"pipeline": [_("There is no pipeline yet. An administrator can make one in Settings.")]}
        )
    return found


def prepare_opportunity(draft: Draft) -> None:
    """Pipeline and stage agree, the base amount follows, and every stay in a stage is kept."""
    deal = draft.instance
    _place(draft, deal)
    parties.prepare_amount(draft)
    parties.normalise_phone(draft, "prospect_phone")
    if deal.stage_id is not None and ("stage" in draft.changed or draft.created):
        _enter_stage(draft, deal)


def _place(draft: Draft, deal: Any) -> None:
    if deal.stage_id is not None and ("stage" in draft.changed or deal.pipeline_id is None):
        stage = _stages(draft).get(deal.stage_id)
        deal.pipeline_id = stage.pipeline_id if stage is not None else None
    elif "pipeline" in draft.changed or deal.stage_id is None:
        if deal.pipeline_id is None:
            deal.pipeline = draft.once("default pipeline", default_pipeline)
        opened = (
            stage
            for stage in _stages(draft).values()
            if stage.pipeline_id == deal.pipeline_id and stage.kind == StageKind.OPEN
        )
        deal.stage = next(opened, None)
    draft.changed |= {"stage", "pipeline"} if draft.created or "pipeline" in draft.changed else set()


def _stages(draft: Draft) -> dict[int, Stage]:
    """Every stage in its pipeline's order, read once for all deals written together."""
    return draft.once(
        "stages", lambda: {stage.pk: stage for stage in Stage.objects.order_by("position", "id")}
    )


def _enter_stage(draft: Draft, deal: Any) -> None:
    spans = draft.current_lines("stage_spans")
    if spans and spans[-1]["stage"] == deal.stage_id and spans[-1]["left_at"] is None:
        return
    stage, now = _stages(draft).get(deal.stage_id), draft.once("now", timezone.now)
    since = now
    if stage is not None:
        _require_reason(draft, deal, stage)
        _close_or_reopen(deal, stage, _closing_moment(draft, deal, now))
        since = _since(draft, deal, now)
    moment = kinds.DateTime.to_json(since)
    if spans:
        spans[-1]["left_at"] = moment
    spans.append({"stage": deal.stage_id, "entered_at": moment, "left_at": None})
    deal.stage_since = since


def _require_reason(draft: Draft, deal: Any, stage: Stage) -> None:
    """Whichever way a deal is lost, it has a reason; one that comes in lost already may not know it."""
    before = _stages(draft).get(draft.before.get("stage") or 0)
    was_lost = draft.created or (before is not None and before.kind == StageKind.LOST)
    if stage.kind == StageKind.LOST and deal.lost_reason_id is None and not was_lost:
        draft.refuse("stage", _("Use “Lost”, which asks for the reason."))


def _since(draft: Draft, deal: Any, now: datetime) -> datetime:
    """Now; a deal told with the day it was made, as by an import, is where it is since it closed or began."""
    if draft.created and "created_at" in draft.changed:
        since: datetime = min(now, deal.closed_at or deal.created_at)
        return since
    return now


def _closing_moment(draft: Draft, deal: Any, now: datetime) -> datetime:
    """Now; but a deal entered when it was closed already, as by an import, closed on its closing date."""
    if draft.created and deal.close_date is not None and deal.close_date < now.date():
        return datetime.combine(deal.close_date, time(12), UTC)
    return now


def _close_or_reopen(deal: Any, stage: Stage, now: Any) -> None:
    if stage.kind == StageKind.OPEN:
        deal.closed_at = None
        if deal.lost_reason_id is not None or deal.lost_to_id is not None:
            deal.lost_reason_id = deal.lost_to_id = None
    elif deal.closed_at is None:
        deal.closed_at = now


def move_stage(deal: Opportunity, stage: Stage, *, operation: Operation, **values: Any) -> Opportunity:
    """Put a deal into a stage, of any pipeline; raises Refused, Invalid."""
    spec = registry.get("opportunity")
    write.require(spec, deal, operation.actor)
    moved: Opportunity = write.change(
        spec, deal, {"stage": stage, **values}, operation=operation, trusted=True
    )
    return moved


def win(deal: Opportunity, *, operation: Operation, **values: Any) -> Opportunity:
    """Move a deal to its pipeline's won stage; `values` are those asked for because they were missing."""
    return move_stage(deal, _stage_of_kind(deal, StageKind.WON), operation=operation, **values)


def lose(
    deal: Opportunity,
    *,
    operation: Operation,
    lost_reason: LostReason | int | None = None,
    lost_to: Any = None,
    **values: Any,
) -> Opportunity:
    """Move a deal to its pipeline's lost stage, with the reason and who won it."""
    return move_stage(
        deal,
        _stage_of_kind(deal, StageKind.LOST),
        operation=operation,
        lost_reason=lost_reason,
        lost_to=lost_to,
        **values,
    )


def reopen(deal: Opportunity, *, operation: Operation) -> Opportunity:
    """Back to the last open stage it was in."""
    spans = deal.stage_spans.filter(stage__kind=StageKind.OPEN).order_by("-position")
    last = spans.select_related("stage").first()
    stage = last.stage if last is not None else _stage_of_kind(deal, StageKind.OPEN)
    return move_stage(deal, stage, operation=operation)


def _stage_of_kind(deal: Opportunity, kind: str) -> Stage:
    found = Stage.objects.filter(pipeline_id=deal.pipeline_id, kind=kind).order_by("position").first()
    if found is None:
        raise Invalid({"stage": [_("This pipeline has no such stage.")]})
    return found


def is_open(deal: Any) -> bool:
    """Whether a deal is still being worked on."""
    return bool(deal.stage.kind == StageKind.OPEN)


def is_closed(deal: Any) -> bool:
    """Whether a deal was won or lost."""
    return not is_open(deal)


def prepare_lead(draft: Draft) -> None:
    """The name follows its parts, else the company; telephone and base amount follow what was written."""
    lead: Lead = draft.instance
    if draft.changed & {"first_name", "last_name", "name"}:
        parties.split_name(draft, lead)
    lead.name = lead.name or lead.company
    draft.changed.add("name")
    parties.normalise_phone(draft, "phone")
    parties.prepare_amount(draft)
