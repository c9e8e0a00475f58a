"""Changes as their reader may see them: nobody is told the name or the value of what is hidden from him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.platform.audit.models import Change
from clientela.platform.timeline import wording
from clientela.platform.timeline.titles import Titles, titles_of
from clientela.platform.timeline.wording import Difference
from clientela.records import changes, refs, registry, urlnames
from clientela.records.conditions import is_hidden
from clientela.records.display import Reader
from clientela.records.spec import Spec


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, in words. `url`: of the record, where it is there and may be seen."""

    change: Change
    kind: str
    title: str
    url: str
    verb: str
    through: str
    told: Sequence[Difference]

    @property
    def who(self) -> str:
        return self.change.actor.name if self.change.actor else "Clientela"


def shown(found: Sequence[Change], reader: Reader) -> list[Entry]:
    """The entries of changes read with their people: one query for all the names in them."""
    titles = titles_of(_wanted(found, reader), reader.actor)
    return [_entry(change, reader, titles) for change in found]


def _wanted(found: Sequence[Change], reader: Reader) -> dict[Spec, set[int]]:
    wanted: dict[Spec, set[int]] = {}
    for change in found:
        spec = registry.find(change.record)
        if spec is None:
            continue
        wanted.setdefault(spec, set()).add(change.record_id)
        for ref in wording.told_fields(spec, change, reader):
            for target, identifier in wording.linked_ids(ref, change):
                wanted.setdefault(target, set()).add(identifier)
    return wanted


def _entry(change: Change, reader: Reader, titles: Titles) -> Entry:
    spec = registry.find(change.record)
    is_there = (change.record, change.record_id) in titles
    # Who deleted it himself knows what it was called.
    mine = change.verb == changes.DELETE and change.actor_id == reader.actor.user_id
    return Entry(
        change,
        str(spec.label) if spec else change.record,
        title_of(change, reader) if is_there or mine or reader.actor.is_admin else "…",
        urlnames.record_url(spec, change.record_id) if spec and is_there else "",
        verb_of(change),
        through(change),
        wording.differences(spec, change, reader, titles) if spec else [],
    )


def title_of(change: Change, reader: Reader) -> str:
    """The title that the record had, unless its field is hidden from the reader."""
    spec = registry.find(change.record)
    hidden = spec is not None and is_hidden(refs.fields_of(spec)[spec.title], reader.actor)
    return "…" if hidden else change.title or f"{change.record} {change.record_id}"


def verb_of(change: Change) -> str:
    """What was done, in the reader's words."""
    words = {changes.CREATE: _("Created"), changes.UPDATE: _("Changed"), changes.DELETE: _("Deleted")}
    return f"{_('Undone')}: {words[change.verb]}" if change.undoes else words[change.verb]


def through(change: Change) -> str:
    """Through what it came: "API token clt_3v9", "Import 17"."""
    words: dict[str, Any] = {
        "page": pgettext("through", "Page"),
        "api": pgettext("through", "API token"),
        "import": pgettext("through", "Import"),
        "rule": pgettext("through", "Rule"),
        "merge": pgettext("through", "Merge"),
        "hand-over": pgettext("through", "Hand-over"),
        "undo": pgettext("through", "Undo"),
        "erasure": pgettext("through", "Erasure"),
        "system": pgettext("through", "System"),
    }
    # A merge tells as its reference through what somebody merged.
    reference = (
        words.get(change.reference, change.reference) if change.source == "merge" else change.reference
    )
    parts = (words.get(change.source, change.source), "" if change.reference == "page" else reference)
    return " ".join(str(part) for part in parts if part)


def json_of(change: Change, reader: Reader) -> dict[str, Any]:
    """What the API tells of a change: without the fields that are hidden from the reader."""
    spec = registry.find(change.record)
    known = refs.fields_of(spec) if spec else {}
    hidden = {name for name, ref in known.items() if is_hidden(ref, reader.actor)}
    told = {
        "id": change.pk,
        "at": change.at,
        "operation": change.operation,
        "undoes": change.undoes,
        "who": change.actor_id,
        "on_behalf_of": change.on_behalf_of_id,
        "through": change.source,
        "reference": change.reference,
        "label": change.label,
        "record": f"{change.record}:{change.record_id}",
        "title": None if spec is None or spec.title in hidden else change.title,
        "verb": change.verb,
        "before": {
            name: value for name, value in change.before.items() if name in known and name not in hidden
        },
        "after": {
            name: value for name, value in change.after.items() if name in known and name not in hidden
        },
    }
    return told | ({"address": change.address} if reader.actor.is_admin else {})
