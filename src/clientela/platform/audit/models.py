"""The history: one row for each change of a record, never changed itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.platform.audit import longacts


class Change(models.Model):
    """What one write did to one record.

    `operation` groups the changes made by one act, which are undone together; `undoes` names the
    operation that this one took back. `before` and `after` hold JSON values by field name, only of
    the fields that changed; a deletion keeps the whole record in `before`.
    """

    operation = models.UUIDField(db_index=True)
    undoes = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(_("When"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("Who"),
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("On behalf of"),
    )
    source = models.CharField(_("Through"), max_length=20)
    reference = models.CharField(max_length=80, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    label = models.CharField(max_length=200, blank=True, default="")
    record = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    verb = models.CharField(max_length=6)
    title = models.CharField(max_length=255, blank=True, default="")
    before = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    after = models.JSONField(encoder=DjangoJSONEncoder, default=dict)

    class Meta:
        verbose_name = _("Change")
        verbose_name_plural = _("Changes")
        # Each index is paid for by every write: these are the fewest that page a log of millions.
        indexes: ClassVar = [
            models.Index(fields=["record", "record_id", "-id"], name="audit_by_record"),
            models.Index(fields=["at", "id"], name="audit_by_time"),
            models.Index(fields=["actor", "at", "id"], name="audit_by_person"),
            models.Index(fields=["undoes"], name="audit_undoing", condition=models.Q(undoes__isnull=False)),
        ]


class UndoStatus(models.TextChoices):
    """Where a large undo stands."""

    UNDOING = longacts.UNDOING, pgettext_lazy("undo", "Being undone")
    UNDONE = longacts.UNDONE, pgettext_lazy("undo", "Undone")
    FAILED = longacts.FAILED, pgettext_lazy("undo", "Stopped")


class LargeUndo(longacts.LongAct):
    """The undo of a large act that no job did, by the worker: `operation` is the act that goes back.

    `total`: of so many changes; `report`: "conflicts", pairs of a title and what of it stays.
    """

    status = models.CharField(max_length=10, choices=UndoStatus.choices, default=UndoStatus.UNDOING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    address = models.CharField(max_length=45, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)

    class Meta(longacts.LongAct.Meta):
        verbose_name = _("Undo of a large act")
        verbose_name_plural = _("Undos of large acts")

    @property
    def made(self) -> int:
        return self.total


class SecurityEvent(models.Model):
    """Something about who gets in: a sign-in, a refusal, a look through somebody else's eyes.

    `kind`: one of `audit.security.KINDS`, or what a later room calls it. `user`: whose account it was about,
    where it is known; `detail`: what else there is to say, such as the e-mail that was tried.
    """

    kind = models.CharField(_("What"), max_length=40)
    at = models.DateTimeField(_("When"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Who")
    )
    address = models.CharField(_("Address"), max_length=45, blank=True, default="")
    user_agent = models.CharField(_("Browser"), max_length=300, blank=True, default="")
    detail = models.CharField(_("Detail"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("Security event")
        verbose_name_plural = _("Security events")
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="security_by_user")]


class Seal(models.Model):
    """A block of a log whose rows can no longer change unseen.

    `log`: "changes" or "security". `digest`: SHA-256 over the digest of the block before, the block's own
    bounds and the SHA-256 of each of its rows; `fingerprints`: of each row its id and the first eight bytes
    of its SHA-256, so that a broken block can name its row.
    """

    log = models.CharField(max_length=10)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.IntegerField()
    digest = models.CharField(max_length=64)
    fingerprints = models.BinaryField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("Seal of the history")
        verbose_name_plural = _("Seals of the history")
        constraints: ClassVar = [models.UniqueConstraint(fields=["log", "first"], name="audit_seal_once")]


class SealMark(models.Model):
    """How far the next seal of a log may reach once every transaction older than `horizon` has ended."""

    log = models.CharField(max_length=10, unique=True)
    last = models.BigIntegerField()
    horizon = models.BigIntegerField()

    class Meta:
        verbose_name = _("Mark of the next seal")
        verbose_name_plural = _("Marks of the next seals")


class Purge(models.Model):
    """Old rows of a log that went from the database into a file: whole sealed blocks, from `first` to `last`.

    `file`: its path inside the data folder; `sha256`: of the compressed file.
    """

    log = models.CharField(max_length=10)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.IntegerField()
    file = models.CharField(_("File"), max_length=200)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(_("When"), default=timezone.now)

    class Meta:
        verbose_name = _("Old history put away")
        verbose_name_plural = _("Old history put away")


class Redaction(models.Model):
    """A row of a log that was written anew without the personal data in it (GDPR article 17).

    `sealed`: SHA-256 of its canonical form before, `now`: after; `signature`: by this installation's secret
    key over all of it, so that who can only write into the database cannot hide an alteration behind one.
    """

    log = models.CharField(max_length=10)
    row = models.BigIntegerField()
    sealed = models.CharField(max_length=64)
    now = models.CharField(max_length=64)
    operation = models.UUIDField()
    signature = models.CharField(max_length=64)
    at = models.DateTimeField(_("When"), default=timezone.now)

    class Meta:
        verbose_name = _("Row without its personal data")
        verbose_name_plural = _("Rows without their personal data")
        indexes: ClassVar = [models.Index(fields=["log", "row"], name="audit_redacted_row")]


class HistoryPolicy(models.Model):
    """What the company decided about its history: one row.

    `keep_months`: older history goes into files; 0 keeps all. `undo_days`: for how long an act can be undone.
    """

    keep_months = models.PositiveSmallIntegerField(_("Keep for (months)"), default=0)
    undo_days = models.PositiveSmallIntegerField(_("Undo up to (days later)"), default=90)

    class Meta:
        verbose_name = _("Rule of the history")
        verbose_name_plural = _("Rules of the history")
