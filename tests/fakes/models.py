from __future__ import annotations

from django.conf import settings
from django.db import models

from clientela.records.base import LineModel, RecordModel
from clientela.records.fields import (
    ColourField,
    CountryField,
    CurrencyField,
    MoneyField,
    PercentField,
    PhoneField,
)


class Family(RecordModel):
    """A word with a colour."""

    name = models.CharField("Name", max_length=80, unique=True)
    color = ColourField("Colour")

    class Meta:
        verbose_name = "Family"
        verbose_name_plural = "Families"

    def __str__(self) -> str:
        return str(self.name)


class Thing(RecordModel):
    """Every kind of field, links to another record and to its own kind, lines, a private field."""

    name = models.CharField("Name", max_length=120)
    body = models.TextField("Body", blank=True, default="")
    email = models.EmailField("E-mail", blank=True, default="")
    phone = PhoneField("Telephone", blank=True, default="")
    url = models.URLField("Address", blank=True, default="")
    size = models.CharField(
        "Size", max_length=5, choices=[("small", "Small"), ("large", "Large")], default="small"
    )
    country = CountryField("Country", blank=True, default="")
    currency = CurrencyField("Currency", blank=True, default="EUR")
    color = ColourField("Colour")
    active = models.BooleanField("Active", default=False)
    count = models.IntegerField("Count", null=True, blank=True)
    weight = models.DecimalField("Weight", max_digits=10, decimal_places=3, null=True, blank=True)
    share = PercentField("Share", null=True, blank=True)
    price = MoneyField("Price", null=True, blank=True)
    margin = MoneyField("Margin", null=True, blank=True)
    day = models.DateField("Day", null=True, blank=True)
    moment = models.DateTimeField("Moment", null=True, blank=True)
    family = models.ForeignKey(Family, models.SET_NULL, null=True, blank=True, verbose_name="Family")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="parts", verbose_name="Parent"
    )
    families = models.ManyToManyField(Family, blank=True, related_name="+", verbose_name="Families")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="Owner",
    )
    extra = models.JSONField("Extra", default=dict, blank=True)

    class Meta:
        verbose_name = "Thing"
        verbose_name_plural = "Things"
        indexes = [models.Index(fields=["name", "id"], name="fakes_by_name")]

    def __str__(self) -> str:
        return str(self.name)


class ThingPhone(LineModel):
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="phones")
    phone = PhoneField("Telephone", blank=True, default="")
    kind = models.CharField(
        "Kind", max_length=6, choices=[("work", "Work"), ("home", "Home")], default="work"
    )
    main = models.BooleanField("Main", default=False)
