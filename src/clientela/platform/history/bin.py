"""Deleted records, from what their deletions kept: looked for, and brought back with what hung on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.history import operations, searching, shadow
from clientela.records import changes, query, refs, registry
from clientela.records.conditions import is_hidden
from clientela.records.errors import NotFound, Refused
from clientela.records.spec import Spec

PAGE = 50
ROUNDS = 10
"""Pages of deletions that are looked through for those of one's own before offering to look further."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of deletions; `after`: where the next one starts, empty at the end."""

    rows: Sequence[Change]
    after: str


def offered(actor: Actor) -> list[Spec]:
    """The kinds of record of which one may delete any."""
    return [
        spec
        for spec in registry.every()
        if policy.may(actor, "see", spec) and policy.may(actor, "delete", spec)
    ]


def page(spec: Spec, actor: Actor, text: str = "", after: str = "") -> Found:
    """Deletions of records that are gone, newest first, of those that `actor` could see and may delete.

    `text`: part of the title; whoever may not see titles finds nothing by them.
    """
    found: list[Change] = []
    if text and not shows_titles(spec, actor):
        return Found(found, "")
    for _round in range(ROUNDS):
        part = searching.page(_gone(spec, text), Q(), after, PAGE)
        found += _within_rights(spec, part.rows, actor)
        after = part.after
        if not after or len(found) >= PAGE:
            break
    return Found(found, after)


def shows_titles(spec: Spec, actor: Actor) -> bool:
    """Whether `actor` may see the titles of this kind, and so look for them."""
    return not is_hidden(refs.fields_of(spec)[spec.title], actor)


def _gone(spec: Spec, text: str) -> Any:
    there = spec.model._default_manager.filter(pk=OuterRef("record_id"))
    again = Change.objects.filter(
        record=spec.key, record_id=OuterRef("record_id"), verb=changes.DELETE, id__gt=OuterRef("id")
    )
    rows = Change.objects.filter(record=spec.key, verb=changes.DELETE).select_related("actor")
    rows = rows.filter(title__icontains=text) if text else rows
    return rows.filter(~Exists(there), ~Exists(again)).order_by("-at", "-id")


def _within_rights(spec: Spec, found: Sequence[Change], actor: Actor) -> list[Change]:
    """Decided by the policy itself, on the records put back where it looks for them."""
    if actor.is_admin or not found:
        return list(found)
    with shadow.brought_back(spec, {change.record_id: change.before for change in found}):
        rows = query.visible(spec, actor).filter(pk__in=[change.record_id for change in found])
        may = rows.filter(policy.scope(actor, "delete", spec))
        allowed = set(may.values_list("pk", flat=True))
    return [change for change in found if change.record_id in allowed]


def deletion(spec: Spec, record_id: int, actor: Actor) -> Change:
    """The deletion of a record that is gone, if `actor` may bring it back. Raises NotFound."""
    change = _gone(spec, "").filter(record_id=record_id).first()
    if change is None or not policy.may(actor, "delete", spec) or not _within_rights(spec, [change], actor):
        raise NotFound(_("There is no such record in the bin."))
    return change  # type: ignore[no-any-return]


def restore(spec: Spec, record_id: int, *, actor: Actor, source: changes.Source) -> undo.Undone:
    """Bring a deleted record back with what hung on it. Raises NotFound, Refused."""
    change = deletion(spec, record_id, actor)
    result = undo.undo(
        change.operation,
        actor=actor,
        source=source,
        only=operations.hanging(change),
        entitled=True,
    )
    if not spec.model._default_manager.filter(pk=record_id).exists():
        raise Refused("; ".join(reason for _title, reasons in result.conflicts for reason in reasons))
    return result
