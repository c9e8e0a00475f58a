"""Writing notes: about which records they are, who may see them, and ties made later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.timeline.models import Note, NoteLink
from clientela.records import query, registry, write
from clientela.records.changes import Change, Operation
from clientela.records.draft import Draft
from clientela.records.spec import Spec

Subject = tuple[str, int]
"""Key of a kind of record, and an id."""
CHUNK = 500


def add_note(spec: Spec, instance: Any, body: str, *, operation: Operation) -> Note:
    """A note about a record, shown also on the records that it belongs to. Raises Invalid, Refused."""
    links = [{"record": spec.key, "record_id": instance.pk}]
    note: Note = write.create(registry.get("note"), {"body": body, "links": links}, operation=operation)
    return note


def change_note(note: Note, body: str, *, operation: Operation) -> Note:
    """Other words for a note. Raises Invalid, Refused."""
    changed: Note = write.change(registry.get("note"), note, {"body": body}, operation=operation)
    return changed


def delete_note(note: Note, *, operation: Operation) -> list[Change]:
    """Take a note away, for all the records it is about. Raises Refused."""
    return write.delete(registry.get("note"), [note], operation=operation)


def attach_many(notes: Iterable[tuple[str, int, str]], *, operation: Operation) -> int:
    """Write many notes, each (kind of record, id, text), a few statements for every 500; returns how many.

    For imports: the records were written by the same actor, so that their rights are not asked again.
    """
    pending = [(key, record_id, body) for key, record_id, body in notes if body.strip()]
    with transaction.atomic():
        for start in range(0, len(pending), CHUNK):
            _attach_chunk(pending[start : start + CHUNK], operation)
    return len(pending)


def _attach_chunk(notes: Sequence[tuple[str, int, str]], operation: Operation) -> None:
    parents = _parents_of({(key, record_id) for key, record_id, _body in notes})
    items = [
        (None, {"body": body, "links": _rows([(key, record_id), *parents.get((key, record_id), ())])})
        for key, record_id, body in notes
    ]
    write.apply_many(registry.get("note"), items, operation=operation, trusted=True, exact=True)


def tie_notes(subject: Subject, others: Sequence[Subject], *, operation: Operation) -> int:
    """Show the notes about `subject` on `others` too; returns how many notes were tied."""
    key, record_id = subject
    found = Note.objects.filter(links__record=key, links__record_id=record_id).order_by("pk")
    notes = list(found.prefetch_related("links"))
    items = [(note, {"links": _with_links(note, others)}) for note in notes]
    write.apply_many(registry.get("note"), items, operation=operation, trusted=True, exact=True)
    return len(notes)


def _with_links(note: Note, others: Sequence[Subject]) -> list[dict[str, Any]]:
    rows = [{"id": link.pk, "record": link.record, "record_id": link.record_id} for link in note.links.all()]
    known = {(row["record"], row["record_id"]) for row in rows}
    return [*rows, *_rows([subject for subject in others if subject not in known])]


def _rows(subjects: Iterable[Subject]) -> list[dict[str, Any]]:
    return [{"record": key, "record_id": record_id} for key, record_id in dict.fromkeys(subjects)]


def prepare_note(draft: Draft) -> None:
    """A note says something, is about records its writer sees, and shows on those they belong to."""
    if "body" in draft.changed and not draft.instance.body.strip():
        draft.refuse("body", _("Write something first."))
    if "links" not in draft.changed:
        return
    rows = draft.lines["links"]
    fresh = {(row["record"], row["record_id"]) for row in rows if "id" not in row}
    for subject in fresh:
        if not _is_visible(subject, draft.actor):
            draft.refuse("links", _("There is no such record, or you may not see it."))
    if not draft.errors:
        _add_parents(rows, fresh)


def _is_visible(subject: Subject, actor: Actor) -> bool:
    spec = registry.find(subject[0])
    return (
        spec is not None
        and spec.timeline
        and policy.may(actor, "see", spec)
        and query.visible(spec, actor).filter(pk=subject[1]).exists()
    )


def _add_parents(rows: list[dict[str, Any]], fresh: set[Subject]) -> None:
    known = {(row["record"], row["record_id"]) for row in rows}
    if len(known) < len(rows):
        rows[:] = list({(row["record"], row["record_id"]): row for row in reversed(rows)}.values())[::-1]
    above = [parent for parents in _parents_of(fresh).values() for parent in parents]
    rows += _rows(parent for parent in above if parent not in known)


def _parents_of(subjects: set[Subject]) -> dict[Subject, list[Subject]]:
    """The records that also show the notes about each subject: one query for each kind."""
    found: dict[Subject, list[Subject]] = {}
    for spec in {registry.get(key) for key, _id in subjects}:
        if not spec.timeline_parents:
            continue
        ids = [record_id for key, record_id in subjects if key == spec.key]
        targets = [_target_of(spec, name) for name in spec.timeline_parents]
        rows = spec.model._default_manager.filter(pk__in=ids).values_list("pk", *spec.timeline_parents)
        for record_id, *values in rows:
            parents = [
                (target.key, value)
                for target, value in zip(targets, values, strict=True)
                if value is not None
            ]
            found[(spec.key, record_id)] = parents
    return found


def _target_of(spec: Spec, name: str) -> Spec:
    target = registry.of_model(spec.model._meta.get_field(name).related_model)  # type: ignore[arg-type]
    assert target is not None
    return target


def visible_notes(actor: Actor, verb: str) -> Q:
    """Notes about a record the actor sees, and one's own; changed and deleted by whoever wrote them."""
    if verb not in ("see", "export"):
        return policy.scope(actor, verb, registry.get("note"))
    kinds = [spec for spec in registry.every() if spec.timeline and policy.may(actor, "see", spec)]
    subjects = (Q(record=spec.key, record_id__in=query.visible(spec, actor).values("pk")) for spec in kinds)
    about = NoteLink.objects.filter(reduce(or_, subjects, Q(pk__in=[]))).values("note_id")
    return Q(pk__in=about) | Q(created_by=actor.user_id)
