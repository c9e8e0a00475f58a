"""A page that a room adds to the settings. Without models: apps call it while they load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

COMPANY = (10, _("Company"))
RECORDS = (20, _("Records"))
WORDS = (30, _("Lists of values"))
Group = tuple[int, Any]


@dataclass(frozen=True)
class Page:
    """`group` is a place and a label; `replaces`: kinds of record that have no entry of their own then."""

    key: str
    label: Any
    icon: str
    url_name: str
    group: Group = RECORDS
    text: Any = ""
    replaces: tuple[str, ...] = ()


_pages: list[Page] = []


def add_page(page: Page) -> None:
    """A page that a room brings; it asks for an administrator itself (`views.administrators`)."""
    if page not in _pages:
        _pages.append(page)


def added() -> Sequence[Page]:
    """The pages that rooms have added, in the order they did."""
    return tuple(_pages)
