"""Working a lead: qualifying, discarding, taking it up again; and losing a deal with what was learnt."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.domain.sales import services
from clientela.domain.sales.models import Lead, LeadStatus, Opportunity
from clientela.platform.timeline.services import add_note
from clientela.records import registry, write
from clientela.records.changes import Operation

OPEN = (LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.QUALIFIED)


def is_open(lead: Any) -> bool:
    """Whether somebody may still work it: neither discarded nor converted."""
    return lead.status in OPEN


def can_be_qualified(lead: Any) -> bool:
    """Whether it is open and not qualified yet."""
    return lead.status in (LeadStatus.NEW, LeadStatus.WORKING)


def is_discarded(lead: Any) -> bool:
    """Whether it was given up."""
    return bool(lead.status == LeadStatus.DISCARDED)


def is_converted(lead: Any) -> bool:
    """Whether it became an account, a contact or a deal."""
    return bool(lead.status == LeadStatus.CONVERTED)


def check_lead(lead: Any) -> dict[str, list[str]]:
    """Only a conversion makes a lead converted; one imported as such comes from elsewhere."""
    if is_converted(lead) and lead.converted_at is None and not lead._state.adding:
        return {"status": [_("Use “Convert”, which says what the lead becomes.")]}
    return {}


def qualify(lead: Lead, *, operation: Operation) -> Lead:
    """This one is worth an offer. Raises Refused."""
    return _set(lead, {"status": LeadStatus.QUALIFIED.value, "discard_reason": None}, operation)


def discard(
    lead: Lead, *, operation: Operation, discard_reason: int | None = None, comment: str = ""
) -> Lead:
    """This one will not buy, and why. Raises Refused."""
    with transaction.atomic():
        values = {"status": LeadStatus.DISCARDED.value, "discard_reason": discard_reason}
        changed = _set(lead, values, operation)
        _note("lead", changed, comment, operation)
    return changed


def take_up(lead: Lead, *, operation: Operation) -> Lead:
    """A discarded lead is worked on again. Raises Refused."""
    return _set(lead, {"status": LeadStatus.WORKING.value, "discard_reason": None}, operation)


def lose(deal: Opportunity, *, operation: Operation, comment: str = "", **values: Any) -> Opportunity:
    """Lose a deal, and keep what was learnt as a note. Raises Refused, Invalid."""
    with transaction.atomic():
        lost = services.lose(deal, operation=operation, **values)
        _note("opportunity", lost, comment, operation)
    return lost


def _set(lead: Lead, values: dict[str, Any], operation: Operation) -> Lead:
    changed: Lead = write.change(registry.get("lead"), lead, values, operation=operation)
    return changed


def _note(key: str, instance: Any, comment: str, operation: Operation) -> None:
    if comment.strip():
        add_note(registry.get(key), instance, comment, operation=operation)
