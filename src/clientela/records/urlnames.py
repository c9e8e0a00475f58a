"""Addresses of a record's pages, by its plural; the one place that spells them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from clientela.records.spec import Spec


def list_url(spec: Spec, **query: str) -> str:
    """The list, with this query."""
    return _with(reverse("record_list", args=[spec.plural]), query)


def view_url(spec: Spec, view: str, /, **query: str) -> str:
    """Another way to look at the list: board, calendar, chart, totals, columns..."""
    return _with(reverse(f"record_{view}", args=[spec.plural]), query)


def record_url(spec: Spec, record_id: Any, **query: str) -> str:
    """The page of a record; `record_id` may stand for one that is not known yet."""
    return _with(reverse("record_page", args=[spec.plural, record_id]), query)


def part_url(spec: Spec, record_id: Any, part: str, *args: Any) -> str:
    """A part of one record: field, action, delete, move, panel..."""
    return reverse(f"record_{part}", args=[spec.plural, record_id, *args])


def create_url(spec: Spec) -> str:
    """The form for a new record."""
    return reverse("record_create", args=[spec.plural])


def options_url(spec: Spec) -> str:
    """Where a link field finds its candidates."""
    return reverse("record_options", args=[spec.plural])


def _with(url: str, query: dict[str, str]) -> str:
    return f"{url}?{urlencode(query)}" if query else url


def maybe(name: str, *args: Any) -> str:
    """The address of a page that a higher app may offer, or "" where there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
