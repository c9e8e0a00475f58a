"""The roles that every installation has: their words, and their rules until somebody changes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clientela.access.rules import ALL, ANY, OWN, READ, TEAM_BELOW, VERBS, WRITE, YES_NO_VERBS, dump

ADMIN, MANAGER, SELLER, READER = "admin", "manager", "seller", "reader"
BACK_OFFICE, SUPPORT, MARKETING, INTEGRATION = "back_office", "support", "marketing", "integration"


@dataclass(frozen=True)
class ReadyMade:
    """`rules`: as text, see `access.rules`."""

    name: Any
    description: Any
    rules: str = "{}"
    is_administrator: bool = field(default=False)


def _rules(private: str = "hidden", *, imports: bool = False, **verbs: Any) -> str:
    """Every module on, and the same for every kind of record; a verb that is not named is refused."""
    verbs["import"] = imports
    given = {verb: verbs.get(verb, False if verb in YES_NO_VERBS else "none") for verb in VERBS}
    return dump({"modules": {ANY: True}, "records": {ANY: given}, "private": private})


_MANAGER = _rules(
    WRITE, create=True, see=TEAM_BELOW, change=TEAM_BELOW, delete=TEAM_BELOW, export=TEAM_BELOW,
    bulk=TEAM_BELOW, imports=True,
)  # fmt: skip
_SELLER = _rules(
    create=True, see=TEAM_BELOW, change=OWN, delete=OWN, export=TEAM_BELOW, bulk=OWN, imports=True
)
_BACK_OFFICE = _rules(READ, create=True, see=ALL, change=ALL, delete=OWN, export=ALL, bulk=ALL, imports=True)

ROLES = {
    ADMIN: ReadyMade(
        _("Administrator"),
        _("Sees and changes everything, and sets up the product."),
        is_administrator=True,
    ),
    MANAGER: ReadyMade(
        _("Sales manager"),
        _("Everything of the own team and of those below it, with what is confidential."),
        _MANAGER,
    ),
    SELLER: ReadyMade(
        _("Salesperson"), _("Sees what the team has and changes what is his or her own."), _SELLER
    ),
    BACK_OFFICE: ReadyMade(
        _("Back office"), _("Sees and changes everybody's records, and sets nothing up."), _BACK_OFFICE
    ),
    SUPPORT: ReadyMade(
        _("Support"),
        _("Sees everybody's records and changes the own ones; takes no lists away."),
        _rules(create=True, see=ALL, change=OWN, bulk=OWN),
    ),
    MARKETING: ReadyMade(
        _("Marketing"),
        _("Sees, imports and exports everybody's records, and changes the own ones."),
        _rules(create=True, see=ALL, change=OWN, delete=OWN, export=ALL, bulk=OWN, imports=True),
    ),
    READER: ReadyMade(
        _("Read-only executive"),
        _("Sees and exports everything, and changes nothing."),
        _rules(see=ALL, export=ALL),
    ),
    INTEGRATION: ReadyMade(
        _("Integration"),
        _("For another program: reads, creates and changes, and deletes nothing."),
        _rules(create=True, see=ALL, change=ALL, export=ALL, imports=True),
    ),
}


def name_of(key: str | None, name: str) -> str:
    """`name`, in the reader's language where it is still the ready-made role's own in some language."""
    return str(ROLES[key].name) if key in ROLES and _keys_by_name().get(name) == key else name


def in_words(name: str) -> str:
    """The name of a ready-made role in the reader's language, from that in any; another name as it is."""
    return name_of(_keys_by_name().get(name), name)


@cache
def _keys_by_name() -> dict[str, str]:
    languages = [language for language, _label in settings.LANGUAGES]
    return {_name_in(key, language): key for key in ROLES for language in languages}


def _name_in(key: str, language: str) -> str:
    with translation.override(language):
        return str(ROLES[key].name)
