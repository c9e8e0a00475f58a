"""What is kept of changes to very many records, which the worker does."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.platform.audit import longacts


class BulkStatus(models.TextChoices):
    """Where a change of many records stands."""

    WAITING = longacts.WAITING, pgettext_lazy("bulk", "Waiting")
    RUNNING = longacts.RUNNING, pgettext_lazy("bulk", "Running")
    DONE = longacts.DONE, pgettext_lazy("bulk", "Done")
    FAILED = longacts.FAILED, pgettext_lazy("bulk", "Stopped")
    UNDOING = longacts.UNDOING, pgettext_lazy("bulk", "Being undone")
    UNDONE = longacts.UNDONE, pgettext_lazy("bulk", "Undone")


class BulkJob(longacts.LongAct):
    """One change, deletion or action over all that a list matched.

    `request` is the confirmed form and `origin` the list's query, both read again by the worker with the
    rights that the person has then. `operation` groups the changes, so that all are undone together. The
    rows are taken by id up to `highest`; `last` and the counters are saved in the transaction of each part,
    so that a job that was broken off goes on exactly there.
    """

    record = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    request = models.TextField()
    origin = models.TextField(blank=True, default="")
    label = models.CharField(max_length=200)
    address = models.CharField(max_length=64, blank=True, default="")
    status = models.CharField(max_length=10, choices=BulkStatus.choices, default=BulkStatus.WAITING)
    total = models.PositiveIntegerField(default=0)
    highest = models.BigIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)

    class Meta(longacts.LongAct.Meta):
        verbose_name = _("Bulk change")
        verbose_name_plural = _("Bulk changes")

    def __str__(self) -> str:
        return self.label

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100."""
        if self.status == BulkStatus.DONE:
            return 100
        return min(99, self.seen * 100 // self.total) if self.total else 0

    @property
    def made(self) -> int:
        return self.done

    @property
    def left(self) -> int:
        """Records that were taken up and stay as they were."""
        return self.seen - self.done
