"""A condition in words: chips over the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.kit import dates
from clientela.platform.lists import words
from clientela.platform.lists.filters import Tree, is_leaf, parts_of, tree_of, typed
from clientela.platform.lists.listing import State
from clientela.records import conditions, kinds
from clientela.records.conditions import ME, MY_TEAM, field_for
from clientela.records.display import Reader
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Chip:
    """One part of the condition in words. `place`: its number; `url`: the list without it."""

    place: int
    label: str
    operator: str
    value: str
    url: str


def chips_of(state: State, reader: Reader) -> list[Chip]:
    """The condition in words: a chip for each part that all must hold, or one for the whole."""
    join, parts = parts_of(state.look.condition)
    titles = _titles(state.spec, state.look.condition, reader.actor)
    if join == "any" and len(parts) > 1:
        sentence = _sentence(state.spec, state.look.condition, titles, reader)
        return [Chip(0, _("Any of"), "", sentence, state.with_look(condition={}).url())]
    chips = []
    for place, part in enumerate(parts):
        rest = tree_of(join, parts[:place] + parts[place + 1 :])
        chip = _chip(state.spec, part, place, titles, reader)
        chips.append(replace(chip, url=state.with_look(condition=rest).url()))
    return chips


def sentence_of(spec: Spec, tree: Tree, reader: Reader) -> str:
    """A whole condition as one sentence."""
    return _sentence(spec, tree, _titles(spec, tree, reader.actor), reader)


def _chip(spec: Spec, part: Any, place: int, titles: Any, reader: Reader) -> Chip:
    if not is_leaf(part):
        return Chip(place, _("Group"), "", _sentence(spec, part, titles, reader), "")
    label, operator, value = _words_of(spec, part, titles, reader)
    return Chip(place, label, operator, value, "")


def _sentence(spec: Spec, part: Any, titles: Any, reader: Reader) -> str:
    if is_leaf(part):
        return " ".join(word for word in _words_of(spec, part, titles, reader) if word)
    if isinstance(part, dict) and "not" in part:
        return _("not (%(condition)s)") % {"condition": _sentence(spec, part["not"], titles, reader)}
    join, parts = parts_of(part) if isinstance(part, dict) else ("all", [])
    if parts == [part]:  # no group after all
        return "?"
    between = f" {_('or') if join == 'any' else _('and')} "
    return between.join(_sentence(spec, inner, titles, reader) for inner in parts)


def _words_of(spec: Spec, leaf: Tree, titles: Any, reader: Reader) -> tuple[str, str, str]:
    try:
        ref = field_for(spec, leaf.get("field"), reader.actor)
    except ConditionError:
        return _("Unknown field"), "", "?"
    operator = str(leaf.get("op"))
    label = str(words.OPERATORS.get(operator, operator))
    return words.field_label(ref), label, _value_words(ref, operator, leaf.get("value"), titles, reader)


def _value_words(ref: FieldRef, operator: str, value: Any, titles: Any, reader: Reader) -> str:
    operand = conditions.OPERATORS[operator].operand if operator in conditions.OPERATORS else "text"
    if operand == "nothing":
        return ""
    if operand == "period":
        return period_words(str(value))
    if operand == "pair" and isinstance(value, list):
        return f" {_('and')} ".join(_one(ref, each, titles, reader) for each in value)
    each = value if isinstance(value, list) else [value]
    return ", ".join(_one(ref, one, titles, reader) for one in each[:5]) + (" …" if len(each) > 5 else "")


def period_words(value: str) -> str:
    """A relative period ("this_month", "last_n_days:7") in the reader's words."""
    name, _colon, count = value.partition(":")
    if name == "last_n_days":
        return _("the last %(count)s days") % {"count": count}
    if name == "next_n_days":
        return _("the next %(count)s days") % {"count": count}
    return str(words.PERIODS.get(name, value))


def _one(ref: FieldRef, value: Any, titles: Any, reader: Reader) -> str:
    if value in (ME, MY_TEAM):
        return _("me") if value == ME else _("my team")
    if ref.target is not None:
        return str(titles.get((ref.target.key, str(value)), value))
    if value in ref.choices:
        return str(ref.choices[value])
    if ref.kind in (kinds.Date, kinds.DateTime) and value not in words.PERIODS:
        day = kinds.Date.from_json(value) if _is_date(value) else None
        return dates.format_short_date(day, reader.today, reader.locale) if day else str(value)
    return typed(ref, value, reader) if value not in words.PERIODS else str(words.PERIODS[value])


def _is_date(value: Any) -> bool:
    try:
        return kinds.Date.from_json(value) is not None
    except ValueError:
        return False


def _titles(spec: Spec, tree: Tree, actor: Actor) -> dict[tuple[str, str], str]:
    """Titles of the records that a condition names: one query for each kind of record."""
    wanted: dict[Any, set[int]] = {}
    for leaf in conditions.leaves(tree):
        ref = _safe_ref(spec, leaf, actor)
        if ref is not None and ref.target is not None:
            wanted.setdefault(ref.target, set()).update(_ids(leaf.get("value")))
    return {
        (target.key, record_id): title
        for target, ids in wanted.items()
        if ids
        for record_id, title in words.titles(target, sorted(ids), actor).items()
    }


def _ids(value: Any) -> Iterable[int]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, int) and not isinstance(each, bool)]


def _safe_ref(spec: Spec, leaf: Tree, actor: Actor) -> FieldRef | None:
    try:
        return field_for(spec, leaf.get("field"), actor)
    except ConditionError:
        return None
