"""A small company to look at: what the pages of the browser tests show."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import Lead, Opportunity, Stage
from tests.cast import Cast, make_cast
from tests.pages.builders import change, make

ACCOUNTS = ("Talleres Núñez", "Áridos del Ebro", "Cerámicas Peña", "Metales Ibarra")
DEALS = (
    ("Crane", "Nuevo contacto", "12000"),
    ("Forklift", "Nuevo contacto", None),
    ("Press", "Presupuesto", "45000"),
    ("Lathe", "Negociación", "8000.50"),
)


@dataclass(frozen=True)
class Company:
    """Four accounts of `cast.owner`, a contact, a lead and four deals."""

    cast: Cast
    accounts: list[Account]
    contact: Contact
    lead: Lead
    deals: list[Opportunity]


def make_company() -> Company:
    cast = make_cast()
    for key, name in (("sector", "Metal"), ("source", "Fair"), ("tag", "VIP")):
        make(key, cast.admin, name=name, color="teal")
    accounts = [make("account", cast.owner, name=name, kind="customer", city="Zaragoza") for name in ACCOUNTS]
    contact = make(
        "contact", cast.owner, first_name="Ana", last_name="Gil", affiliations=[{"account": accounts[0].pk}]
    )
    lead = make(
        "lead",
        cast.owner,
        first_name="Jon",
        last_name="Sanz",
        company="Prensas Sanz",
        email="jon@sanz.example",
    )
    deals = [make_deal(cast, accounts[at], *row) for at, row in enumerate(DEALS)]
    change("opportunity", deals[0], cast.owner, next_step="Call them", next_step_date="2020-01-31")
    return Company(cast, accounts, contact, lead, deals)


def make_deal(cast: Cast, account: Account, name: str, stage: str, amount: str | None) -> Opportunity:
    found = Stage.objects.get(name=stage)
    made = make(
        "opportunity",
        cast.owner,
        name=name,
        account=account.pk,
        stage=found.pk,
        amount=amount,
        currency="EUR",
        close_date="2031-03-31",
    )
    assert isinstance(made, Opportunity)
    return made
