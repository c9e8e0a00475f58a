"""What every record's model has."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RecordModel(models.Model):
    """Abstract base of every kind of record.

    `version` grows by one with each change, so that two people's edits of the same record are noticed.
    `external_id` is the record's id in the system it was imported from; imports link and match by it.
    """

    external_id = models.CharField(_("External id"), max_length=120, blank=True, default="", db_index=True)
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("Last change"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Created by"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class LineModel(models.Model):
    """Abstract base of a line kept inside a record: an address, a telephone, later an invoice line."""

    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "id"]
