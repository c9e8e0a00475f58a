"""The moment that somebody asks for, and reading records as they were then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.audit.models import Purge, Seal
from clientela.platform.history import shadow
from clientela.platform.history.shadow import Past
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec


def moment_of(text: str, actor: Actor) -> dt.datetime:
    """The moment written in ISO 8601; a bare date is the end of that day where the actor is.

    Without a zone the actor's own counts. Raises ConditionError for what is no moment, not past, or before
    the history that is kept.
    """
    moment = _read(text.strip(), ZoneInfo(actor.time_zone))
    if moment > timezone.now():
        raise _unreadable(_("Choose a moment that has passed."))
    edge = _put_away_until()
    if edge is not None and moment < edge:
        raise _unreadable(_("The history of that time was put away."))
    return moment


def _read(text: str, zone: ZoneInfo) -> dt.datetime:
    try:
        if len(text) <= 10:
            day = dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), zone).astimezone(dt.UTC)
            end = day + dt.timedelta(days=1, microseconds=-1)
            return max(day, min(end, timezone.now()))
        moment = dt.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise _unreadable(
            _("“%(text)s” is no date: write 2026-03-31 or 2026-03-31T09:30.") % {"text": text[:40]}
        ) from error


def _unreadable(words: str) -> ConditionError:
    return ConditionError(words, "as_of")


def _put_away_until() -> dt.datetime | None:
    """Before it, changes are no longer in the database."""
    newest = Purge.objects.filter(log="changes").order_by("-last").first()
    seal = Seal.objects.filter(log="changes", last=newest.last).first() if newest else None
    return seal.sealed_at if seal else None


@contextmanager
def read(
    spec: Spec, moment: dt.datetime, actor: Actor, only: Collection[int] | None = None
) -> Iterator[dict[Spec, Past]]:
    """Inside, records of this kind and those they link to are read as at `moment`. Raises TooMuch."""
    with shadow.as_of(moment, shadow.linked(spec), actor, only) as pasts:
        yield pasts
