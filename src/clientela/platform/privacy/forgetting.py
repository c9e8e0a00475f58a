"""What goes from each row of the history when a person is erased: of her own records and of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from clientela.access.models import User
from clientela.platform.audit import redacting, rewriting
from clientela.platform.audit.models import Change, Redaction, SecurityEvent
from clientela.platform.privacy import persons
from clientela.platform.privacy.traces import GONE, Traces
from clientela.records import changes, registry, save, values
from clientela.records.spec import Spec

FILE, NOTE = "attachment", "note"
OF_NOTES, OF_FILES = frozenset({"body"}), frozenset({"name", "stored"})
Ids = dict[str, set[int]]


@dataclass(slots=True)
class Rule:
    """Of one erasure: `own`: by kind, her records (several where she was merged, or is twice in the bin),
    with the notes and files that go; `titles`: what a record is called then."""

    operation: UUID
    own: Ids
    titles: Mapping[str, str]
    traces: Traces
    _shown: dict[tuple[str, int], bool] = field(default_factory=dict)

    def without(self, change: Change) -> None:
        """Take out of a change what it must no longer say."""
        if change.record_id in self.own.get(change.record, ()):
            self._of_hers(change)
        else:
            self._of_others(change)

    def _of_hers(self, change: Change) -> None:
        """Values go with the names of their fields. What the erasure itself wrote stays: it shows what was
        emptied. A deletion keeps a title, so that what is in the bin can be called something."""
        names = _names(change.record)
        title = registry.get(change.record).title
        change.title = self._title(change)
        stays = change.title and change.verb == changes.DELETE and title in change.before
        kept = {title: change.title} if stays else {}
        change.before = {name: value for name, value in change.before.items() if name not in names} | kept
        if change.operation != self.operation:
            change.label = ""
            change.after = {name: value for name, value in change.after.items() if name not in names}

    def _title(self, change: Change) -> str:
        text = self.titles.get(change.record, "")
        return text % {"id": change.record_id} if text else ""

    def _of_others(self, change: Change) -> None:
        """Where the record itself still names her, its history is left: who reads one reads the other."""
        change.label = self.traces.cut(change.label)
        if change.operation == self.operation or self.shows(change.record, change.record_id):
            return
        title = self.traces.cut(change.title)
        change.title = title or (GONE if change.title else "")
        change.before = self.traces.cut_json(change.before)
        change.after = self.traces.cut_json(change.after)

    def shows(self, key: str, record_id: int) -> bool:
        """Whether a record that is there names her as it is now."""
        place = (key, record_id)
        if place not in self._shown:
            spec = registry.find(key)
            found = spec.model._base_manager.filter(pk=record_id).first() if spec else None
            self._shown[place] = found is not None and self.traces.names_her(_words(spec, found))
        return self._shown[place]


def _words(spec: Spec | None, instance: Any) -> str:
    assert spec is not None
    kept = json.dumps(values.snapshot(spec, instance), ensure_ascii=False, default=str)
    return f"{save.title_of(spec, instance)}\n{kept}"


def _names(key: str) -> frozenset[str]:
    """The fields of a kind that go."""
    if key in (NOTE, FILE):
        return OF_NOTES if key == NOTE else OF_FILES
    spec = registry.get(key)
    return frozenset({spec.title, *persons.personal(spec)})


def forget(rule: Rule) -> list[Redaction]:
    """Write the history anew by the rule, in the database and in files; returns what was signed."""
    hers = Q(pk__in=[])
    for key, ids in rule.own.items():
        hers |= Q(record=key, record_id__in=ids)
    rows = set(Change.objects.filter(hers).values_list("pk", flat=True))
    rows |= set(naming(rule.traces).values_list("pk", flat=True))
    return [
        *redacting.redact(rows, rule.without, rule.operation),
        *_forget_events(rule),
        *rewriting.rewrite(rule.without, rule.operation),
    ]


def _forget_events(rule: Rule) -> list[Redaction]:
    """The other log, where a refused file or a try at signing in may name her; not those who work here."""
    staff = set(User.objects.filter(email__in=rule.traces.emails).values_list("email", flat=True))
    traces = Traces(rule.traces.names, rule.traces.emails - staff, rule.traces.phones)

    def without(event: SecurityEvent) -> None:
        event.detail = traces.cut(event.detail)

    rows = SecurityEvent.objects.filter(traces.q("detail")).values_list("pk", flat=True)
    return redacting.redact(rows, without, rule.operation, log="security")


def naming(traces: Traces) -> Any:
    """Changes of any record that may name her: goes through the whole history once."""
    rows = Change.objects.annotate(_was=Cast("before", TextField()), _is=Cast("after", TextField()))
    return rows.filter(traces.q("title", "label", "_was", "_is"))


def hanging(key: str, subjects: Ids) -> Iterator[Change]:
    """The deletions of notes or files (`key`) that hung on any of these records."""
    rows = Change.objects.filter(record=key, verb=changes.DELETE)
    for subject, ids in subjects.items():
        if key == FILE:
            yield from rows.filter(before__record=subject, before__record_id__in=list(ids))
            continue
        told = rows.annotate(_was=Cast("before", TextField()))
        for number in ids:
            # PostgreSQL writes a blank after the colon, what we write into SQLite has none.
            spelled = Q(_was__contains=f'"record_id": {number}') | Q(_was__contains=f'"record_id":{number}')
            for change in told.filter(spelled):
                links: Iterable[dict[str, Any]] = change.before.get("links") or ()
                if any((each.get("record"), each.get("record_id")) == (subject, number) for each in links):
                    yield change


def twice_in_the_bin(traces: Traces) -> Ids:
    """Deleted records about a person with her name, e-mail or telephone: taken to be hers."""
    found: Ids = {}
    for change in naming(traces).filter(verb=changes.DELETE):
        spec = registry.find(change.record)
        if spec is None or persons.of(spec) is None or not _is_hers(traces, change):
            continue
        if not spec.model._base_manager.filter(pk=change.record_id).exists():
            found.setdefault(spec.key, set()).add(change.record_id)
    return found


def _is_hers(traces: Traces, change: Change) -> bool:
    told = json.dumps(change.before, ensure_ascii=False, default=str)
    return traces.names_her(f"{change.title}\n{told}")
