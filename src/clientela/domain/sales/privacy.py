"""Leads are people too: which of their fields are personal."""

from __future__ import annotations

from clientela.platform.privacy import persons

PERSONAL = (
    "first_name",
    "last_name",
    "company",
    "job_title",
    "email",
    "phone",
    "website",
    "street",
    "city",
    "postal_code",
    "region",
    "interest",
    "external_id",
)


def declare() -> None:
    """Status, amounts and what it became stay, so that figures of where customers come from stay right."""
    persons.declare("lead", personal=PERSONAL)
