"""Who the company deals with: accounts, contacts, and the words that classify them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.records.base import LineModel, RecordModel
from clientela.records.fields import ColourField, CountryField, CurrencyField, MoneyField, PhoneField


class AccountForm(models.TextChoices):
    """What an account is in law: a company, a part of one, or a private person."""

    COMPANY = "company", _("Company")
    DEPARTMENT = "department", _("Department")
    PERSON = "person", _("Private person")


class AccountKind(models.TextChoices):
    """What an account is to us."""

    PROSPECT = "prospect", _("Prospect")
    CUSTOMER = "customer", _("Customer")
    SUPPLIER = "supplier", _("Supplier")
    PARTNER = "partner", _("Partner")
    COMPETITOR = "competitor", _("Competitor")


class PlaceKind(models.TextChoices):
    """What an e-mail address belongs to."""

    WORK = "work", _("Work")
    HOME = "home", _("Home")
    OTHER = "other", _("Other")


class PhoneKind(models.TextChoices):
    """What a telephone belongs to."""

    WORK = "work", _("Work")
    MOBILE = "mobile", _("Mobile")
    HOME = "home", _("Home")
    FAX = "fax", _("Fax")
    OTHER = "other", _("Other")


class AddressKind(models.TextChoices):
    """What an address is for."""

    MAIN = "main", _("Head office")
    BILLING = "billing", _("Billing")
    SHIPPING = "shipping", _("Shipping")
    HOME = "home", _("Home")
    OTHER = "other", _("Other")


class Word(RecordModel):
    """Abstract: a word that classifies records, with its colour."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    color = ColourField(_("Colour"))

    class Meta:
        abstract = True
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return str(self.name)


class Tag(Word):
    """A word of the company's own, several of which a record may have."""

    class Meta(Word.Meta):
        verbose_name = _("Tag")
        verbose_name_plural = _("Tags")


class Source(Word):
    """Where a customer or a deal came from."""

    class Meta(Word.Meta):
        verbose_name = _("Source")
        verbose_name_plural = _("Sources")


class Sector(Word):
    """What an account does for a living."""

    class Meta(Word.Meta):
        verbose_name = _("Sector")
        verbose_name_plural = _("Sectors")


class Zone(Word):
    """A territory, as the company divides it among its `people`; roles can say "accounts of my zones"."""

    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("People of the zone")
    )

    class Meta(Word.Meta):
        verbose_name = _("Zone")
        verbose_name_plural = _("Zones")


class Currency(RecordModel):
    """A currency in use. `rate`: what one unit is worth in the company's own currency."""

    code = CurrencyField(_("Currency"), unique=True)
    rate = models.DecimalField(_("Exchange rate"), max_digits=18, decimal_places=8)

    class Meta:
        verbose_name = _("Currency")
        verbose_name_plural = _("Currencies")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return str(self.code)


class Party(RecordModel):
    """Abstract: what accounts and contacts share. E-mail, telephone and address mirror the main line."""

    name = models.CharField(_("Name"), max_length=255)
    email = models.EmailField(_("E-mail"), blank=True, default="", db_index=True)
    phone = PhoneField(_("Telephone"), blank=True, default="", db_index=True)
    street = models.CharField(_("Street"), max_length=255, blank=True, default="")
    city = models.CharField(_("City"), max_length=120, blank=True, default="")
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True, default="")
    region = models.CharField(_("Province or state"), max_length=120, blank=True, default="")
    country = CountryField(_("Country"), blank=True, default="")
    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Source")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Owner"),
    )
    description = models.TextField(_("Description"), blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Account(Party):
    """A company, one of its departments, or a private person, in whatever relation to us."""

    form = models.CharField(
        _("Form"), max_length=12, choices=AccountForm.choices, default=AccountForm.COMPANY
    )
    kind = models.CharField(
        _("Relation"), max_length=12, choices=AccountKind.choices, default=AccountKind.PROSPECT
    )
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Part of")
    )
    sector = models.ForeignKey(
        Sector, models.SET_NULL, null=True, blank=True, related_name="accounts", verbose_name=_("Sector")
    )
    zone = models.ForeignKey(
        Zone,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("Zone"),
        db_index=False,
    )
    tax_country = CountryField(_("Tax country"), blank=True, default="")
    tax_id = models.CharField(_("Tax id"), max_length=30, blank=True, default="", db_index=True)
    website = models.CharField(_("Website"), max_length=255, blank=True, default="")
    employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    annual_revenue = MoneyField(_("Annual revenue"), null=True, blank=True)
    currency = CurrencyField(_("Currency"), blank=True, default="")
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("Tags"))

    class Meta:
        verbose_name = _("Account")
        verbose_name_plural = _("Accounts")
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="account_by_name"),
            models.Index(fields=["owner", "name", "id"], name="account_by_owner"),
            models.Index(fields=["kind", "name"], name="account_by_kind"),
            models.Index(fields=["form", "name"], name="account_by_form"),
            models.Index(fields=["country", "name"], name="account_by_country"),
            # Who sees the accounts of some zones has those of each kind counted without a look at the rows.
            models.Index(fields=["zone", "kind"], name="account_by_zone"),
            models.Index(fields=["-created_at", "-id"], name="account_by_age"),
        ]


class Contact(Party):
    """A person whom one talks to, tied to any number of accounts, each with a role."""

    first_name = models.CharField(_("First name"), max_length=120, blank=True, default="")
    last_name = models.CharField(_("Last name"), max_length=120, blank=True, default="")
    salutation = models.CharField(_("Salutation"), max_length=20, blank=True, default="")
    job_title = models.CharField(_("Job title"), max_length=150, blank=True, default="")
    department = models.CharField(_("Department"), max_length=120, blank=True, default="")
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("Account")
    )
    role = models.CharField(pgettext_lazy("tie", "Role"), max_length=120, blank=True, default="")
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("Tags"))

    class Meta:
        verbose_name = _("Contact")
        verbose_name_plural = _("Contacts")
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="contact_by_name"),
            models.Index(fields=["owner", "name", "id"], name="contact_by_owner"),
            models.Index(fields=["-created_at", "-id"], name="contact_by_age"),
            models.Index(fields=["country", "name"], name="contact_by_country"),
            models.Index(fields=["job_title", "name"], name="contact_by_job_title"),
        ]


class Affiliation(LineModel):
    """A contact's tie to an account."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="affiliations")
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="affiliations", verbose_name=_("Account")
    )
    role = models.CharField(pgettext_lazy("tie", "Role"), max_length=120, blank=True, default="")
    main = models.BooleanField(_("Main"), default=False)

    class Meta(LineModel.Meta):
        verbose_name = _("Account of a contact")
        verbose_name_plural = _("Accounts of a contact")


class EmailLine(LineModel):
    """Abstract: one of several e-mail addresses."""

    email = models.EmailField(_("E-mail"), blank=True, default="")
    kind = models.CharField(_("Kind"), max_length=10, choices=PlaceKind.choices, default=PlaceKind.WORK)
    main = models.BooleanField(_("Main"), default=False)

    class Meta(LineModel.Meta):
        abstract = True


class PhoneLine(LineModel):
    """Abstract: one of several telephones, kept in E.164 when it is valid."""

    phone = PhoneField(_("Telephone"), blank=True, default="")
    kind = models.CharField(_("Kind"), max_length=10, choices=PhoneKind.choices, default=PhoneKind.WORK)
    main = models.BooleanField(_("Main"), default=False)

    class Meta(LineModel.Meta):
        abstract = True


class AddressLine(LineModel):
    """Abstract: one of several postal addresses; `country` is ISO 3166-1 alpha-2."""

    street = models.CharField(_("Street"), max_length=255, blank=True, default="")
    city = models.CharField(_("City"), max_length=120, blank=True, default="")
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True, default="")
    region = models.CharField(_("Province or state"), max_length=120, blank=True, default="")
    country = CountryField(_("Country"), blank=True, default="")
    kind = models.CharField(_("Kind"), max_length=10, choices=AddressKind.choices, default=AddressKind.MAIN)
    main = models.BooleanField(_("Main"), default=False)

    class Meta(LineModel.Meta):
        abstract = True


class AccountEmail(EmailLine):
    """An e-mail address of an account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="emails")


class AccountPhone(PhoneLine):
    """A telephone of an account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="phones")


class AccountAddress(AddressLine):
    """A postal address of an account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="addresses")


class ContactEmail(EmailLine):
    """An e-mail address of a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="emails")


class ContactPhone(PhoneLine):
    """A telephone of a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="phones")


class ContactAddress(AddressLine):
    """A postal address of a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="addresses")
