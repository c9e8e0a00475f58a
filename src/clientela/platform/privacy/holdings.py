"""Everything held about one person, gathered: fields, notes, files, changes, and what is tied to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clientela.platform.attachments.models import Attachment
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import references
from clientela.platform.duplicates.models import Absorbed
from clientela.platform.privacy.traces import Traces, gather
from clientela.platform.timeline.models import Note
from clientela.records import changes, kinds, save, values
from clientela.records.errors import NotFound
from clientela.records.spec import Spec

APART = frozenset({"note", "attachment", "share"})
"""Kinds of record that hang on others, told on their own."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held; `ids`: of the record itself and of those that were merged into it. `instance`: None where
    the record is in the bin."""

    spec: Spec
    record_id: int
    title: str
    instance: Any
    ids: tuple[int, ...]
    notes: list[Any]
    files: list[Attachment]
    changes: Any
    linked: list[tuple[Spec, int, str]]


def of(spec: Spec, record_id: int) -> Held:
    """Gather it: a fixed number of queries for each kind of record that can be tied to it. Raises NotFound
    where there is no such record, nor in the bin."""
    instance = _subject(spec, record_id)
    ids = (record_id, *absorbed(spec, record_id))
    notes = Note.objects.filter(links__record=spec.key, links__record_id__in=ids).distinct()
    files = Attachment.objects.filter(record=spec.key, record_id__in=ids)
    made = Change.objects.filter(record=spec.key, record_id__in=ids).select_related("actor")
    owned = _owned(spec, instance) if instance is not None else ()
    return Held(
        spec,
        record_id,
        save.title_of(spec, instance).strip() if instance is not None else deleted_title(spec, record_id),
        instance,
        ids,
        list(notes.select_related("created_by").order_by("pk")),
        list(files.select_related("created_by").order_by("pk")),
        made.order_by("pk"),
        [*owned, *_naming(spec, record_id)],
    )


def deleted_title(spec: Spec, record_id: int) -> str:
    """What a record in the bin is called. Raises NotFound."""
    rows = Change.objects.filter(record=spec.key, record_id=record_id, verb=changes.DELETE)
    title = rows.order_by("-pk").values_list("title", flat=True).first()
    if title is None:
        raise NotFound(_("There is no such record, or you may not see it."))
    return str(title).strip()


def traces(held: Held) -> Traces:
    """What names the person, from the record as it is and from its history."""
    now = [values.snapshot(held.spec, held.instance)] if held.instance is not None else []
    told = held.changes.values_list("before", "after").iterator()
    titles = held.changes.exclude(title="").values_list("title", flat=True)
    past = [value for pair in told for value in pair]
    return gather(held.spec, [*now, *past, *({held.spec.title: title} for title in titles)])


def absorbed(spec: Spec, record_id: int) -> set[int]:
    """Ids of the records that were merged into this one, and into those, and still are."""
    found: set[int] = set()
    wanted = {record_id}
    while wanted:
        rows = Absorbed.objects.filter(
            record=spec.key, merge__survivor_id__in=wanted, merge__undone_at__isnull=True
        )
        wanted = set(rows.values_list("record_id", flat=True)) - found
        found |= wanted
    return found


def _owned(spec: Spec, instance: Any) -> Iterable[tuple[Spec, int, str]]:
    """The records that it links to."""
    for ref in values.kept_fields(spec).values():
        if ref.kind is kinds.Link and ref.target is not None and ref.field is not None:
            linked = getattr(instance, ref.path)
            if linked is not None:
                yield ref.target, linked.pk, save.title_of(ref.target, linked)


def _naming(spec: Spec, record_id: int) -> Iterable[tuple[Spec, int, str]]:
    """The records that link to it."""
    seen: set[tuple[str, int]] = set()
    for reference in references.references_to(spec):
        owner = reference.owner
        if owner is None or owner.key in APART:
            continue
        rows = references.rows_naming(spec, reference, [record_id])
        ids = set(rows.values_list(references.owner_path(reference), flat=True))
        for found in owner.model._default_manager.filter(pk__in=ids).order_by("pk"):
            if (owner.key, found.pk) not in seen:
                seen.add((owner.key, found.pk))
                yield owner, found.pk, save.title_of(owner, found)


def _subject(spec: Spec, record_id: int) -> Any:
    """The record with its lines and links read; None where it is not there."""
    names = [name for name, ref in values.kept_fields(spec).items() if ref.many]
    return spec.model._default_manager.prefetch_related(*names).filter(pk=record_id).first()
