"""Why a list is empty, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clientela.access.actor import Actor
from clientela.platform.lists.listing import State
from clientela.records import conditions, query
from clientela.records.errors import ConditionError

MOST_PARTS, CAP = 8, 1_000


@dataclass(frozen=True)
class Emptiness:
    """`first_use`: there is no record yet. Else `culprit` names what excludes most, `url` leaves it out."""

    first_use: bool = False
    culprit: str = ""
    by_search: bool = False
    url: str = ""
    would_show: int = 0


def at_first(state: State, actor: Actor) -> Emptiness:
    """What the page itself says; what would help takes a question for each part, and comes after it."""
    narrowed = state.is_modified or bool(state.text)
    return Emptiness(first_use=not narrowed and not query.visible(state.spec, actor).exists())


def explain(state: State, actor: Actor) -> Emptiness:
    """Asks the database once for each part of the condition; only for lists without a row."""
    if not query.visible(state.spec, actor).exists():
        return Emptiness(first_use=True)
    options = [*_without_each_part(state), *_without_search(state)]
    best = Emptiness()
    for culprit, by_search, relaxed in options:
        try:
            found, _more = query.count(relaxed.rows(actor), CAP)
        except ConditionError:
            continue
        if found > best.would_show:
            best = Emptiness(False, culprit or _label(state, relaxed, actor), by_search, relaxed.url(), found)
    return best


def _without_search(state: State) -> list[tuple[str, bool, State]]:
    return [(state.text, True, state.at(text=""))] if state.text else []


def _without_each_part(state: State) -> list[tuple[str, bool, State]]:
    return [("", False, state.with_look(condition=rest)) for rest in without_each(state.look.condition)]


def without_each(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The condition without its first part, without its second, and so on."""
    parts = tree.get("all")
    if not isinstance(parts, list) or not parts:
        return [{}] if tree else []
    rests = [parts[:place] + parts[place + 1 :] for place in range(min(len(parts), MOST_PARTS))]
    return [{"all": rest} if rest else {} for rest in rests]


def _label(state: State, relaxed: State, actor: Actor) -> str:
    """The field named by the part that `relaxed` leaves out."""
    kept = [leaf.get("field") for leaf in conditions.leaves(relaxed.look.condition)]
    for leaf in conditions.leaves(state.look.condition):
        if leaf.get("field") in kept:
            kept.remove(leaf.get("field"))
            continue
        return str(conditions.field_for(state.spec, leaf.get("field"), actor).label)
    return ""
