"""What people write about records."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from clientela.records.base import LineModel, RecordModel


class Note(RecordModel):
    """A text about one or more records, by `created_by`. Kept exactly as written; never HTML."""

    body = models.TextField(_("Text"))
    pinned = models.BooleanField(_("Pinned"), default=False)

    class Meta:
        verbose_name = _("Note")
        verbose_name_plural = _("Notes")
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="note_by_age")]

    def __str__(self) -> str:
        return Truncator(self.body).chars(80)


class NoteLink(LineModel):
    """A record that a note is about: the key of its kind and its id."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="links")
    record = models.CharField(_("Kind of record"), max_length=60)
    record_id = models.BigIntegerField(_("Record"))

    class Meta(LineModel.Meta):
        verbose_name = _("Subject of a note")
        verbose_name_plural = _("Subjects of a note")
        indexes: ClassVar = [models.Index(fields=["record", "record_id", "note"], name="note_by_record")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "record", "record_id"], name="note_link_once")
        ]
