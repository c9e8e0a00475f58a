"""What of leads is compared to find those that are one, and which fields should be filled."""

from __future__ import annotations

from clientela.platform.duplicates.comparison import DOMAIN, NAME, PHONE, compare

# How much each field matters that should be filled.
LEAD_WEIGHTS = {
    "last_name": 2,
    "company": 2,
    "email": 3,
    "phone": 2,
    "source": 1,
    "sector": 1,
    "interest": 1,
    "owner": 1,
}


def declare() -> None:
    """People, as contacts are."""
    compare(
        "lead",
        names=("name",),
        emails=("email",),
        phones=("phone",),
        domains=("email",),
        together=(("name", "first_name", "last_name"),),
        points={NAME: 45, PHONE: 45, DOMAIN: 25},
        weights=LEAD_WEIGHTS,
    )
