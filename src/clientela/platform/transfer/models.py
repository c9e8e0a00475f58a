"""What is kept of imports: each one's file, choices, progress and result, and mappings worth using again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.platform.audit import longacts


class Status(models.TextChoices):
    """Where an import stands."""

    MAPPING = "mapping", _("Choosing columns")
    WAITING = longacts.WAITING, _("Waiting")
    RUNNING = longacts.RUNNING, _("Importing")
    DONE = longacts.DONE, _("Done")
    FAILED = longacts.FAILED, _("Stopped")
    UNDOING = longacts.UNDOING, _("Being undone")
    UNDONE = longacts.UNDONE, pgettext_lazy("import", "Undone")


class Twins(models.TextChoices):
    """What to do with a row whose record is there already."""

    SKIP = "skip", _("Leave it as it is")
    UPDATE = "update", _("Update it with the file")
    CREATE = "create", _("Create another one")


class ImportJob(longacts.LongAct):
    """One import of one file.

    `operation` groups its changes, so that all can be undone together. `mapping` is a list of
    `mapping.ColumnMap` as JSON. `rows_done` counts the rows whose outcome is committed: it is saved in
    the transaction that writes them, so that a killed import goes on exactly there.
    """

    record = models.CharField(max_length=60)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Who")
    )
    """Nobody where the command was run on a base without people."""
    address = models.CharField(max_length=45, blank=True, default="")
    """From where it was asked for, or last asked to be undone; nothing on the command line."""
    file_name = models.CharField(_("File"), max_length=255)
    path = models.CharField(max_length=500)
    own_file = models.BooleanField(default=False)
    """The file was uploaded and lives in the data folder."""
    sheet = models.CharField(max_length=120, blank=True, default="")
    mapping = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    language = models.CharField(max_length=5, default="es")
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.MAPPING)
    dry_run = models.BooleanField(default=False)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    links_done = models.BooleanField(default=False)
    """Links between rows of the same file have been made."""
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    rejects_path = models.CharField(max_length=500, blank=True, default="")
    rejects_size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(_("Created"), default=timezone.now)

    class Meta(longacts.LongAct.Meta):
        verbose_name = _("Import")
        verbose_name_plural = _("Imports")
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="transfer_by_user")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def percent(self) -> int:
        """How much of the file is done, 0 to 100."""
        if self.status == Status.DONE:
            return 100
        return min(99, self.rows_done * 100 // self.rows_total) if self.rows_total else 0

    @property
    def made(self) -> int:
        return self.created + self.updated

    @property
    def file(self) -> Path:
        return Path(self.path)

    @property
    def result(self) -> dict[str, Any]:
        """The outcome as the command line prints it."""
        return {
            "import": self.pk,
            "read": self.rows_done,
            "created": self.created,
            "updated": self.updated,
            "skipped": self.skipped,
            "rejected": self.rejected,
            "rejects_file": self.rejects_path or None,
        }


class SavedMapping(models.Model):
    """Which column goes to which field, kept under a name for the next file of that shape."""

    record = models.CharField(max_length=60)
    name = models.CharField(_("Name"), max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Who")
    )
    columns = models.JSONField(default=dict)
    """Target by heading."""

    class Meta:
        verbose_name = _("Saved mapping")
        verbose_name_plural = _("Saved mappings")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "user", "name"], name="transfer_mapping_once")
        ]

    def __str__(self) -> str:
        return self.name
