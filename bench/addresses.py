"""Every address that may be a page: taken from the routes, filled in with what the demo has."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from clientela.access.actor import Actor, actor_of
from clientela.access.models import Role, Team, User
from clientela.domain.sales.models import Pipeline, Stage
from clientela.platform.audit.models import Change
from clientela.platform.duplicates.models import Pair
from clientela.platform.pages import panels
from clientela.platform.timeline.models import Note
from clientela.platform.transfer.models import ImportJob
from clientela.records import query, registry
from clientela.records.spec import Spec

# What stands behind the question mark: each makes a page of its own.
ASKED = {
    "record_list": ("", "view=all", "view=all&q=ebro"),
    "record_board": ("", "view=all"),
    "record_chart": ("", "view=all"),
    "record_calendar": ("", "view=all"),
    "record_totals": ("view=all",),
    "record_options": ("q=", "q=ebro"),
    "search_page": ("q=ebro",),
    "search_palette": ("q=ebro",),
    "timeline": ("", "kind=changes"),
}
NOT_PAGES = ("api/v1", "^api", "account/company/", "account/logout")


def of_pages(user: User) -> Iterator[tuple[str, str]]:
    """The name of each route with an address of it, in the order of the routes, none twice."""
    actor, seen = actor_of(user), set()
    for route, name, wanted in _routes(get_resolver()):
        if not name or route.startswith(NOT_PAGES):
            continue
        for address in _filled(name, wanted, actor):
            for asked in ASKED.get(name, ("",)):
                whole = f"{address}?{asked}" if asked else address
                if whole not in seen:
                    seen.add(whole)
                    yield name, whole


def _routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each route, its name and what it wants filled in."""
    for found in resolver.url_patterns:
        route = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from _routes(found, route)
        elif isinstance(found, URLPattern):
            yield route, found.name or "", tuple(found.pattern.regex.groupindex)


def _filled(name: str, wanted: tuple[str, ...], actor: Actor) -> Iterator[str]:
    specs = list(registry.every()) if "plural" in wanted else [registry.get("lead")]
    for spec in specs:
        choices = [_values(name, each, spec, actor) for each in wanted]
        for values in itertools.product(*choices):
            try:
                yield reverse(name, kwargs=dict(zip(wanted, values, strict=True)))
            except NoReverseMatch:
                continue


def _values(name: str, wanted: str, spec: Spec, actor: Actor) -> list[Any]:
    """What the demo has for a part of an address; nothing, and it is no page of the demo."""
    if wanted == "plural":
        return [spec.plural]
    if wanted == "record_id":
        return _first(query.visible(spec, actor).order_by("pk"))
    if wanted == "name":
        return _parts(name, spec)
    if wanted == "moment":
        return [dt.datetime.now(dt.UTC).date().isoformat()]
    if wanted in ("key", "verb"):
        return ["account" if wanted == "key" else "see"]
    if wanted == "operation":
        return list(Change.objects.order_by("-pk").values_list("operation", flat=True)[:1])
    return _first(MODELS[wanted].objects.order_by("pk")) if wanted in MODELS else []


def _first(rows: Any) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:1])


def _parts(name: str, spec: Spec) -> list[str]:
    if name == "record_panel":
        return [panels.name_of(panel) for panel in registry.panels_of(spec)]
    if name == "record_action":
        return [action.name for action in spec.actions]
    return [*dict.fromkeys((spec.title, *spec.inline[:3]))]


MODELS: dict[str, Any] = {
    "person_id": User,
    "team_id": Team,
    "role_id": Role,
    "change_id": Change,
    "pair_id": Pair,
    "job_id": ImportJob,
    "note_id": Note,
    "pipeline_id": Pipeline,
    "stage_id": Stage,
}
