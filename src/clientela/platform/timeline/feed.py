"""The story of a record, newest first: notes about it and changes of it, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Length, Substr

from clientela.access import policy
from clientela.kit import dates
from clientela.kit.text import colour_of
from clientela.platform.audit import redacting
from clientela.platform.audit.models import Change
from clientela.platform.timeline import wording
from clientela.platform.timeline.models import Note
from clientela.platform.timeline.titles import titles_of
from clientela.platform.timeline.wording import Difference
from clientela.records import changes, registry
from clientela.records.display import Reader
from clientela.records.spec import Spec

PAGE = 20
HEAD = 2000
"""Letters of a note that the timeline shows; the rest on demand."""
ALL, NOTES, CHANGES = "all", "notes", "changes"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `note` with its id and text where it is a note."""

    kind: str
    id: int
    at: dt.datetime
    who: str
    what: str
    icon: str
    color: str
    time: str = ""
    through: str = ""
    note: Any = None
    body: str = ""
    cut: bool = False
    mine: bool = False
    told: Sequence[Difference] = ()
    operation: UUID | None = None
    """The act, where the reader may look at it whole and take it back."""


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, the newest first."""

    heading: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Feed:
    """`after`: where the next page starts; empty at the end."""

    days: list[Day]
    pinned: list[Entry] = field(default_factory=list)
    after: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.days and not self.pinned


@dataclass(frozen=True, slots=True)
class Told:
    """Records of the kind `key` that hang on others, whose stories tell of them too.

    `ids`: which of them, for a record that the reader sees; `sentence`: what a change of one did, in words.
    """

    key: str
    icon: str
    ids: Callable[[Spec, int, Reader], QuerySet[Any, Any]]
    sentence: Callable[[Change, Reader], str]


_told: dict[str, Told] = {}


def tell_of(told: Told) -> None:
    """Let the story of every record tell also of what hangs on it."""
    _told[told.key] = told


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the feed: the moment, kind and id of the last entry shown."""

    at: dt.datetime
    kind: str
    id: int

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark written as `text`; None for one that is none."""
        try:
            at, kind, number = text.split("_")
            moment = dt.datetime.fromisoformat(at)
            return cls(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC), kind, int(number))
        except (ValueError, OverflowError):
            return None

    def older(self, kind: str, at: str) -> Q:
        """What comes after it among entries of `kind`: ordered by moment, kind and id, downwards."""
        tied = Q(**{at: self.at})
        if kind == self.kind:
            return Q(**{f"{at}__lt": self.at}) | (tied & Q(pk__lt=self.id))
        return Q(**{f"{at}__lt": self.at}) | tied if kind < self.kind else Q(**{f"{at}__lt": self.at})


def feed(
    spec: Spec, record_id: int, reader: Reader, *, show: str = ALL, after: str = "", size: int = PAGE
) -> Feed:
    """A page of the story of a record that the reader sees: two queries, and one for the names in it."""
    mark = Mark.read(after) if after else None
    notes = _notes(spec, record_id, reader, mark, size + 1) if show != CHANGES else []
    changed = _changes(spec, record_id, reader, mark, size + 1) if show != NOTES else []
    pinned = [entry for entry in notes if entry.note.pinned]
    flow = sorted(
        [*(entry for entry in notes if not entry.note.pinned), *changed],
        key=lambda entry: (entry.at, entry.kind, entry.id),
        reverse=True,
    )
    last = flow[size - 1] if len(flow) > size else None
    next_mark = f"{last.at.isoformat()}_{last.kind}_{last.id}" if last else ""
    shown = [] if mark else pinned
    return Feed(_by_day([entry for entry in flow[:size] if entry.what], reader), shown, next_mark)


def _by_day(entries: Sequence[Entry], reader: Reader) -> list[Day]:
    return [
        Day(dates.format_day_heading(day, reader.today, reader.locale), list(together))
        for day, together in groupby(entries, key=lambda entry: entry.at.astimezone(reader.zone).date())
    ]


def _notes(spec: Spec, record_id: int, reader: Reader, mark: Mark | None, size: int) -> list[Entry]:
    rows = Note.objects.filter(links__record=spec.key, links__record_id=record_id)
    if mark is not None:
        rows = rows.filter(mark.older("note", "created_at"), pinned=False)
    ordered = rows.order_by("-pinned", "-created_at", "-pk").select_related("created_by").defer("body")
    return [note_entry(note, reader) for note in ordered.annotate(**_HEAD)[:size]]


_HEAD = {"head": Substr("body", 1, HEAD), "length": Length("body")}


def note_entry(note: Any, reader: Reader, *, whole: bool = False) -> Entry:
    """A note for the timeline; `whole`: with all of its text."""
    author = note.created_by.name if note.created_by else "Clientela"
    body = note.body if whole else note.head
    return Entry(
        "note",
        note.pk,
        note.created_at,
        author,
        "note",
        "sticky-note",
        colour_of(author),
        dates.format_time(note.created_at.astimezone(reader.zone)),
        note=note,
        body=body,
        cut=not whole and note.length > HEAD,
        mine=_may_change(note, reader),
    )


def _may_change(note: Note, reader: Reader) -> bool:
    """What the policy says of most people, without a query for each note."""
    own = note.created_by_id in (None, reader.actor.user_id) or reader.actor.is_admin
    return own and policy.may(reader.actor, "change", registry.get("note"))


def _changes(spec: Spec, record_id: int, reader: Reader, mark: Mark | None, size: int) -> list[Entry]:
    # Found by an index each, and put together by their ids: an OR would read the whole history.
    own = Change.objects.filter(record=spec.key, record_id=record_id).order_by().values("pk")
    parts = [
        Change.objects.filter(record=each.key, record_id__in=each.ids(spec, record_id, reader))
        for each in _told.values()
    ]
    every = own.union(*(part.order_by().values("pk") for part in parts), all=True) if parts else own
    rows = Change.objects.filter(pk__in=every).select_related("actor")
    if mark is not None:
        rows = rows.filter(mark.older("change", "at"))
    found = list(rows.order_by("-at", "-pk")[:size])
    wanted: dict[Spec, set[int]] = {}
    for change in found:
        if change.record == spec.key and change.verb == changes.UPDATE:
            for ref in wording.told_fields(spec, change, reader):
                for target, identifier in wording.linked_ids(ref, change):
                    wanted.setdefault(target, set()).add(identifier)
    titles = titles_of(wanted, reader.actor)
    return [
        _change_entry(spec, change, reader, titles)
        if change.record == spec.key
        else _told_entry(_told[change.record], change, reader)
        for change in found
    ]


def _told_entry(told: Told, change: Change, reader: Reader) -> Entry:
    return _entry(change, reader, told.sentence(change, reader), told.icon)


def _change_entry(spec: Spec, change: Change, reader: Reader, titles: Any) -> Entry:
    """An entry without words in `what` tells of nothing that the reader may see."""
    told = wording.differences(spec, change, reader, titles) if change.verb == changes.UPDATE else []
    silent = change.verb == changes.UPDATE and not told and not change.label
    what = "" if silent else wording.sentence(change, told)
    single = len(told) == 1 and change.undoes is None
    return _entry(change, reader, what, _icon(change), [] if single else told)


def _entry(change: Change, reader: Reader, what: str, icon: str, told: Sequence[Difference] = ()) -> Entry:
    return Entry(
        "change",
        change.pk,
        change.at,
        change.actor.name if change.actor else "Clientela",
        what,
        icon,
        "gray",
        dates.format_time(change.at.astimezone(reader.zone)),
        through=wording.through(change),
        told=told,
        operation=change.operation if _is_own(change, reader) else None,
    )


def _is_own(change: Change, reader: Reader) -> bool:
    """Whose acts one may undo: one's own, or anybody's as an administrator; never what was erased."""
    if change.source == redacting.SOURCE:
        return False
    return reader.actor.is_admin or (
        change.actor_id is not None and change.actor_id == reader.actor.user_id and not reader.actor.read_only
    )


def _icon(change: Change) -> str:
    if change.undoes is not None:
        return "undo-2"
    if change.verb == changes.CREATE:
        return "upload" if change.source == "import" else "plus"
    return "git-commit-horizontal"
