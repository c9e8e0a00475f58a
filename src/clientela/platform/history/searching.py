"""Looking through a log of millions: the filters of its page, and its rows a page at a time by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.audit.models import Change, SecurityEvent

PAGE = 50
WINDOW = 20_000
"""Rows that one page looks through for words that no index knows; then it offers to look further back."""
PEOPLE = 100
CHANGE_FILTERS = ("person", "record", "kind", "through", "q", "since", "until", "address")
EVENT_FILTERS = ("person", "kind", "q", "since", "until", "address")
# The ends of what a moment can be, with room for a zone and a day more.
EARLIEST, LATEST = dt.date(dt.MINYEAR + 1, 1, 1), dt.date(dt.MAXYEAR - 1, 12, 31)
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """`after`: the mark where the next page starts, "" at the end. `looked`: how far back, if it gave up."""

    rows: Sequence[Any]
    after: str = ""
    looked: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as written; what cannot be read finds nothing rather than everything."""

    given: Mapping[str, str]
    actor: Actor

    @classmethod
    def of(cls, parameters: Any, names: Sequence[str], actor: Actor) -> Filters:
        found = {name: str(parameters.get(name, "")).replace("\x00", "").strip()[:200] for name in names}
        return cls({name: value for name, value in found.items() if value}, actor)

    def query(self, **more: str) -> str:
        return urlencode({**self.given, **more})

    def text(self, name: str) -> str:
        return self.given.get(name, "")

    def day(self, name: str) -> dt.datetime | None:
        """The beginning of a day where the reader is."""
        try:
            day = dt.date.fromisoformat(self.text(name))
            day = max(EARLIEST, min(day, LATEST))
            return dt.datetime.combine(day, dt.time(), ZoneInfo(self.actor.time_zone))
        except ValueError:
            return None


def changes(filters: Filters) -> tuple[Rows, Q]:
    """The changes that an index finds, newest first, and what else they must be."""
    rows = _between(Change.objects.all(), filters)
    rows = _by_people(rows, filters, "actor_id")
    key, _colon, number = filters.text("record").partition(":")
    rest = Q()
    if key and number.isascii() and number.isdigit() and len(number) < 19:
        rows = rows.filter(record=key, record_id=int(number))
    elif key:
        rest &= Q(title__icontains=filters.text("record"))
    if filters.text("kind"):
        rest &= Q(record=filters.text("kind"))
    if filters.text("through"):
        source, _space, reference = filters.text("through").partition(" ")
        rest &= Q(source=source, **({"reference": reference} if reference else {}))
    if filters.text("q"):
        words = filters.text("q")
        rest &= Q(title__icontains=words) | Q(label__icontains=words) | Q(reference__icontains=words)
    return rows.order_by("-at", "-id"), rest & _address(filters)


def events(filters: Filters) -> tuple[Rows, Q]:
    """The security events, likewise."""
    rows = _by_people(_between(SecurityEvent.objects.all(), filters), filters, "user_id")
    rest = Q(kind=filters.text("kind")) if filters.text("kind") else Q()
    if filters.text("q"):
        words = filters.text("q")
        rest &= Q(detail__icontains=words) | Q(user_agent__icontains=words)
    return rows.order_by("-at", "-id"), rest & _address(filters)


def _address(filters: Filters) -> Q:
    return Q(address__startswith=filters.text("address")) if filters.text("address") else Q()


def _between(rows: Rows, filters: Filters) -> Rows:
    since, until = filters.day("since"), filters.day("until")
    if (filters.text("since") and since is None) or (filters.text("until") and until is None):
        return rows.none()
    rows = rows.filter(at__gte=since) if since else rows
    return rows.filter(at__lt=until + dt.timedelta(days=1)) if until else rows


def _by_people(rows: Rows, filters: Filters, name: str) -> Rows:
    words = filters.text("person")
    if not words:
        return rows
    people = User.objects.filter(Q(name__icontains=words) | Q(email__icontains=words)).order_by("pk")
    return rows.filter(**{f"{name}__in": list(people.values_list("pk", flat=True)[:PEOPLE])})


def page(rows: Rows, rest: Q, after: str = "", size: int = PAGE) -> Found:
    """A page of rows after a mark; at most WINDOW rows are looked through for what `rest` asks."""
    rows = rows.filter(_older(after)) if after else rows
    if not rest:
        found = list(rows[: size + 1])
        return Found(found[:size], _mark(found[size - 1]) if len(found) > size else "")
    edge = rows[WINDOW - 1 : WINDOW].values_list("at", "id").first() if _is_long(rows) else None
    inside = rows if edge is None else rows.filter(Q(at__gt=edge[0]) | Q(at=edge[0], id__gte=edge[1]))
    found = list(inside.filter(rest)[: size + 1])
    if len(found) > size:
        return Found(found[:size], _mark(found[size - 1]))
    return Found(found, f"{edge[0].isoformat()}_{edge[1]}", edge[0]) if edge else Found(found)


def _is_long(rows: Rows) -> bool:
    return bool(rows[WINDOW : WINDOW + 1])


def _mark(row: Any) -> str:
    return f"{row.at.isoformat()}_{row.pk}"


def _older(mark: str) -> Q:
    """Rows after a mark; nothing after one that cannot be read."""
    try:
        at, number = mark.split("_")
        moment = dt.datetime.fromisoformat(at)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return Q(at__lt=moment) | Q(at=moment, id__lt=int(number[:19]))
    except (ValueError, OverflowError):
        return Q(pk__in=[])
