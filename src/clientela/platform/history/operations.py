"""One act as a whole: what it did, what of it would go back, and what holds the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.audit.stays import Stay
from clientela.platform.history import entries
from clientela.records import kinds, registry, values
from clientela.records.changes import PAGE
from clientela.records.conditions import is_hidden
from clientela.records.display import Reader
from clientela.records.errors import NotFound, Refused

LISTED = 100
MOST_HANGING = 5_000


@dataclass(frozen=True, slots=True)
class Held:
    """A record that stays, in words: which fields (none: all of it), why, and who did the newer thing."""

    title: str
    fields: Sequence[str]
    reason: str
    later: entries.Entry | None


def of(operation_id: UUID, reader: Reader) -> Any:
    """The changes of an operation that the reader made or administers; raises NotFound."""
    made = Change.objects.filter(operation=operation_id)
    if not made.exists() or (
        not reader.actor.is_admin and made.exclude(actor_id=reader.actor.user_id).exists()
    ):
        raise NotFound(_("There is no such act, or it is not yours."))
    return made


def counted(made: Any) -> list[tuple[str, str, int]]:
    """Kind, verb and number of records, most first."""
    rows = made.order_by().values_list("record", "verb").annotate(n=Count("record_id", distinct=True))
    words = {"create": _("Created"), "update": _("Changed"), "delete": _("Deleted")}
    found = [(_label(record), words[verb], number) for record, verb, number in rows]
    return sorted(found, key=lambda row: -row[2])


def _label(record: str) -> str:
    spec = registry.find(record)
    return str(spec.label_plural) if spec else record


def why_not(operation_id: UUID, reader: Reader) -> str:
    """Why it cannot be undone; "" where it can."""
    if undo.is_undone(operation_id):
        return _("This was undone already.")
    try:
        undo.begin(operation_id, reader.actor, PAGE)
    except (NotFound, Refused) as error:
        return error.message
    return ""


def held(stays: Sequence[Stay], reader: Reader) -> list[Held]:
    """What stays, with the newer changes as the reader may see them."""
    later = {stay.later.pk: stay.later for stay in stays if stay.later is not None}
    shown = {entry.change.pk: entry for entry in entries.shown(list(later.values()), reader)}
    return [
        Held(stay.title, stay.labels, stay.reason, shown.get(stay.later.pk) if stay.later else None)
        for stay in stays
    ]


def json_of_held(stays: Sequence[Stay], reader: Reader) -> list[dict[str, Any]]:
    """What an undo would leave, with the reasons, as JSON; without fields hidden from the reader."""
    return [
        {
            "record": f"{stay.record}:{stay.record_id}",
            "title": stay.title,
            "fields": [name for name in stay.fields if not _hidden(stay.record, name, reader)],
            "reasons": stay.reasons,
            "change": entries.json_of(stay.later, reader) if stay.later else None,
        }
        for stay in stays
    ]


def _hidden(record: str, name: str, reader: Reader) -> bool:
    return is_hidden(values.kept_fields(registry.get(record))[name], reader.actor)


def hanging(change: Change) -> set[int]:
    """Ids of the changes that took with a deleted record what hung on it, itself among them.

    The act may have deleted others too; what went with them stays where it is.
    """
    together = list(Change.objects.filter(operation=change.operation).order_by("-id")[:MOST_HANGING])
    found = {change.pk}
    records = {(change.record, change.record_id)}
    grew = True
    while grew:
        fresh = [
            each
            for each in together
            if each.pk not in found and not records.isdisjoint(_links(each, change.record))
        ]
        found |= {each.pk for each in fresh}
        records |= {(each.record, each.record_id) for each in fresh if each.verb == "delete"}
        grew = bool(fresh)
    return found


def _links(change: Change, kind: str) -> set[tuple[str, int]]:
    """The records that a change's values before named; a file or share tied again by a merge is of `kind`."""
    spec = registry.find(change.record)
    known = values.kept_fields(spec) if spec else {}
    links: set[tuple[str, int]] = set()
    for name, value in change.before.items():
        ref = known.get(name)
        if ref is None:
            continue
        if ref.kind is kinds.Link and ref.target is not None and value is not None:
            links.add((ref.target.key, value))
        elif name == "record_id":
            links.add((str(change.before.get("record", kind)), value))
        elif ref.lines is not None:
            links |= {(str(row.get("record")), int(row.get("record_id") or 0)) for row in value or ()}
    return links
