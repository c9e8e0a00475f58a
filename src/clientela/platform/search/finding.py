"""Records of every kind that somebody may be looking for, of those that the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.access.protection import Access
from clientela.kit.text import Snippet, snippet
from clientela.platform.audit.models import Change
from clientela.platform.search import matching, pool, telling
from clientela.platform.search.index import is_indexed
from clientela.platform.search.lookups import Sought
from clientela.platform.search.models import Entry
from clientela.records import query, registry
from clientela.records.spec import Spec

FEW = 5
"""Fewer exact finds than this, and near words are tried too."""
_POOL, _WIDER = 50, 10
_RECENT_CHANGES = 60
Words = Sequence[str | Sequence[str]]


@dataclass(frozen=True)
class _Indexed:
    """A kind of record as the policy knows it, with its entries in place of its rows."""

    key: str
    access: Access
    module: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A find. `title` and `subtitle` are cut in three, the middle being what was looked for."""

    spec: Spec
    record_id: int
    title: Snippet
    subtitle: Snippet


def find(actor: Actor, text: str, limit: int) -> list[Hit]:
    """The best finds, best first: exact ones, and near ones after them where those are few.

    A fixed number of queries at most, whatever there is.
    """
    words = matching.words_of(text)
    if not words[0]:
        return []
    found = _exact(actor, text, words, limit)
    if len(found) < FEW and (near := matching.near_words(text)):
        held = pool.holding(_parts(actor, near), _pool_of(limit))
        found = _once([*found, *sorted(_shown(held, actor, near), key=lambda entry: _rank(entry, near))])
    return [hit_of(entry, text) for entry in found[:limit]]


def _exact(actor: Actor, text: str, words: Sequence[str], limit: int) -> list[Entry]:
    """Titles that begin with `text` first; those alone where all words are short.

    Where what `actor` may not see took the place of what he may, more are looked through, once.
    """
    start, size = matching.folded_query(text), _pool_of(limit)
    found = _candidates(actor, start, words, size)
    shown = _shown(found, actor, words)
    if len(shown) < min(limit, len(found)) and len(found) >= size:
        shown = _shown(_candidates(actor, start, words, size * _WIDER), actor, words)
    return sorted(shown, key=lambda entry: (not entry.title.startswith(start), _rank(entry, words)))


def _candidates(actor: Actor, start: str, words: Sequence[str], size: int) -> list[Entry]:
    """At most `size` entries of each kind, whose owners `actor` sees."""
    seen = owned(actor) | Q(record__in=_asked_kinds(actor))
    if matching.are_short(words):
        return pool.beginning(start, seen, size)
    return pool.holding_or_beginning(_parts(actor, words), start, seen, size)


def _pool_of(limit: int) -> int:
    """Of how many entries of each kind the best are chosen."""
    return max(limit, _POOL)


def _parts(actor: Actor, words: Words) -> list[pool.Part]:
    asked = _asked_kinds(actor)
    return [
        (Sought(spec.key, words), Q() if spec.key in asked else _seen(spec, actor)) for spec in _kinds(actor)
    ]


def _shown(found: Iterable[Entry], actor: Actor, words: Words = ()) -> list[Entry]:
    """Without those of kinds with a condition of their own that `actor` may not see: a query each.

    Nor those whose `words` are only in the names of linked records that he does not see.
    """
    entries, hidden = list(found), set()
    for key in _asked_kinds(actor):
        candidates = {entry.record_id for entry in entries if entry.record == key}
        if candidates:
            rows = query.visible(registry.get(key), actor).filter(pk__in=candidates)
            seen = set(rows.values_list("pk", flat=True))
            hidden |= {(key, record_id) for record_id in candidates - seen}
    shown = (entry for entry in entries if (entry.record, entry.record_id) not in hidden)
    return telling.told(shown, actor, words)


def _asked_kinds(actor: Actor) -> list[str]:
    """Kinds whose records must be asked which of them `actor` may see."""
    return [spec.key for spec in _kinds(actor) if spec.visible is not None and not actor.is_admin]


def _rank(entry: Entry, words: Words) -> tuple[bool, int, str]:
    """Every word (or one like it) in the title first, then the short titles."""
    choices = [[word] if isinstance(word, str) else word for word in words]
    in_title = all(any(one in entry.title for one in each) for each in choices)
    return not in_title, len(entry.title), entry.title


def _once(entries: Iterable[Entry]) -> list[Entry]:
    return list({entry.pk: entry for entry in entries}.values())


def _kinds(actor: Actor) -> list[Spec]:
    return [spec for spec in registry.every() if is_indexed(spec) and policy.may(actor, "see", spec)]


def owned(actor: Actor) -> Q:
    """The entries that `actor` may see by who looks after the record."""
    kinds = [spec for spec in _kinds(actor) if spec.visible is None or actor.is_admin]
    return reduce(or_, (_seen(spec, actor) for spec in kinds), Q(pk__in=[]))


def _seen(spec: Spec, actor: Actor) -> Q:
    """The policy's own condition, asked of the owner that the entry repeats where that is enough."""
    if not policy.is_by_owner(actor, "see", spec):
        return Q(record=spec.key, record_id__in=query.visible(spec, actor).values("pk"))
    indexed = replace(spec.access, owner="owner" if spec.access.owner else "")
    return Q(record=spec.key) & policy.scope(actor, "see", _Indexed(spec.key, indexed, spec.module))


def hit_of(entry: Entry, text: str = "") -> Hit:
    """An entry of the index as a hit, with what was looked for marked."""
    spec = registry.get(entry.record)
    return Hit(spec, entry.record_id, marked(entry.label, text), marked(entry.subtitle, text))


def marked(shown: str, text: str) -> Snippet:
    """`shown` cut around what was looked for, or around its longest word that is in it."""
    for wanted in (text, *sorted(text.split(), key=len, reverse=True)):
        found = snippet(shown, wanted, max(len(shown), 1))
        if found.match:
            return found
    return Snippet(shown, "", "")


def recent(actor: Actor, limit: int) -> list[Hit]:
    """What `actor` changed or wrote about last and may still see, newest first."""
    changes = Change.objects.filter(actor_id=actor.user_id).order_by("-at", "-id")
    made = changes.values_list("record", "record_id", "after")[:_RECENT_CHANGES]
    keys = list(dict.fromkeys(key for change in made if (key := _worked_on(*change))))
    if not keys:
        return []
    wanted = reduce(or_, (Q(record=key, record_id__in=ids) for key, ids in _by_kind(keys).items()))
    seen = owned(actor) | Q(record__in=_asked_kinds(actor))
    found = _shown(Entry.objects.filter(wanted).filter(seen), actor)
    entries = {(each.record, each.record_id): each for each in found}
    return [hit_of(entries[key]) for key in keys if key in entries][:limit]


def _worked_on(record: str, record_id: int, after: dict[str, Any]) -> tuple[str, int] | None:
    """The record of the menu that a change was about: itself, or what a note and the like hangs on."""
    parts = (part for value in after.values() if isinstance(value, list) for part in value)
    hung = [(part["record"], part["record_id"]) for part in parts if _hangs(part)]
    about = [(record, record_id), *hung]
    return next((key for key in about if (spec := registry.find(key[0])) and spec.menu), None)


def _hangs(part: Any) -> bool:
    return isinstance(part, dict) and {"record", "record_id"} <= part.keys()


def _by_kind(keys: Sequence[tuple[str, int]]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for record, record_id in keys:
        grouped.setdefault(record, []).append(record_id)
    return grouped


def by_kind(hits: Iterable[Hit]) -> dict[Spec, list[Hit]]:
    """The finds of each kind, kinds in the order of their best find."""
    grouped: dict[Spec, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(hit.spec, []).append(hit)
    return grouped
