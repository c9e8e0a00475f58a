"""Everything held about one person, gathered: fields, notes, files, changes, and what is tied to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clientela.platform.attachments.models import Attachment
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import references
from clientela.platform.duplicates.models import Absorbed
from clientela.platform.timeline.models import Note
from clientela.records import kinds, registry, save, values
from clientela.records.spec import Spec

APART = frozenset({"note", "attachment", "share"})
"""Kinds of record that hang on others, told on their own."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held; `ids`: of the record itself and of those that were merged into it."""

    spec: Spec
    instance: Any
    ids: tuple[int, ...]
    notes: list[Any]
    files: list[Attachment]
    changes: Any
    linked: list[tuple[Spec, int, str]]


def of(spec: Spec, instance: Any) -> Held:
    """Gather it: a fixed number of queries for each kind of record that can be tied to it."""
    ids = (instance.pk, *absorbed(spec, instance.pk))
    notes = Note.objects.filter(links__record=spec.key, links__record_id__in=ids).distinct()
    files = Attachment.objects.filter(record=spec.key, record_id__in=ids)
    changes = Change.objects.filter(record=spec.key, record_id__in=ids).select_related("actor")
    return Held(
        spec,
        instance,
        ids,
        list(notes.select_related("created_by").order_by("pk")),
        list(files.select_related("created_by").order_by("pk")),
        changes.order_by("pk"),
        [*_owned(spec, instance), *_naming(spec, instance.pk)],
    )


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


def subject(spec: Spec, record_id: int) -> Any:
    """The record with its lines and links read."""
    names = [name for name, ref in values.kept_fields(spec).items() if ref.many]
    return registry.get(spec.key).model._default_manager.prefetch_related(*names).get(pk=record_id)
