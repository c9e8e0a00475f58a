"""The frame's data for a page: menu, favourite views and the person, for the template context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from clientela.access import policy
from clientela.access.actor import Actor, actor_of
from clientela.access.models import User
from clientela.records import registry, urlnames
from clientela.ui.shell import CreateItem, Favourite, NavGroup, NavItem, Shell, ShellUser

FavouriteSource = Callable[[Actor], Sequence[Favourite]]
_favourites: list[FavouriteSource] = []
_pages: list[tuple[int, str, Any, str, str]] = []


def favourites_from(source: FavouriteSource) -> None:
    """Let the saved views give the favourites of a person."""
    _favourites.append(source)


def add_page(place: int, key: str, label: Any, icon: str, url_name: str) -> None:
    """A page of its own in the menu, from a higher app."""
    _pages.append((place, key, label, icon, url_name))


def context(request: HttpRequest) -> dict[str, Any]:
    """Django context processor: `shell` for somebody signed in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"shell": shell_for(user)}


def shell_for(user: User) -> Shell:
    """The frame around every page, as this person sees it."""
    actor = actor_of(user)
    return Shell(
        workspace=settings.WORKSPACE_NAME,
        user=ShellUser(user.name, user.initials, user.color, _url("profile")),
        menu=[NavGroup(None, _menu(actor))],
        language=user.language,
        theme=user.theme,
        density=user.density,
        shortcuts_enabled=user.shortcuts,
        favourites=[favourite for source in _favourites for favourite in source(actor)],
        create=_creatable(actor),
        tabs=_tabs(actor),
        url_palette=_url("search_palette"),
        url_theme=_url("profile_theme"),
        url_sign_out=_url("account_logout"),
        url_settings=_url("settings") if actor.is_admin else "",
        seen_as=user.name if actor.seen_by is not None else "",
        url_stop_seeing=_url("people_see_as_stop"),
    )


def _menu(actor: Actor) -> list[NavItem]:
    records = [
        (
            spec.menu,
            NavItem(spec.key, str(spec.label_plural), spec.icon, urlnames.list_url(spec), go=spec.keyboard),
        )
        for spec in registry.every()
        if spec.menu and policy.may(actor, "see", spec)
    ]
    pages = [(place, NavItem(key, str(label), icon, _url(name))) for place, key, label, icon, name in _pages]
    return [item for _place, item in sorted([*records, *pages], key=lambda each: each[0])]


def _tabs(actor: Actor) -> list[NavItem]:
    """The two links of the bar on phones: what is worked on a board first, then the menu's order."""
    boards = {spec.key for spec in registry.every() if spec.board is not None}
    return sorted(_menu(actor), key=lambda item: item.key not in boards)[:2]


def _creatable(actor: Actor) -> list[CreateItem]:
    return [
        CreateItem(str(spec.label), spec.icon, urlnames.create_url(spec), spec.keyboard)
        for spec in sorted(registry.every(), key=lambda each: each.menu)
        if spec.menu and policy.may(actor, "create", spec)
    ]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
