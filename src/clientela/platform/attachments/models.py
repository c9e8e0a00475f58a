"""What is kept of files: their bytes once, and where they hang under which name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.records.base import RecordModel


class StoredFile(models.Model):
    """Bytes in the folder of files, under `token`; `sha256` of what is kept there, `size` in bytes.

    It outlives the record of its file for as long as that can come back (see `cleaning`).
    """

    token = models.CharField(max_length=43, unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=100)
    has_thumbnail = models.BooleanField(default=False)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("Stored file")
        verbose_name_plural = _("Stored files")


class Attachment(RecordModel):
    """A file of a record (the key of its kind and its id), under the cleaned name that a person gave it.

    `content_type` was found out from the content; `stored` is the token of its bytes.
    """

    name = models.CharField(_("Name"), max_length=120)
    record = models.CharField(_("Kind of record"), max_length=60, blank=True, default="")
    record_id = models.BigIntegerField(_("Record"), null=True, blank=True)
    content_type = models.CharField(_("Kind of file"), max_length=100, blank=True, default="")
    size = models.BigIntegerField(_("Size"), default=0)
    stored = models.CharField(_("Stored as"), max_length=43, blank=True, default="")

    class Meta:
        verbose_name = _("File")
        verbose_name_plural = _("Files")
        indexes: ClassVar = [
            models.Index(fields=["record", "record_id", "-id"], name="attachment_by_record"),
            models.Index(fields=["stored"], name="attachment_by_bytes"),
            models.Index(fields=["-created_at", "-id"], name="attachment_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class LastPlace(models.Model):
    """The record on which a file hangs, or hung when it was taken away: its story goes on telling of it."""

    file_id = models.BigIntegerField(primary_key=True)
    record = models.CharField(max_length=60)
    record_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("Last place of a file")
        verbose_name_plural = _("Last places of files")
        indexes: ClassVar = [models.Index(fields=["record", "record_id", "-file_id"], name="place_by_record")]
