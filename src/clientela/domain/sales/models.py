"""From somebody who might buy to a deal won or lost."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.domain.parties.models import Account, Contact, Sector, Source, Tag, Word, Zone
from clientela.records.base import LineModel, RecordModel
from clientela.records.fields import (
    ColourField,
    CountryField,
    CurrencyField,
    MoneyField,
    PercentField,
    PhoneField,
)


class LeadStatus(models.TextChoices):
    """How far a lead has come."""

    NEW = "new", pgettext_lazy("lead", "New")
    WORKING = "working", pgettext_lazy("lead", "Working")
    QUALIFIED = "qualified", pgettext_lazy("lead", "Qualified")
    DISCARDED = "discarded", pgettext_lazy("lead", "Discarded")
    CONVERTED = "converted", pgettext_lazy("lead", "Converted")


class StageKind(models.TextChoices):
    """Whether a stage is on the way or one of the two ends."""

    OPEN = "open", pgettext_lazy("deal", "Open")
    WON = "won", pgettext_lazy("deal", "Won")
    LOST = "lost", pgettext_lazy("deal", "Lost")


class LostReason(Word):
    """Why deals are lost and leads discarded."""

    class Meta(Word.Meta):
        verbose_name = _("Lost reason")
        verbose_name_plural = _("Lost reasons")


class Pipeline(RecordModel):
    """A way of selling: an ordered row of stages."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_default = models.BooleanField(_("Used unless another is chosen"), default=False)

    class Meta:
        verbose_name = _("Pipeline")
        verbose_name_plural = _("Pipelines")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Stage(RecordModel):
    """A step of a pipeline. `stalled_after`: days in it after which a deal counts as stalled (0 = never)."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages", verbose_name=_("Pipeline"))
    name = models.CharField(_("Name"), max_length=120)
    position = models.PositiveSmallIntegerField(_("Order"), default=0)
    kind = models.CharField(_("Kind"), max_length=5, choices=StageKind.choices, default=StageKind.OPEN)
    probability = PercentField(_("Probability"), default=0)
    color = ColourField(_("Colour"))
    stalled_after = models.PositiveSmallIntegerField(_("Stalled after (days)"), default=0)

    class Meta:
        verbose_name = _("Stage")
        verbose_name_plural = _("Stages")
        ordering: ClassVar = ["pipeline", "position", "id"]
        # Deals sorted by their stage are read along it.
        indexes: ClassVar = [models.Index(fields=["position"], name="stage_by_position")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pipeline", "name"], name="sales_stage_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Opportunity(RecordModel):
    """A deal being worked on, for an account or for somebody not registered yet."""

    name = models.CharField(_("Name"), max_length=255)
    account = models.ForeignKey(
        Account,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("Account"),
    )
    prospect_name = models.CharField(_("Prospect’s name"), max_length=255, blank=True, default="")
    prospect_email = models.EmailField(_("Prospect’s e-mail"), blank=True, default="")
    prospect_phone = PhoneField(_("Prospect’s telephone"), blank=True, default="")
    pipeline = models.ForeignKey(
        Pipeline, models.PROTECT, related_name="opportunities", verbose_name=_("Pipeline")
    )
    stage = models.ForeignKey(
        Stage, models.PROTECT, related_name="opportunities", verbose_name=_("Stage"), db_index=False
    )
    stage_since = models.DateTimeField(_("In this stage since"), default=timezone.now, editable=False)
    amount = MoneyField(_("Amount"), null=True, blank=True, base="amount_base")
    currency = CurrencyField(_("Currency"), blank=True, default="")
    amount_base = models.DecimalField(
        _("Amount in the company’s currency"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    probability = PercentField(_("Own probability"), null=True, blank=True)
    close_date = models.DateField(_("Expected close"), null=True, blank=True)
    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="opportunities", verbose_name=_("Source")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("Owner"),
        db_index=False,
    )
    next_step = models.CharField(_("Next step"), max_length=255, blank=True, default="")
    next_step_date = models.DateField(_("Date of the next step"), null=True, blank=True)
    competitors = models.ManyToManyField(
        Account, blank=True, related_name="competing_in", verbose_name=_("Competitors")
    )
    closed_at = models.DateTimeField(pgettext_lazy("deal", "Closed"), null=True, blank=True, editable=False)
    lost_reason = models.ForeignKey(
        LostReason, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Lost reason")
    )
    lost_to = models.ForeignKey(
        Account,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="won_against_us",
        verbose_name=_("Lost to"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("Tags"))
    description = models.TextField(_("Description"), blank=True, default="")

    class Meta:
        verbose_name = _("Opportunity")
        verbose_name_plural = _("Opportunities")
        indexes: ClassVar = [
            # Lists put empty values last by a key of their own (records.query).
            models.Index(
                IsNull(F("close_date"), True),
                "close_date",
                IsNull(F("amount_base"), True),
                F("amount_base").desc(),
                "id",
                name="opportunity_by_close",
            ),
            models.Index(
                IsNull(F("close_date"), True),
                F("close_date").desc(),
                F("id").desc(),
                name="opportunity_by_close_down",
            ),
            models.Index(fields=["close_date"], name="opportunity_close"),
            models.Index(fields=["closed_at"], name="opportunity_closed"),
            # The cards of a board's column in the list's own order, and what the column adds up to.
            models.Index(
                "stage",
                IsNull(F("close_date"), True),
                "close_date",
                IsNull(F("amount_base"), True),
                F("amount_base").desc(),
                "id",
                name="opportunity_by_stage",
            ),
            # All that sums by stage, owner or month read, so that they need not read the rows.
            models.Index(
                fields=["stage", "owner", "close_date", "amount_base", "probability", "id"],
                name="opportunity_sums",
            ),
            models.Index(
                "owner",
                IsNull(F("close_date"), True),
                "close_date",
                IsNull(F("amount_base"), True),
                F("amount_base").desc(),
                "id",
                name="opportunity_by_owner",
            ),
            models.Index(
                IsNull(F("amount_base"), True),
                F("amount_base").desc(),
                F("id").desc(),
                name="opportunity_by_amount",
            ),
            models.Index(fields=["amount_base"], name="opportunity_amount"),
            models.Index(fields=["name", "id"], name="opportunity_by_name"),
            models.Index(fields=["-created_at", "-id"], name="opportunity_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class StageSpan(LineModel):
    """A stay of a deal in a stage: from `entered_at` to `left_at` (empty = it is there now)."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="stage_spans")
    # A deleted stage leaves its stays as they are, and finds them again when the deletion is undone.
    stage = models.ForeignKey(
        Stage, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("Stage")
    )
    entered_at = models.DateTimeField(_("From"))
    left_at = models.DateTimeField(_("To"), null=True, blank=True)


class ContactRole(LineModel):
    """What a person is in a deal: decides, signs, influences, pays."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="contact_roles")
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="opportunity_roles", verbose_name=_("Contact")
    )
    role = models.CharField(pgettext_lazy("tie", "Role"), max_length=120, blank=True, default="")
    main = models.BooleanField(_("Main"), default=False)


class Lead(RecordModel):
    """Somebody who might become a customer, before anything is known for sure."""

    name = models.CharField(_("Name"), max_length=255)
    first_name = models.CharField(_("First name"), max_length=120, blank=True, default="")
    last_name = models.CharField(_("Last name"), max_length=120, blank=True, default="")
    company = models.CharField(_("Company"), max_length=255, blank=True, default="")
    job_title = models.CharField(_("Job title"), max_length=150, blank=True, default="")
    email = models.EmailField(_("E-mail"), blank=True, default="", db_index=True)
    phone = PhoneField(_("Telephone"), blank=True, default="", db_index=True)
    website = models.CharField(_("Website"), max_length=255, blank=True, default="")
    street = models.CharField(_("Street"), max_length=255, blank=True, default="")
    city = models.CharField(_("City"), max_length=120, blank=True, default="")
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True, default="")
    region = models.CharField(_("Province or state"), max_length=120, blank=True, default="")
    country = CountryField(_("Country"), blank=True, default="")
    status = models.CharField(_("Status"), max_length=10, choices=LeadStatus.choices, default=LeadStatus.NEW)
    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("Source")
    )
    sector = models.ForeignKey(
        Sector, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Sector")
    )
    zone = models.ForeignKey(
        Zone, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Zone")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Owner"),
    )
    amount = MoneyField(_("Estimated amount"), null=True, blank=True, base="amount_base")
    currency = CurrencyField(_("Currency"), blank=True, default="")
    amount_base = models.DecimalField(
        _("Amount in the company’s currency"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    interest = models.TextField(_("Interested in"), blank=True, default="")
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("Tags"))
    discard_reason = models.ForeignKey(
        LostReason,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Reason for discarding"),
    )
    converted_at = models.DateTimeField(
        pgettext_lazy("lead", "Converted"), null=True, blank=True, editable=False
    )
    account = models.ForeignKey(
        Account,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="leads",
        verbose_name=_("Became the account"),
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="leads",
        verbose_name=_("Became the contact"),
    )
    opportunity = models.ForeignKey(
        Opportunity,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="leads",
        verbose_name=_("Became the opportunity"),
    )

    class Meta:
        verbose_name = _("Lead")
        verbose_name_plural = _("Leads")
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="lead_by_age"),
            models.Index(fields=["status", "-created_at", "-id"], name="lead_by_status"),
            models.Index(fields=["owner", "-created_at", "-id"], name="lead_by_owner"),
            models.Index(fields=["name", "id"], name="lead_by_name"),
            models.Index(fields=["country", "name"], name="lead_by_country"),
            models.Index(fields=["amount_base"], name="lead_by_amount"),
        ]

    def __str__(self) -> str:
        return self.name
