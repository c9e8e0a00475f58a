"""Words for operators and periods, and the fields and values a filter may choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.kit import countries
from clientela.records import conditions, kinds, query, refs
from clientela.records.conditions import ME, MY_TEAM
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

OPERATORS: Mapping[str, Any] = {
    "contains": pgettext_lazy("operator", "contains"),
    "not_contains": pgettext_lazy("operator", "does not contain"),
    "starts": pgettext_lazy("operator", "starts with"),
    "is": pgettext_lazy("operator", "is"),
    "is_not": pgettext_lazy("operator", "is not"),
    "gt": pgettext_lazy("operator", "more than"),
    "gte": pgettext_lazy("operator", "at least"),
    "lt": pgettext_lazy("operator", "less than"),
    "lte": pgettext_lazy("operator", "at most"),
    "before": pgettext_lazy("operator", "before"),
    "after": pgettext_lazy("operator", "after"),
    "between": pgettext_lazy("operator", "between"),
    "within": pgettext_lazy("operator", "in"),
    "in": pgettext_lazy("operator", "is any of"),
    "not_in": pgettext_lazy("operator", "is none of"),
    "empty": pgettext_lazy("operator", "is empty"),
    "not_empty": pgettext_lazy("operator", "has a value"),
    "is_true": pgettext_lazy("operator", "is yes"),
    "is_false": pgettext_lazy("operator", "is no"),
}
PERIODS: Mapping[str, Any] = {
    "today": gettext_lazy("today"),
    "yesterday": gettext_lazy("yesterday"),
    "tomorrow": gettext_lazy("tomorrow"),
    "overdue": gettext_lazy("before today"),
    "this_week": gettext_lazy("this week"),
    "last_week": gettext_lazy("last week"),
    "next_week": gettext_lazy("next week"),
    "this_month": gettext_lazy("this month"),
    "last_month": gettext_lazy("last month"),
    "next_month": gettext_lazy("next month"),
    "this_quarter": gettext_lazy("this quarter"),
    "last_quarter": gettext_lazy("last quarter"),
    "next_quarter": gettext_lazy("next quarter"),
    "this_year": gettext_lazy("this year"),
    "last_year": gettext_lazy("last year"),
    "next_year": gettext_lazy("next year"),
    "last_n_days": gettext_lazy("the last days"),
    "next_n_days": gettext_lazy("the next days"),
}
COUNTED = ("last_n_days", "next_n_days")
FEW = 60
_TECHNICAL = frozenset({"id", "version"})


def field_label(ref: FieldRef) -> str:
    """The field with the links on the way to it: "Account › Sector"."""
    labels = [refs.fields_of(spec)[name].label for spec, name in ref.chain]
    return " › ".join(str(label) for label in labels)


@dataclass(frozen=True)
class FieldGroup:
    """Fields to choose from: the record's own, or those of what it links to. Pairs of path and label."""

    label: str
    fields: list[tuple[str, str]]


def field_groups(spec: Spec, actor: Actor, usable: Any) -> list[FieldGroup]:
    """The fields that the actor may see and for which `usable(ref)` holds, own ones first, then by link."""
    own = _own_fields(spec, actor, usable)
    groups, listed = [FieldGroup(str(spec.label), own)], {path for path, _label in own}
    for link in refs.fields_of(spec).values():
        if link.kind is not kinds.Link or link.target is None or link.expression is not None:
            continue
        paths = [f"{link.path}__{name}" for name in refs.fields_of(link.target)]
        found = [(ref.path, str(ref.label)) for ref in _resolved(spec, paths, actor) if usable(ref)]
        found = [(path, label) for path, label in found if path not in listed]
        if found:
            groups.append(FieldGroup(str(link.label), found))
    return groups


def _own_fields(spec: Spec, actor: Actor, usable: Any) -> list[tuple[str, str]]:
    names = [*spec.filters, *refs.fields_of(spec)]
    found = {ref.path: ref for ref in _resolved(spec, names, actor) if usable(ref)}
    return [(path, field_label(ref)) for path, ref in found.items()]


def _resolved(spec: Spec, paths: Iterable[str], actor: Actor) -> Iterable[FieldRef]:
    bases = {ref.base for ref in refs.fields_of(spec).values()}
    for path in paths:
        try:
            ref = conditions.field_for(spec, path, actor)
        except ConditionError:
            continue
        if ref.name not in _TECHNICAL and ref.path not in bases and not _is_base(ref):
            yield ref


def _is_base(ref: FieldRef) -> bool:
    """Amounts in the company's currency stand behind those that people see."""
    spec, name = ref.chain[-1]
    return any(name == other.base for other in refs.fields_of(spec).values())


def titles(target: Spec, ids: Sequence[int], actor: Actor) -> dict[str, str]:
    """Titles of those of `ids` that the actor may see, by id as text: one query.

    A merged record has that of the one it went into: a query more where one is not found by its own id.
    """
    found = _titles(target, ids, actor)
    moved = conditions.heirs(target, [each for each in ids if each not in found])
    there = _titles(target, moved.values(), actor) if moved else {}
    found |= {each: there[heir] for each, heir in moved.items() if heir in there}
    return {str(each): title for each, title in found.items()}


def _titles(target: Spec, ids: Iterable[int], actor: Actor) -> dict[int, str]:
    rows = query.visible(target, actor).filter(pk__in=list(ids)).values_list("pk", target.title)
    return {record_id: str(title) for record_id, title in rows}


def value_options(ref: FieldRef, chosen: Sequence[str], actor: Actor) -> tuple[list[tuple[str, str]], bool]:
    """Values of "is any of" as (value, label), and whether that is all there is to choose from."""
    if ref.target is not None:
        return _link_options(ref, ref.target, chosen, actor)
    if ref.kind is kinds.Country:
        named = dict(countries.countries(actor.language))
        return [(code, named.get(code, code)) for code in named], True
    if ref.choices:
        return [(str(value), str(label)) for value, label in ref.choices.items()], True
    rows = query.annotated(query.visible(ref.spec, actor), [ref])
    found = rows.exclude(**{ref.annotation: ""}).order_by(ref.annotation)
    values = found.values_list(ref.annotation, flat=True).distinct()[:FEW]
    return [(str(value), str(value)) for value in values if value is not None], True


def _link_options(
    ref: FieldRef, target: Spec, chosen: Sequence[str], actor: Actor
) -> tuple[list[tuple[str, str]], bool]:
    """The first records by title, always with the chosen ones; people also as "me" and "my team"."""
    people = [(ME, _("Me")), (MY_TEAM, _("My team"))] if is_person(ref) else []
    rows = query.visible(target, actor).order_by(*_order(target)).values_list("pk", target.title)[: FEW + 1]
    options = {str(record_id): str(title) for record_id, title in rows}
    ids = [int(value) for value in chosen if value.isascii() and value.isdigit() and value not in options]
    if len(options) <= FEW:
        more = titles(target, ids, actor) if ids else {}
        return [*people, *(options | more).items()], True
    ids += [int(value) for value in chosen if value in options]
    return [*people, *titles(target, ids, actor).items()], False


def _order(target: Spec) -> tuple[str, ...]:
    own = target.default_sort[0] if target.default_sort else target.title
    return (own, "pk") if "__" not in own else (target.title, "pk")


def is_person(ref: FieldRef) -> bool:
    """Whether the field links to a person who uses the program."""
    return ref.field is not None and ref.field.related_model is User
