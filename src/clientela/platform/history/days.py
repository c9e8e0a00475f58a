"""The bar over a past page: which day it shows, and the way to others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.lists import listing
from clientela.records.spec import Spec


@dataclass(frozen=True, slots=True)
class Bar:
    """`day` is shown; `action` takes another one with what is `kept`; `jumps` are (label, day, address)."""

    action: str
    kept: list[tuple[str, str]]
    day: dt.date | None
    latest: dt.date
    before: str
    after: str
    jumps: list[tuple[str, dt.date, str]]


def bar_of(
    request: HttpRequest, spec: Spec, actor: Actor, record_id: int | None, moment: dt.datetime | None
) -> Bar:
    """The bar of the page that `request` asks for, which shows `moment` or none yet."""
    zone = ZoneInfo(actor.time_zone)
    today = timezone.now().astimezone(zone).date()
    day = moment.astimezone(zone).date() if moment is not None else None

    def of(wanted: dt.date) -> str:
        return address(request, spec, record_id, wanted.isoformat())

    one = dt.timedelta(days=1)
    return Bar(
        reverse(*_choice(spec, record_id)),
        [(name, str(value)) for name, value in request.GET.items() if name != "date"],
        day,
        today,
        of(day - one) if day is not None and day > dt.date.min else "",
        of(day + one) if day is not None and day < today else "",
        [(label, wanted, of(wanted)) for label, wanted in _usual(today)],
    )


def _choice(spec: Spec, record_id: int | None) -> tuple[str, None, list[object]]:
    if record_id is None:
        return "past_choose", None, [spec.plural]
    return "past_choose_record", None, [spec.plural, record_id]


def _usual(today: dt.date) -> Iterator[tuple[str, dt.date]]:
    yield _("Yesterday"), today - dt.timedelta(days=1)
    yield _("A week ago"), today - dt.timedelta(days=7)
    yield _("At the end of last month"), today.replace(day=1) - dt.timedelta(days=1)
    yield _("At the end of last year"), dt.date(today.year - 1, 12, 31)


def address(request: HttpRequest, spec: Spec, record_id: int | None, text: str) -> str:
    """Of the list or the record as at the moment `text`, with the list's own filter and sort."""
    if record_id is not None:
        return reverse("past_record", args=[spec.plural, record_id, text])
    left = request.GET.copy()
    for name in ("date", "page"):
        left.pop(name, None)
    return listing.with_query(reverse("past_list", args=[spec.plural, text]), left.urlencode())
