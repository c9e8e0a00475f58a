"""How accounts, contacts and their words show."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela import records as r
from clientela.access.actor import Actor
from clientela.domain.parties import headings, likeness, services
from clientela.domain.parties.models import Account, Contact, Currency, Sector, Source, Tag, Word, Zone
from clientela.platform.duplicates import completeness

EMAILS = r.Lines(
    "emails",
    _("E-mails"),
    ("email", "kind", "main"),
    main="main",
    mirror=(("email", "email"),),
    required=("email",),
)
PHONES = r.Lines(
    "phones",
    _("Telephones"),
    ("phone", "kind", "main"),
    main="main",
    mirror=(("phone", "phone"),),
    required=("phone",),
)
ADDRESS = ("street", "city", "postal_code", "region", "country")
ADDRESSES = r.Lines(
    "addresses",
    _("Addresses"),
    (*ADDRESS, "kind", "main"),
    main="main",
    mirror=tuple((name, name) for name in ADDRESS),
    required=ADDRESS,
)
AFFILIATIONS = r.Lines(
    "affiliations",
    _("Accounts"),
    ("account", "role", "main"),
    main="main",
    mirror=(("account", "account"), ("role", "role")),
    required=("account",),
)


def mine(actor: Actor) -> dict[str, object]:
    """New records belong to whoever makes them."""
    return {"owner": actor.user_id}


@r.register
class AccountRecord(r.Record[Account]):
    """How accounts show."""

    model = Account
    title = "name"
    subtitle = "city"
    icon = "building"
    mark = "square"
    menu = 40
    keyboard = "u"
    columns = ("name", "kind", "sector", "city", "zone", "phone", "email", "owner", "created_at")
    computed = (completeness.column(Account, likeness.ACCOUNT_WEIGHTS),)
    default_sort = ("name",)
    search = r.Search(name=10, tax_id=8, email=5, phone=5, city=2)
    filters = ("kind", "owner", "sector", "zone", "source", "form", "country", "created_at", "tags")
    inline = ("kind", "sector", "zone", "source", "owner", "phone", "email", "city")
    quick = ("name", "kind", "tax_id", "phone", "email", "city")
    facts = ("kind", "sector", "zone", "owner")
    sections = (
        r.Section(
            _("Account"), ("name", "form", "kind", "parent", "sector", "zone", "source", "owner", "tags")
        ),
        r.Section(_("Contact details"), ("emails", "phones", "website", "addresses")),
        r.Section(_("Tax and size"), ("tax_country", "tax_id", "employees", "annual_revenue", "currency")),
        r.Section(_("About it"), ("description", "external_id"), open=False),
    )
    lines = (EMAILS, PHONES, ADDRESSES)
    defaults = mine
    prepare = services.prepare_account
    check = services.check_account
    panels = (
        r.Related(
            "contact",
            "account",
            _("Contacts"),
            columns=("job_title",),
            icon="users",
            lines="affiliations",
            show=("role",),
        ),
        r.Related("account", "parent", _("Departments and branches"), columns=("kind",), icon="building"),
    )
    chart = r.Chart("sector")
    import_key = ("external_id", "tax_id", "email")
    import_names = headings.ACCOUNT
    duplicates = r.Duplicates(exact=("external_id", "tax_id", "email"), name="name")
    access = r.Access(owner="owner")
    views = (
        r.View("customers", _("Customers"), {"field": "kind", "op": "in", "value": ["customer"]}),
        r.View("mine", pgettext_lazy("accounts", "Mine"), {"field": "owner", "op": "in", "value": ["me"]}),
    )


@r.register
class ContactRecord(r.Record[Contact]):
    """How contacts show."""

    model = Contact
    title = "name"
    subtitle = "job_title"
    icon = "users"
    mark = "round"
    menu = 50
    keyboard = "n"
    columns = ("name", "account", "job_title", "phone", "email", "city", "owner", "created_at")
    computed = (completeness.column(Contact, likeness.CONTACT_WEIGHTS),)
    default_sort = ("name",)
    search = r.Search(name=10, email=6, phone=5, account__name=3)
    filters = ("account", "owner", "job_title", "source", "country", "created_at", "tags")
    inline = ("job_title", "department", "owner", "phone", "email", "account", "city")
    quick = ("first_name", "last_name", "account", "job_title", "phone", "email")
    facts = ("account", "job_title", "owner")
    sections = (
        r.Section(
            _("Contact"),
            (
                "first_name",
                "last_name",
                "salutation",
                "job_title",
                "department",
                "affiliations",
                "source",
                "owner",
                "tags",
            ),
        ),
        r.Section(_("Contact details"), ("emails", "phones", "addresses")),
        r.Section(_("About it"), ("birthday", "description", "external_id"), open=False),
    )
    exclude = ()
    lines = (EMAILS, PHONES, ADDRESSES, AFFILIATIONS)
    defaults = mine
    prepare = services.prepare_contact
    chart = r.Chart("account")
    timeline_parents = ("account",)
    import_key = ("external_id", "email")
    import_names = headings.CONTACT
    duplicates = r.Duplicates(exact=("external_id", "email", "phone"), name="name")
    access = r.Access(owner="owner")
    views = (
        r.View("mine", pgettext_lazy("contacts", "Mine"), {"field": "owner", "op": "in", "value": ["me"]}),
    )


WORD: dict[str, Any] = {
    "mark": "tag",
    "color": "color",
    "columns": ("name", "color"),
    "default_sort": ("name",),
    "search": r.Search(name=10),
    "inline": ("name", "color"),
    "quick": ("name", "color"),
    "import_key": ("external_id", "name"),
    "create_on_import": True,
    "access": r.Access(configuration=True),
    "timeline": False,
}


def describe_word(model: type[Word], icon: str, *more: str) -> None:
    """Register a kind of word: a name with its colour and `more`, made by administrators and by imports."""
    section = r.Section(model._meta.verbose_name, ("name", "color", *more))
    columns = ("name", "color", *more)
    body = {**WORD, "model": model, "icon": icon, "columns": columns, "sections": (section,)}
    r.register(type(f"{model.__name__}Record", (r.Record,), body))


describe_word(Tag, "tag")
describe_word(Source, "radio")
describe_word(Sector, "factory")
describe_word(Zone, "map", "people")


@r.register
class CurrencyRecord(r.Record[Currency]):
    """How currencies and their rates show."""

    model = Currency
    plural = "currencies"
    title = "code"
    icon = "coins"
    columns = ("code", "rate", "updated_at")
    default_sort = ("code",)
    search = r.Search(code=10)
    inline = ("rate",)
    quick = ("code", "rate")
    sections = (r.Section(_("Currency"), ("code", "rate")),)
    import_key = ("code",)
    access = r.Access(configuration=True)
    timeline = False
