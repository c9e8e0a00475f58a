"""What a record being made resembles: the same identifier, or nearly the same name.

Only through indexes: equality on the exact fields, the text lookup of the search platform for names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q

from clientela.access.actor import Actor
from clientela.kit.text import bare_company_name, fold, similarity
from clientela.platform.editing import forms
from clientela.records import conditions, draft, query, refs
from clientela.records.conditions import is_hidden
from clientela.records.spec import Spec

NEAR = 0.4
CANDIDATES = 100
SHORTEST_WORD = 3
SHOWN = 6


@dataclass(frozen=True)
class Alike:
    """A record that the new one resembles. `why`: labels of the fields that agree; `likeness`: 0 to 1."""

    id: int
    title: tuple[tuple[str, bool], ...]
    second: str
    why: tuple[str, ...]
    likeness: float

    @property
    def name(self) -> str:
        return " ".join(word for word, _same in self.title)


def alike(spec: Spec, given: Mapping[str, Any], actor: Actor, limit: int = SHOWN) -> list[Alike]:
    """Visible records like one with the values `given`, the likest first."""
    new = draft.begin(spec, None, given, actor).instance
    known = {
        name: str(getattr(new, name) or "")
        for name in (*spec.duplicates.exact, spec.duplicates.name)
        if name and not is_hidden(refs.resolve(spec, name), actor)
    }
    exact = {name: known[name] for name in spec.duplicates.exact if known.get(name)}
    words = _words(known.get(spec.duplicates.name, ""))
    rows = _candidates(spec, actor, exact, words)
    found = [_judged(spec, row, exact, known.get(spec.duplicates.name, ""), actor) for row in rows]
    return sorted((each for each in found if each.why), key=lambda each: -each.likeness)[:limit]


def _words(name: str) -> list[str]:
    """The words of a name that tell it from others, the longest first."""
    words = {word for word in bare_company_name(name).split() if len(word) >= SHORTEST_WORD}
    return sorted(words, key=lambda word: (-len(word), word))[:3]


def _candidates(spec: Spec, actor: Actor, exact: Mapping[str, str], words: list[str]) -> list[Any]:
    found: dict[int, Any] = {}
    visible = query.visible(spec, actor).select_related(None)
    if exact:
        same = reduce(or_, (Q(**{f"{name}__in": {value, value.lower()}}) for name, value in exact.items()))
        found |= {each.pk: each for each in visible.filter(same)[:CANDIDATES]}
    if words:
        title = refs.resolve(spec, spec.duplicates.name)
        lookups = [conditions.text_lookup(title, word) for word in words]
        for joined in (reduce(and_, lookups), reduce(or_, lookups)):
            if len(found) < CANDIDATES:
                found |= {each.pk: each for each in visible.filter(joined)[:CANDIDATES]}
    return list(found.values())


def _judged(spec: Spec, row: Any, exact: Mapping[str, str], name: str, actor: Actor) -> Alike:
    why = [
        str(refs.resolve(spec, field).label)
        for field, value in exact.items()
        if str(getattr(row, field)).lower() == value.lower()
    ]
    likeness = 1.0 if why else 0.0
    if name:
        title = str(getattr(row, spec.duplicates.name))
        near = _nearness(name, title)
        if near >= NEAR:
            why.insert(0, str(refs.resolve(spec, spec.duplicates.name).label))
            likeness += near
    second = forms.second_line(spec, actor)
    return Alike(
        row.pk,
        _marked(str(getattr(row, spec.title)), name),
        forms.option_text(second, second.value(row)) if second is not None and second.target is None else "",
        tuple(why),
        likeness,
    )


def _nearness(one: str, other: str) -> float:
    """Likeness of two names without legal forms; a name that begins the other counts as near while typing."""
    first, second = bare_company_name(one), bare_company_name(other)
    begun = len(first) > SHORTEST_WORD and second.startswith(first)
    return max(similarity(first, second), NEAR if begun else 0.0)


def _marked(title: str, name: str) -> tuple[tuple[str, bool], ...]:
    """The words of a title, each with whether the new name has it too."""
    same = set(bare_company_name(name).split()) | set(fold(name).split())
    return tuple((word, fold(word).strip(".,") in same) for word in title.split())
