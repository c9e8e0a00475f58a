"""What of leads is compared to find those that are one, and which fields should be filled."""

from __future__ import annotations

from clientela.domain.sales.records import LeadRecord
from clientela.platform.duplicates.comparison import DOMAIN, NAME, PHONE, compare


def declare() -> None:
    """People, as contacts are."""
    compare(
        LeadRecord,
        names=("name",),
        emails=("email",),
        phones=("phone",),
        domains=("email",),
        together=(("name", "first_name", "last_name"),),
        points={NAME: 45, PHONE: 45, DOMAIN: 25},
        weights={
            "last_name": 2,
            "company": 2,
            "email": 3,
            "phone": 2,
            "source": 1,
            "sector": 1,
            "interest": 1,
            "owner": 1,
        },
    )
