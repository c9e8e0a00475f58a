"""Drafts into rows: one by one or many at once, with the same result."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.kit import updating
from clientela.records import kinds, lines, refs, rows
from clientela.records.changes import CREATE, UPDATE, Change
from clientela.records.draft import Draft
from clientela.records.errors import Conflict
from clientela.records.spec import Spec

BATCH = 1000


def one(draft: Draft) -> Change | None:
    """Save a draft; None where nothing changed. Raises Conflict where its version has passed."""
    if draft.created:
        draft.instance.save(force_insert=True)
    elif draft.after and not _update_one(draft):
        raise Conflict(_("Somebody changed this meanwhile."), {})
    _finish([draft])
    return change_of(draft)


def _update_one(draft: Draft) -> bool:
    instance = draft.instance
    columns = _column_values(draft)
    stored = type(instance)._base_manager.filter(pk=instance.pk)
    if is_versioned(draft.spec):
        stored = stored.filter(version=instance.version)
        instance.version += 1
        instance.updated_at = timezone.now()
        columns |= {"version": instance.version, "updated_at": instance.updated_at}
    return not columns or stored.update(**columns) == 1


def _column_values(draft: Draft) -> dict[str, Any]:
    fields = refs.fields_of(draft.spec)
    columns: dict[str, Any] = {}
    for name in draft.after:
        ref = fields[name]
        if not ref.many and ref.column:
            field = draft.spec.model._meta.get_field(ref.column)
            assert isinstance(field, models.Field)
            columns[field.attname] = getattr(draft.instance, field.attname)
    return columns


@cache
def is_versioned(spec: Spec) -> bool:
    """Whether its records count their changes."""
    return any(field.name == "version" for field in spec.model._meta.concrete_fields)


def many(drafts: Sequence[Draft]) -> list[Change]:
    """Save drafts of one kind with a few statements for all; returns the changes in their order."""
    created = [draft for draft in drafts if draft.created]
    updated = [draft for draft in drafts if not draft.created and draft.after]
    if created:
        rows.insert([draft.instance for draft in created])
    _update_many(updated)
    _finish(drafts)
    return [change for draft in drafts if (change := change_of(draft)) is not None]


def _update_many(drafts: Sequence[Draft]) -> None:
    """Few statements: one for each distinct set of new values, or one for all that change the same columns.

    No statement writes a column that its record did not change.
    """
    by_columns: dict[tuple[str, ...], list[tuple[Draft, dict[str, Any]]]] = {}
    for draft in drafts:
        columns = _column_values(draft)
        by_columns.setdefault(tuple(sorted(columns)), []).append((draft, columns))
    for together in by_columns.values():
        _update_columns(together)


def _update_columns(together: list[tuple[Draft, dict[str, Any]]]) -> None:
    alike: dict[str, tuple[dict[str, Any], list[Draft]]] = {}
    for draft, columns in together:
        alike.setdefault(repr(sorted(columns.items())), (columns, []))[1].append(draft)
    if len(alike) > len(together) // 4 + 8:
        _update_each([draft for draft, _columns in together], sorted(together[0][1]))
        return
    for columns, drafts in alike.values():
        _update_alike(columns, drafts)


def _update_alike(columns: dict[str, Any], drafts: Sequence[Draft]) -> None:
    spec = drafts[0].spec
    if is_versioned(spec):
        columns |= {"version": F("version") + 1, "updated_at": timezone.now()}
        for draft in drafts:
            draft.instance.version += 1
    manager: Any = spec.model._base_manager
    for start in range(0, len(drafts), BATCH) if columns else ():
        ids = [draft.instance.pk for draft in drafts[start : start + BATCH]]
        manager.filter(pk__in=ids).update(**columns)


def _update_each(drafts: Sequence[Draft], attributes: Sequence[str]) -> None:
    meta = drafts[0].spec.model._meta
    names = [field.name for field in meta.concrete_fields if field.attname in attributes]
    if is_versioned(drafts[0].spec):
        names += ["version", "updated_at"]
        for draft in drafts:
            draft.instance.version += 1
            draft.instance.updated_at = timezone.now()
    if names:
        updating.store([draft.instance for draft in drafts], names)


def _finish(drafts: Sequence[Draft]) -> None:
    lines.save(drafts)
    for name in dict.fromkeys(name for draft in drafts for name in draft.links):
        _tie([draft for draft in drafts if name in draft.links], name)


def _tie(drafts: Sequence[Draft], name: str) -> None:
    """Between the records and others, the rows that their drafts want, and no more."""
    field: Any = drafts[0].spec.model._meta.get_field(name)
    through = field.remote_field.through
    own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    wanted = dict.fromkeys((draft.instance.pk, linked) for draft in drafts for linked in draft.links[name])
    changed = [draft.instance.pk for draft in drafts if not draft.created]
    mine = {f"{field.m2m_field_name()}__id__among": changed}
    held = through._base_manager.filter(**mine) if changed else ()
    there = {(getattr(row, own), getattr(row, other)): row.pk for row in held}
    if gone := [pk for pair, pk in there.items() if pair not in wanted]:
        through._base_manager.filter(pk__among=gone).delete()
    if fresh := [pair for pair in wanted if pair not in there]:
        rows.insert([rows.made(through, {own: one, other: linked}) for one, linked in fresh])
    for draft in drafts:
        draft.instance.__dict__.get("_prefetched_objects_cache", {}).pop(name, None)


def change_of(draft: Draft) -> Change | None:
    """What this draft did, or None where it did nothing."""
    if not draft.created and not draft.after:
        return None
    verb = CREATE if draft.created else UPDATE
    title = title_of(draft.spec, draft.instance)
    return Change(draft.spec, draft.instance.pk, verb, draft.before, draft.after, title, draft.instance)


def title_of(spec: Spec, instance: Any) -> str:
    """The title of a record as text."""
    ref = refs.fields_of(spec)[spec.title]
    value = ref.value(instance)
    return ref.kind.text(value, "es") if ref.kind is not kinds.Link and value is not None else str(instance)
