"""What the palette offers besides records: commands and saved views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists import listing
from clientela.platform.savedviews import queries
from clientela.platform.search import matching
from clientela.records import registry, urlnames


@dataclass(frozen=True, slots=True)
class Place:
    """Something to go to by name."""

    label: str
    icon: str
    url: str
    note: str = ""


Allowed = Callable[[Actor], bool]
_commands: list[tuple[Any, str, str, Allowed]] = []


def add_command(label: Any, icon: str, url_name: str, allowed: Allowed = lambda actor: True) -> None:
    """Offer the page named `url_name` as a command, to those who are allowed."""
    _commands.append((label, icon, url_name, allowed))


def commands(actor: Actor, text: str) -> list[Place]:
    """The commands whose words hold those of `text`."""
    return list(_with_words(_commands_of(actor), text))


def _commands_of(actor: Actor) -> Iterator[Place]:
    for label, icon, url_name, allowed in _commands:
        if allowed(actor):
            try:
                yield Place(str(label), icon, reverse(url_name))
            except NoReverseMatch:  # the page belongs to a feature that is not installed
                continue


def views(actor: Actor, text: str) -> list[Place]:
    """The saved views, of the kinds in the menu, whose words hold those of `text`."""
    return list(_with_words(_views_of(actor), text)) if text else []


def _views_of(actor: Actor) -> Iterator[Place]:
    """The shipped ones, and in one query those that people saved."""
    saved = list(queries.visible(actor).order_by("name").values_list("record", "pk", "name"))
    for spec in registry.every():
        if not spec.menu or not policy.may(actor, "see", spec):
            continue
        views = [(view.key, str(view.label)) for view in listing.shipped_views(spec, actor)]
        views += [(queries.key_of(view_id), name) for record, view_id, name in saved if record == spec.key]
        for key, label in views:
            yield Place(label, spec.icon, urlnames.list_url(spec, view=key), str(spec.label_plural))


def _with_words(places: Iterable[Place], text: str) -> Iterator[Place]:
    words = matching.words_of(text)
    for place in places:
        folded = matching.folded_query(f"{place.note} {place.label}")
        if all(word in folded for word in words):
            yield place


def add_usual_commands() -> None:
    """Those of every installation."""
    add_command(_("Search everywhere"), "search", "search_page")
    add_command(_("API tokens"), "key-round", "api_tokens")
    add_command(_("API documentation"), "braces", "api_docs")
    add_command(_("Sign out"), "log-out", "account_logout")
