"""Views of lists that people save, and what each person makes of the views she has."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.records.fields import ColourField


class SavedView(models.Model):
    """A named way of looking at the list of one kind of record (`record`: its key).

    `condition`, `columns` (pairs of path and width), `sort`, `group`, `totals`: as in `listing.Look`.
    A shared view is seen by all; it shows each of them only what he may see. Its owner and administrators
    change it.
    """

    record = models.CharField(max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Owner")
    )
    name = models.CharField(_("Name"), max_length=60)
    shared = models.BooleanField(_("Shared with all"), default=False)
    condition = models.JSONField(default=dict, blank=True)
    columns = models.JSONField(default=list, blank=True)
    sort = models.JSONField(default=list, blank=True)
    group = models.CharField(max_length=200, blank=True, default="")
    totals = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("Saved view")
        verbose_name_plural = _("Saved views")
        indexes: ClassVar = [models.Index(fields=["record", "owner"], name="savedview_by_record")]

    def __str__(self) -> str:
        return self.name


class ViewChoice(models.Model):
    """What one person made of one view, shipped or saved: favourite, first to be shown, widths of columns.

    `view` is the key of a `listing.ListView`; `saved` ties it to a saved one, so that it goes with it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    record = models.CharField(max_length=60)
    view = models.CharField(max_length=60)
    saved = models.ForeignKey(SavedView, models.CASCADE, null=True, blank=True, related_name="choices")
    favourite = models.BooleanField(default=False)
    color = ColourField(default="gray")
    default = models.BooleanField(default=False)
    widths = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("Choice of a view")
        verbose_name_plural = _("Choices of views")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "record", "view"], name="viewchoice_once")
        ]
