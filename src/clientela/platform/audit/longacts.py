"""What is kept of an act over very many records: done by the worker part by part, undone by it too.

Whoever works on one says so with its heart; one whose process is gone is gone on with from where its last
part ended. All its changes are of one operation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clientela.kit.ids import uuid7

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
UNDOING, UNDONE = "undoing", "undone"
STALE = timedelta(seconds=90)
"""A heart that was not heard for so long belongs to a process that is gone."""


class LongAct(models.Model):
    """Abstract. Each kind has a `status` with these values, in words of its own, and may have more.

    `undone`: how many of its changes have gone back, told while they do.
    """

    status = models.CharField(max_length=10)
    operation = models.UUIDField(default=uuid7, unique=True)
    undone = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar[list[Any]] = ["-id"]

    @property
    def made(self) -> int:
        """How many changes there are to undo, or about so many."""
        raise NotImplementedError

    @property
    def is_moving(self) -> bool:
        return self.status in (WAITING, RUNNING, UNDOING)

    @property
    def is_stale(self) -> bool:
        """Whether the process that worked at it is gone."""
        old = self.heartbeat_at is None or self.heartbeat_at < timezone.now() - STALE
        return self.status in (RUNNING, UNDOING) and old

    @property
    def is_over(self) -> bool:
        """Whether it may be undone: nobody works at it."""
        return self.status in (DONE, FAILED) or self.is_stale

    @property
    def percent_undone(self) -> int:
        """How much of it is taken back, 0 to 99; what hung on its records may count too."""
        return min(99, self.undone * 100 // self.made) if self.made else 0

    @classmethod
    def broken_off(cls) -> list[Self]:
        """Those that say that they move, but nobody works at them any more."""
        old = timezone.now() - STALE
        moving = cls._base_manager.filter(status__in=(RUNNING, UNDOING), heartbeat_at__lt=old)
        return list(moving.order_by("pk"))

    def put(self, **columns: Any) -> None:
        """Write these columns at once, with a beat of the heart."""
        type(self)._base_manager.filter(pk=self.pk).update(heartbeat_at=timezone.now(), **columns)

    def claim(self, *also: str) -> bool:
        """Take it for this process, from these states too; False where another one is at it."""
        now = timezone.now()
        free = Q(status__in=(WAITING, FAILED, *also)) | Q(status=RUNNING, heartbeat_at__lte=now - STALE)
        mine = type(self)._base_manager.filter(free, pk=self.pk)
        taken = mine.update(status=RUNNING, started_at=now, heartbeat_at=now, error="")
        self.refresh_from_db()
        return bool(taken)

    def hold(self) -> None:
        """Let nobody take it over until this part is counted; raises DoesNotExist where somebody has."""
        type(self)._base_manager.select_for_update().get(pk=self.pk, started_at=self.started_at)

    def end(self, status: str, error: str = "") -> bool:
        """Say how it ended, unless somebody else has taken it over."""
        mine = type(self)._base_manager.filter(pk=self.pk, started_at=self.started_at)
        return bool(mine.update(status=status, error=error[:500], finished_at=timezone.now()))
