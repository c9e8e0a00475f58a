"""What is kept of hand-overs."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.platform.audit import longacts


class Status(models.TextChoices):
    """Where a hand-over stands."""

    PLANNED = "planned", pgettext_lazy("hand-over", "Planned")
    CANCELLED = "cancelled", pgettext_lazy("hand-over", "Cancelled")
    WAITING = longacts.WAITING, pgettext_lazy("hand-over", "Waiting")
    RUNNING = longacts.RUNNING, pgettext_lazy("hand-over", "Running")
    DONE = longacts.DONE, pgettext_lazy("hand-over", "Done")
    FAILED = longacts.FAILED, pgettext_lazy("hand-over", "Stopped")
    UNDOING = longacts.UNDOING, pgettext_lazy("hand-over", "Being undone")


class HandOver(longacts.LongAct):
    """One hand-over of what `leaver` looked after.

    `plan` says who gets what: by key of the kind, by id of the receiver, the ids of the records. It is
    worked off in its order; `done` of its `total` are behind, saved in the transaction of each part, so that
    one that was broken off goes on exactly there. `operation` groups the changes. `left`: [key, id, title,
    reason] of records that could not be given.

    `due_at`: the beginning of the day on which the worker does it; None for at once. `wish` is then what was
    chosen (see `planned`). `told`: to whom a mail went, and of which end. `base`: address of the
    installation, for links in mails.
    """

    leaver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    plan = models.JSONField(default=dict)
    deactivates = models.BooleanField(default=False)
    address = models.CharField(max_length=45, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True, blank=True)
    wish = models.JSONField(default=dict)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    told = models.JSONField(default=list)
    base = models.CharField(max_length=200, blank=True, default="")

    class Meta(longacts.LongAct.Meta):
        verbose_name = _("Hand-over")
        verbose_name_plural = _("Hand-overs")

    @property
    def made(self) -> int:
        return self.done - len(self.left)

    @property
    def has_begun(self) -> bool:
        return self.status not in (Status.PLANNED, Status.CANCELLED)

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100."""
        return self.done * 100 // self.total if self.total else 100

    def items(self) -> Iterator[tuple[str, int, int]]:
        """The plan in its order: key of the kind, id of the receiver, id of the record."""
        for key, receivers in self.plan.items():
            for receiver, ids in receivers.items():
                yield from ((key, int(receiver), each) for each in ids)
