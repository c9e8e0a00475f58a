"""What somebody may read: which rows, which fields, and what of the records that they link to.

A value over a link counts only where the actor sees every record on the way. Elsewhere it is empty: in
columns, filters, sorts, groups, totals, files and the API alike (docs/adr/0041-rights-over-links.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.records import kinds, refs
from clientela.records.errors import Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Action, Lines, Spec


def visible(spec: Spec, actor: Actor, verb: str = "see") -> QuerySet[Any]:
    """The records of this kind to which `actor` may do `verb`; every read starts here."""
    rows = spec.model._default_manager.all().order_by()
    if spec.visible is not None and not actor.is_admin:
        own = spec.visible(actor, verb)
        return rows.filter(own) if policy.may(actor, verb, spec) else rows.none()
    condition = policy.scope(actor, verb, spec)
    return rows.filter(condition) if condition else rows


def sees_all(spec: Spec, actor: Actor) -> bool:
    """Whether links to this kind need no question: what all see, and everything for administrators."""
    return actor.is_admin or (spec.visible is None and policy.reach(actor, "see", spec) == policy.ALL)


def is_hidden(ref: FieldRef, actor: Actor) -> bool:
    """Whether any field on the way, or one it is computed from, is hidden from `actor`."""
    found = (ref, *refs.sources_of(ref.spec).get(ref.path, ()))
    return any(name in policy.hidden_fields(actor, spec) for each in found for spec, name in each.chain)


def is_fixed(ref: FieldRef, actor: Actor) -> bool:
    """Whether `actor` may not write this field of a record, by his roles."""
    fixed = policy.readonly_fields(actor, ref.spec)
    return bool(fixed) and (ref.path in fixed or is_hidden(ref, actor))


def require_field(ref: FieldRef, actor: Actor) -> None:
    """Raise Refused where the actor's roles do not let him write this field."""
    if is_fixed(ref, actor):
        raise Refused(_("Your role does not allow this."))


def actions(spec: Spec, actor: Actor) -> list[Action]:
    """The actions that the actor's roles let him do to records that he may change."""
    return [action for action in spec.actions if policy.may_act(actor, action.name, spec)]


def require_action(spec: Spec, action: Action, actor: Actor) -> None:
    """Raise Refused unless the actor's roles let him do it."""
    if not policy.may_act(actor, action.name, spec):
        raise Refused(_("Your role does not allow this."))


def read_by(ref: FieldRef, actor: Actor) -> FieldRef:
    """The ref as `actor` reads it: the same one, or one that is empty past a record that he does not see."""
    if actor.is_admin or ref.seen is not None:
        return ref
    if ref.lines is not None:
        own = line_condition(ref.spec, ref.lines, actor)
        line: Any = ref.spec.model._meta.get_field(ref.lines.name).related_model
        return replace(ref, among=line._default_manager.filter(own)) if own else ref
    sources = refs.sources_of(ref.spec).get(ref.path, [ref])
    steps = list(dict.fromkeys(step for source in sources for step in _steps(source, actor)))
    if ref.kind is kinds.Links and steps and steps[-1][0] == ref.path:
        return replace(ref, seen=_seen(steps[:-1], actor), among=visible(steps[-1][1], actor))
    compute, seen = ref.expression, _seen(steps, actor)
    if compute is not None and steps:
        return replace(ref, expression=lambda: Case(When(seen, then=compute())))
    return replace(ref, seen=seen) if steps else ref


def _steps(ref: FieldRef, actor: Actor) -> list[tuple[str, Spec]]:
    """The links on the way to a value, with the kinds of record of which the actor does not see every one."""
    last = [ref.target] if ref.target is not None and ref.kind in (kinds.Link, kinds.Links) else []
    targets = [spec for spec, _name in ref.chain[1:]] + last
    names = ref.path.split(refs.SEPARATOR)
    ends = enumerate(targets, 1)
    return [(refs.SEPARATOR.join(names[:end]), each) for end, each in ends if not sees_all(each, actor)]


def _seen(steps: Iterable[tuple[str, Spec]], actor: Actor) -> Q:
    """Whether the actor sees the record at each of these links, asked of the row."""
    found = Q()
    for link, target in steps:
        named = policy.owned_over(link, actor, target) if target.visible is None else None
        found &= named or Q(Exists(visible(target, actor).filter(pk=OuterRef(f"{link}__pk"))))
    return found


def unseen(ref: FieldRef, instance: Any, actor: Actor) -> set[int]:
    """Ids of the records (or lines) that a field of the instance holds and `actor` does not see."""
    read = ref if instance.pk is None else read_by(ref, actor)
    if read.among is not None:
        held = getattr(instance, ref.path)
        seen = held.filter(pk__in=read.among.values("pk")).values_list("pk", flat=True)
        return set(held.values_list("pk", flat=True)) - set(seen)
    held = ref.value(instance) if read.seen is not None and ref.own else None
    if held is None or ref.target is None or visible(ref.target, actor).filter(pk=held).exists():
        return set()
    return {held}


def line_condition(spec: Spec, lines: Lines, actor: Actor) -> Q:
    """Of the lines inside a record, those that name no record which `actor` does not see."""
    found = Q()
    for name, target in refs.line_targets(spec, lines).items():
        if not sees_all(target, actor):
            found &= Q(**{f"{name}__isnull": True}) | Q(
                **{f"{name}__in": visible(target, actor).values("pk")}
            )
    return found
