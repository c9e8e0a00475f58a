"""The table in which records are merged: a row for each value, a column for each record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.duplicates import choices, references
from clientela.platform.duplicates.choices import BOTH, Unit
from clientela.records import display, query, refs, values
from clientela.records.conditions import is_hidden
from clientela.records.display import Reader
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Cell:
    """What one of the records says, and whether it is to stay."""

    source: int | str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """`name`: of the unit where one may choose, else ""; `same`: every record says the same; `joins`: both
    may stay; `united`: what all have together stays."""

    label: Any
    cells: tuple[Cell, ...]
    name: str = ""
    same: bool = False
    joins: bool = False
    united: str = ""


@dataclass(frozen=True)
class Follower:
    """Records of one kind that name the merged ones: how many the survivor has, and how many come."""

    spec: Spec
    own: int
    more: int


def rows(spec: Spec, instances: Sequence[Any], actor: Actor) -> list[Row]:
    """The rows that `actor` may see and that say something, the survivor's column first."""
    reader = display.in_full(display.reader_for(actor))
    found = [_row(spec, unit, instances, actor, reader) for unit in choices.units(spec)]
    found += [_many(spec, name, instances, reader) for name in _manifold(spec, actor)]
    return [row for row in found if row is not None]


def _row(spec: Spec, unit: Unit, instances: Sequence[Any], actor: Actor, reader: Reader) -> Row | None:
    if any(is_hidden(ref, actor) for ref in unit.refs):
        return None
    options = choices.options(spec, unit, instances)
    usual = choices.usual_source(unit, options, instances)
    texts = [_text(unit, instance, reader) for instance in instances]
    if not any(texts):
        return None
    cells = tuple(
        Cell(option.record_id, text, option.record_id == usual)
        for option, text in zip(options, texts, strict=True)
    )
    selectable = choices.selectable(spec, unit, actor)
    differ = len({str(option.values) for option in options}) > 1
    kept = "" if usual != BOTH else " · ".join(dict.fromkeys(filter(None, texts)))
    return Row(unit.label, cells, unit.name if selectable and differ else "", not differ, usual == BOTH, kept)


def _text(unit: Unit, instance: Any, reader: Reader) -> str:
    shown = (display.shown(ref, instance, reader) for ref in unit.refs if ref.path not in _bases(unit))
    return ", ".join(each.text for each in shown if each.text)


def _bases(unit: Unit) -> set[str]:
    """An amount is shown with its currency: neither that nor the amount in another is shown again."""
    return {name for ref in unit.refs for name in (ref.currency, ref.base) if name}


def _manifold(spec: Spec, actor: Actor) -> list[str]:
    kept = values.kept_fields(spec)
    return [
        name
        for name, ref in kept.items()
        if ref.many and not is_hidden(ref, actor) and not (ref.lines is not None and ref.lines.read_only)
    ]


def _many(spec: Spec, name: str, instances: Sequence[Any], reader: Reader) -> Row | None:
    from clientela.platform.pages import parts

    ref = refs.fields_of(spec)[name]
    found = parts.parts_of([ref], [each.pk for each in instances], reader)
    texts = [shown.text if (shown := found.get(each.pk, {}).get(name)) else "" for each in instances]
    if not any(texts):
        return None
    cells = tuple(Cell(each.pk, text, chosen=True) for each, text in zip(instances, texts, strict=True))
    together = dict.fromkeys(part for text in texts for part in text.split(", ") if part)
    label = _("%(field)s: all stay") % {"field": ref.label}
    return Row(label, cells, same=len(set(texts)) == 1, united=", ".join(together))


def followers(spec: Spec, instances: Sequence[Any], actor: Actor) -> list[Follower]:
    """What of each kind names the records, counted of what `actor` sees."""
    paths: dict[Spec, list[references.Reference]] = {}
    for reference in references.references_to(spec):
        if policy.may(actor, "see", reference.owner):
            paths.setdefault(reference.owner, []).append(reference)
    survivor, *others = [each.pk for each in instances]
    found = []
    for owner, naming in paths.items():
        own, more = (_count(spec, owner, naming, ids, actor) for ids in ([survivor], others))
        if own or more:
            found.append(Follower(owner, own, more))
    return found


def _count(
    spec: Spec, owner: Spec, naming: Sequence[references.Reference], ids: Sequence[int], actor: Actor
) -> int:
    conditions = []
    for reference in naming:
        told = reference.told if reference.lines is not None else ""
        path = f"{told}__{reference.name}" if told else reference.many or reference.name
        condition = {f"{path}__in": ids}
        if reference.generic:
            condition[f"{told}__record" if told else "record"] = spec.key  # type: ignore[assignment]
        conditions.append(Q(**condition))
    matching = owner.model._base_manager.filter(reduce(or_, conditions)).values("pk")
    return query.visible(owner, actor).filter(pk__in=matching).count()
