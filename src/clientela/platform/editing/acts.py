"""What is done to many records at once, read from the form that asked for it.

An act takes rows and an operation and says how many it changed. Who may do it is decided when it is read,
and again for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.editing import forms, many
from clientela.records import query, rights, write
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Action, Spec

Act = Callable[[Any, Operation], int]
NEEDS = {"delete": "delete", "export": "export"}


def verb_of(do: str) -> str:
    """The right that an act needs on each row."""
    return NEEDS.get(do.partition(":")[0], "change")


def require(spec: Spec, actor: Actor, do: str) -> None:
    """Raise Refused unless `actor` may do this to several at once."""
    verb = verb_of(do)
    needed = {verb} if verb == "export" else {verb, "bulk"}
    if not all(policy.may(actor, each, spec) for each in needed):
        raise Refused(_("You may not do this."))
    action = action_named(spec, do)
    if action is not None:
        rights.require_action(spec, action, actor)


def settable(spec: Spec, actor: Actor) -> list[FieldRef]:
    """The fields that can be set for many: all that a form has, but names and identifiers of one alone."""
    single = {spec.title, *spec.duplicates.exact, "external_id"}
    placed = (name for section in spec.sections for name in section.fields)
    return [ref for ref in forms.editable(spec, (*spec.inline, *placed), actor) if ref.path not in single]


def chosen_field(spec: Spec, post: QueryDict, actor: Actor) -> FieldRef | None:
    """The field to set: the owner's own act, or the one chosen in the form."""
    fixed = spec.access.owner if post.get("do") == "owner" else ""
    wanted = fixed or post.get("field", "")
    return next((ref for ref in settable(spec, actor) if ref.path == wanted), None)


def action_named(spec: Spec, do: str) -> Action | None:
    """The action of a bulk form's `do` ("action:name"); None where there is none for many records."""
    name = do.partition(":")[2]
    return next((each for each in spec.actions if each.name == name and each.bulk), None)


def given(spec: Spec, ref: FieldRef, post: QueryDict, actor: Actor) -> dict[str, Any]:
    """The values to set. Raises Invalid."""
    values, errors = forms.parse(spec, [ref.path], post, actor)
    if not errors and not values:
        errors = {ref.path: [_("Say what to put.")]}
    if errors:
        raise Invalid(errors)
    return values


def act_of(spec: Spec, actor: Actor, post: QueryDict) -> Act:
    """What the form asks for, for the worker: records to which it cannot be done are left as they are.

    Raises Refused where the actor may no longer do it, Invalid where a value is no longer good.
    """
    do = post.get("do", "")
    require(spec, actor, do)
    action = action_named(spec, do)
    if do == "delete":
        return lambda rows, operation: delete_each(spec, list(rows), operation)
    if action is not None:
        return lambda rows, operation: run_each(spec, rows.order_by("pk"), action, operation)
    ref = chosen_field(spec, post, actor)
    if ref is None:
        raise Refused(_("You may not do this."))
    values, mode = given(spec, ref, post, actor), post.get("mode", "")
    return lambda rows, operation: _set_each(spec, list(rows), ref, values, mode, operation)


def _set_each(
    spec: Spec, instances: list[Any], ref: FieldRef, values: dict[str, Any], mode: str, operation: Operation
) -> int:
    """Set-based where it can be: one record that cannot take the value does not hold up the others."""
    ids = [each.pk for each in instances]
    open_ones = [each for each in _held(spec, ids, ref) if not write.is_locked(spec, each)]
    items = [(each, many.wanted(ref, each, values, mode)) for each in open_ones]
    outcome = write.apply_many(spec, items, operation=operation)
    return len({change.record_id for change in outcome.changes})


def _held(spec: Spec, ids: list[int], ref: FieldRef) -> list[Any]:
    """With the lines and the links that are asked for, so that none is read for one record alone."""
    names = dict.fromkeys([*(each.name for each in spec.lines), *([ref.path] if ref.many else [])])
    held = spec.model._default_manager.select_for_update().filter(pk__in=ids)
    return list(held.prefetch_related(*names).order_by("pk"))


def delete_each(spec: Spec, doomed: list[Any], operation: Operation) -> int:
    """All together; where something hangs on one that may not go, halves of them, so that only it stays."""
    if not doomed:
        return 0
    try:
        with transaction.atomic():
            write.delete(spec, doomed, operation=operation)
    except Refused:
        if len(doomed) == 1:
            return 0
        half = len(doomed) // 2
        return delete_each(spec, doomed[:half], operation) + delete_each(spec, doomed[half:], operation)
    return len(doomed)


def run_each(spec: Spec, instances: Iterable[Any], action: Action, operation: Operation) -> int:
    """Do the action to each record to which it can be done; the others stay as they are."""
    done = 0
    with transaction.atomic():
        for instance in instances:
            if not action.available(instance):
                continue
            try:
                with transaction.atomic():
                    action.run(instance, operation=operation)
            except (Invalid, Refused):
                continue
            done += 1
    return done


def rows_of(spec: Spec, actor: Actor, do: str, ids: Any) -> Any:
    """Those among `ids` (or in a subquery of ids) to which the actor may do it, several at once."""
    verb = verb_of(do)
    rows = query.visible(spec, actor, verb).filter(pk__in=ids)
    together = Q() if verb == "export" else policy.scope(actor, "bulk", spec)
    return rows if together == policy.scope(actor, verb, spec) else rows.filter(together)
