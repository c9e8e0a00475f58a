"""What of accounts and contacts is compared to find those that are one, and which fields should be filled."""

from __future__ import annotations

from clientela.platform.duplicates.comparison import DOMAIN, LINK, NAME, PHONE, compare

STREET = ("street", "postal_code", "city")
# How much each field matters that should be filled.
ACCOUNT_WEIGHTS = {
    "name": 3,
    "tax_id": 3,
    "phone": 2,
    "email": 2,
    "street": 1,
    "city": 1,
    "country": 1,
    "sector": 1,
    "zone": 1,
    "owner": 1,
    "website": 1,
}
CONTACT_WEIGHTS = {
    "first_name": 1,
    "last_name": 2,
    "email": 3,
    "phone": 2,
    "account": 2,
    "job_title": 1,
    "owner": 1,
}


def declare() -> None:
    """Names of companies tell more than those of people; colleagues share a telephone and a domain."""
    compare(
        "account",
        names=("name",),
        companies=True,
        tax_ids=("tax_id",),
        emails=("email", "emails__email"),
        phones=("phone", "phones__phone"),
        domains=("website", "email"),
        address=STREET,
        apart=("parent",),
        together=(("tax_id", "tax_country"),),
        weights=ACCOUNT_WEIGHTS,
    )
    compare(
        "contact",
        names=("name",),
        emails=("email", "emails__email"),
        phones=("phone", "phones__phone"),
        domains=("email",),
        links=("account",),
        together=(("name", "first_name", "last_name"), ("account", "role")),
        points={NAME: 45, PHONE: 35, DOMAIN: 25, LINK: 35},
        weights=CONTACT_WEIGHTS,
    )
