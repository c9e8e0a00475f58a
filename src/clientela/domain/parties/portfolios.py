"""How accounts and contacts are shared among people, and handed over."""

from __future__ import annotations

from clientela.domain.parties.models import Account, Contact
from clientela.platform.handover import work
from clientela.platform.people import territories
from clientela.platform.people.territories import Territory


def declare() -> None:
    """Zones divide the market; a contact goes along with its account."""
    territories.declare(Territory("zone", "people"))
    work.declare(Account, territory="zone")
    work.declare(Contact, follows=("account",), territory="account__zone")
