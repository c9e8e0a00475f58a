"""What the search for duplicates keeps: keys by which alike records meet, pairs, and merges."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Key(models.Model):
    """A key under which a record meets those that may be the same: 64 bits of a hash (see `keys`).

    A key that its record has no longer stays until the next whole search: it only brings a comparison more.
    """

    record = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    key = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "record_id"], name="duplicate_key")]


class Decision(models.TextChoices):
    """What was decided about a pair."""

    OPEN = "open", _("To decide")
    LATER = "later", _("Later")
    DIFFERENT = "different", _("Not duplicates")


class Pair(models.Model):
    """Two records of one kind that may be the same; `first_id` is the smaller id.

    `reasons`: a list of {"why", "points", "fields"} and "share" where there is one (see `scoring`).
    """

    record = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField(db_index=True)
    score = models.PositiveSmallIntegerField(_("Likeness"))
    reasons = models.JSONField(default=list)
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("Possible duplicate")
        verbose_name_plural = _("Possible duplicates")
        indexes: ClassVar = [
            models.Index(fields=["record", "decision", "-score", "id"], name="duplicate_queue"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "first_id", "second_id"], name="duplicate_pair_once")
        ]


class Progress(models.Model):
    """How far the search of one kind of record has come: all changes up to `change_id` are compared."""

    record = models.CharField(max_length=60, unique=True)
    change_id = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    compared = models.IntegerField(default=0)
    pairs = models.IntegerField(default=0)


class Merge(models.Model):
    """Records that became one, by the operation that did it.

    `rows`: what earlier versions tied again outside the history: {"model", "pk", "column", "from"} each.
    `last_change`: id of the newest change of the merge itself; what is newer came later. `undone_at`: all of
    it went back; `partly_undone_at`: some of it did.
    """

    operation = models.UUIDField(unique=True)
    record = models.CharField(max_length=60)
    survivor_id = models.BigIntegerField()
    title = models.CharField(max_length=255)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    last_change = models.BigIntegerField(default=0)
    rows = models.JSONField(default=list)
    undone_by = models.UUIDField(null=True, db_index=True)
    undone_at = models.DateTimeField(null=True)
    partly_undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Merge of records")
        verbose_name_plural = _("Merges of records")
        indexes: ClassVar = [
            models.Index(fields=["record", "survivor_id", "-id"], name="merge_by_survivor"),
            models.Index(fields=["-at"], name="merge_by_age"),
        ]


class Absorbed(models.Model):
    """A record that went into another: its old id leads there until the merge is undone or it `is_back`."""

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="absorbed")
    record = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    title = models.CharField(max_length=255)
    is_back = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("Merged record")
        verbose_name_plural = _("Merged records")
        indexes: ClassVar = [models.Index(fields=["record", "record_id"], name="absorbed_by_record")]
