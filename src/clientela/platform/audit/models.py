"""The history: one row for each change of a record, never changed itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """What one write did to one record.

    `operation` groups the changes made by one act, which are undone together; `undoes` names the
    operation that this one took back. `before` and `after` hold JSON values by field name, only of
    the fields that changed; a deletion keeps the whole record in `before`.
    """

    operation = models.UUIDField(db_index=True)
    undoes = models.UUIDField(null=True, blank=True, db_index=True)
    at = models.DateTimeField(_("When"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Who")
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
        indexes: ClassVar = [models.Index(fields=["record", "record_id", "-id"], name="audit_by_record")]


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
