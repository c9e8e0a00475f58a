"""Contacts are people: which of their fields are personal."""

from __future__ import annotations

from clientela.platform.privacy import persons

PERSONAL = (
    "first_name",
    "last_name",
    "salutation",
    "job_title",
    "department",
    "email",
    "phone",
    "street",
    "city",
    "postal_code",
    "region",
    "emails",
    "phones",
    "addresses",
    "birthday",
    "description",
    "external_id",
)


def declare() -> None:
    """The tie to accounts stays, so that deals and accounts stay right; the country stays for figures."""
    persons.declare("contact", personal=PERSONAL)
