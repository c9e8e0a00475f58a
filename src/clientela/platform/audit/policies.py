"""The company's rule of its history: how long it is kept, for how long an act can be undone."""

from __future__ import annotations

from django.db import transaction

from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.audit.models import HistoryPolicy

LONGEST_UNDO = 3650


def current() -> HistoryPolicy:
    """The rule that holds; without one, everything is kept and undone for 90 days."""
    return HistoryPolicy.objects.first() or HistoryPolicy()


def change(keep_months: int, undo_days: int, *, user: User | None, address: str = "") -> HistoryPolicy:
    """Set the rule; the change of it is kept among the security events."""
    with transaction.atomic():
        rule = HistoryPolicy.objects.select_for_update().first() or HistoryPolicy()
        rule.keep_months, rule.undo_days = keep_months, undo_days
        rule.save()
        detail = f"keep_months={keep_months} undo_days={undo_days}"
        security.record_event("history_rule_changed", user=user, address=address, detail=detail)
    return rule
