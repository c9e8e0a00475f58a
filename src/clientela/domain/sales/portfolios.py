"""How leads and deals are handed over: only those that are open, so that what was closed keeps its seller."""

from __future__ import annotations

from clientela.domain.sales import leads
from clientela.domain.sales.models import Lead, Opportunity, StageKind
from clientela.platform.handover import work


def declare() -> None:
    """A deal goes along with its account."""
    work.declare(
        Opportunity,
        open={"field": "stage__kind", "op": "in", "value": [StageKind.OPEN.value]},
        follows=("account",),
        territory="account__zone",
        amount="amount_base",
    )
    work.declare(
        Lead,
        open={"field": "status", "op": "in", "value": [status.value for status in leads.OPEN]},
        territory="zone",
    )
