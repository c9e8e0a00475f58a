"""The only door for changes. Form, inline, bulk, import, API, automation and undo all come through here.

Each call checks rights and values, saves, and publishes its changes (audit, search, followers) in one
transaction; effects outside run after commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.records import changes, deletion, draft, save
from clientela.records.changes import Change, Operation, Source
from clientela.records.draft import Draft
from clientela.records.errors import Invalid, Refused
from clientela.records.spec import Spec

Values = Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """Of a write of many: changes made, and errors by the place of the item in the call."""

    changes: list[Change] = field(default_factory=list)
    errors: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    instances: dict[int, Any] = field(default_factory=dict)


def apply(
    spec: Spec,
    instance: Any | None,
    values: Values,
    *,
    actor: Actor,
    source: Source,
    operation: Operation | None = None,
    trusted: bool = False,
    expected: Values | None = None,
    settable: Collection[str] = (),
) -> Any:
    """Create a record (`instance` None) or change one; returns the saved instance.

    `values`: field name to JSON or Python value. `trusted`: the caller is a service that may set
    read-only fields and has decided the right itself; links go only to what the actor may see all the
    same. `expected`: JSON values the writer saw; another value meanwhile raises Conflict. `settable`:
    read-only fields that may be given. Raises Invalid, Refused, Conflict; then nothing is changed.
    """
    operation = operation or Operation(actor, source)
    with transaction.atomic():
        if not trusted:
            require(spec, instance, actor)
        if instance is not None and expected:
            draft.check_expected(spec, instance, expected)
        defaults = defaults_of(spec, instance, actor)
        made = draft.begin(
            spec, instance, values, actor, trusted=trusted, settable=settable, defaults=defaults
        )
        draft.check_links([made])
        draft.raise_errors(made)
        change = _save_unique(made)
        if change is not None:
            changes.publish(operation, [change])
    return made.instance


def create(spec: Spec, values: Values, *, operation: Operation, trusted: bool = False) -> Any:
    """`apply` for a new record, inside an operation."""
    return change(spec, None, values, operation=operation, trusted=trusted)


def change(spec: Spec, instance: Any, values: Values, *, operation: Operation, trusted: bool = False) -> Any:
    """`apply` for a record there is, inside an operation."""
    return apply(
        spec,
        instance,
        values,
        actor=operation.actor,
        source=operation.source,
        operation=operation,
        trusted=trusted,
    )


def require(spec: Spec, instance: Any | None, actor: Actor, verb: str = "") -> None:
    """Raise Refused unless `actor` may create (no instance) or change this record."""
    verb = verb or ("create" if instance is None else "change")
    if not policy.can(actor, verb, spec, instance):
        raise Refused(_("You may not do this. Ask whoever looks after this record."))
    if verb == "change" and is_locked(spec, instance):
        raise Refused(_("This record is closed and can no longer be changed."))


def defaults_of(spec: Spec, instance: Any | None, actor: Actor) -> Values:
    """The values that a new record has where none are given; none for one that is there."""
    return spec.defaults(actor) if instance is None and spec.defaults is not None else {}


def _save_unique(made: Draft) -> Change | None:
    try:
        with transaction.atomic(savepoint=_has_unique(made.spec)):
            return save.one(made)
    except IntegrityError as error:
        if not _has_unique(made.spec):
            raise
        raise Invalid({made.spec.title: [_("There is one like this already.")]}) from error


def _has_unique(spec: Spec) -> bool:
    meta = spec.model._meta
    return bool(meta.total_unique_constraints) or any(
        each.unique and not each.primary_key for each in meta.concrete_fields
    )


def apply_many(
    spec: Spec,
    items: Sequence[tuple[Any | None, Values]],
    *,
    operation: Operation,
    trusted: bool = False,
    exact: bool = False,
    settable: Collection[str] = (),
) -> Outcome:
    """The set-based twin of `apply`: items with errors are left out and told, the rest is written."""
    actor = operation.actor
    outcome = Outcome()
    if not items:
        return outcome
    defaults = defaults_of(spec, None, actor)
    with transaction.atomic():
        if not trusted:
            _require_all(spec, [instance for instance, _values in items], actor)
        stale = _stale(spec, [instance for instance, _values in items])
        shared: dict[Any, Any] = {}
        drafts: dict[int, Draft] = {}
        for place, (instance, values) in enumerate(items):
            drafts[place] = draft.begin(
                spec,
                instance,
                values,
                actor,
                trusted=trusted,
                exact=exact,
                shared=shared,
                settable=settable,
                defaults=defaults if instance is None else {},
            )
        if not exact:
            draft.check_links(list(drafts.values()))
        for made in drafts.values():
            if made.instance.pk in stale:
                made.refuse("", _("Somebody changed this meanwhile."))
        outcome.errors = {place: made.errors for place, made in drafts.items() if made.errors}
        good = {place: made for place, made in drafts.items() if not made.errors}
        outcome.changes = save.many(list(good.values())) if good else []
        outcome.instances = {place: made.instance for place, made in good.items()}
        changes.publish(operation, outcome.changes)
    return outcome


def _stale(spec: Spec, instances: Sequence[Any]) -> set[int]:
    """Ids of those that somebody else has changed since they were read; the others are held until commit."""
    read = (
        {each.pk: each.version for each in instances if each is not None} if save.is_versioned(spec) else {}
    )
    if not read:
        return set()
    held = spec.model._base_manager.select_for_update().filter(pk__in=read).order_by("pk")
    stored = dict(held.values_list("pk", "version"))
    return {pk for pk, version in read.items() if stored.get(pk) != version}


def _require_all(spec: Spec, instances: Sequence[Any], actor: Actor, verb: str = "change") -> None:
    """`require` for many, in one query."""
    if any(instance is None for instance in instances):
        require(spec, None, actor)
    wanted = {instance.pk for instance in instances if instance is not None}
    if not wanted:
        return
    rows = spec.model._base_manager.filter(policy.scope(actor, verb, spec), pk__in=wanted)
    if rows.count() < len(wanted):
        raise Refused(_("You may not do this. Ask whoever looks after this record."))
    if verb == "change" and any(each is not None and is_locked(spec, each) for each in instances):
        raise Refused(_("This record is closed and can no longer be changed."))


def is_locked(spec: Spec, instance: Any) -> bool:
    """Whether the record is closed for changes other than by its services."""
    return spec.locked is not None and spec.locked(instance)


def change_rows(spec: Spec, rows: Any, values: Values, *, operation: Operation, chunk: int = 500) -> Outcome:
    """Give the same values to every row the actor may change and that is not closed, in one transaction."""
    allowed = rows.filter(policy.scope(operation.actor, "change", spec))
    outcome = Outcome()
    with transaction.atomic():
        ids = list(allowed.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), chunk):
            rows_read = _with_lines(spec, ids[start : start + chunk])
            together = [instance for instance in rows_read if not is_locked(spec, instance)]
            part = apply_many(spec, [(instance, values) for instance in together], operation=operation)
            if part.errors:
                raise Invalid(next(iter(part.errors.values())))
            outcome.changes += part.changes
    return outcome


def _with_lines(spec: Spec, ids: Sequence[int]) -> list[Any]:
    names = [each.name for each in spec.lines]
    held = spec.model._default_manager.select_for_update().filter(pk__in=ids)
    return list(held.prefetch_related(*names).order_by("pk"))


def delete(
    spec: Spec,
    instances: Iterable[Any],
    *,
    operation: Operation,
    trusted: bool = False,
    may_go: deletion.MayGo | None = None,
) -> list[Change]:
    """Delete records and what hangs on them; every one is kept whole in its change. Raises Refused.

    `may_go`: asked about the records of each other kind that would go too.
    """
    doomed = list(instances)
    if not trusted:
        _require_all(spec, doomed, operation.actor, "delete")
    with transaction.atomic():
        made = deletion.delete(spec, doomed, may_go)
        changes.publish(operation, made)
    return made


def restore(spec: Spec, items: Sequence[tuple[int, Values]], *, operation: Operation) -> None:
    """Bring deleted records back with their ids and lines, exactly as their changes kept them."""
    with transaction.atomic():
        drafts = [deletion.revive(spec, pk, kept, operation.actor) for pk, kept in items]
        changes.publish(operation, save.many(drafts))


def revert_many(spec: Spec, items: Sequence[tuple[Any, Values]], *, operation: Operation) -> list[Change]:
    """Set fields back to JSON values kept in changes, without the record's own adjustments."""
    outcome = apply_many(spec, items, operation=operation, trusted=True, exact=True)
    if outcome.errors:
        raise Invalid(next(iter(outcome.errors.values())))
    return outcome.changes
