"""The search box of a list and the "contains" of a filter, answered from the index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import connection, models
from django.db.models import Q, QuerySet

from clientela.access.actor import Actor
from clientela.kit.text import fold
from clientela.platform.search import pool, vocabulary
from clientela.platform.search.index import LONGEST_TITLE, is_indexed
from clientela.platform.search.lookups import INDEXED_LENGTH, Sought
from clientela.platform.search.models import Entry
from clientela.records import kinds, refs, rights
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

MOST_WORDS = 8
LONGEST_QUERY = 200
Words = Sequence[str | Sequence[str]]
_LAST = "\U0010ffff"
_UNKEEPABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])


def folded_query(text: str) -> str:
    """What was typed, comparable with the index and safe for both databases."""
    return fold(text[:LONGEST_QUERY].translate(_UNKEEPABLE))


def words_of(text: str) -> list[str]:
    """The folded words of a query, each once."""
    return list(dict.fromkeys(folded_query(text).split(" ")))[:MOST_WORDS]


def are_short(words: Sequence[str]) -> bool:
    """Whether the index of words cannot answer."""
    return all(len(word) < INDEXED_LENGTH for word in words)


def entries_starting(record: str, text: str) -> QuerySet[Entry]:
    """Entries of one kind whose title begins with `text`, by the index on titles of either database."""
    entries, start = Entry.objects.filter(record=record), folded_query(text)
    if connection.vendor == "postgresql":
        return entries.filter(title__startswith=start)
    return entries.filter(title__gte=start, title__lt=start + _LAST)


def near_words(text: str) -> list[list[str]]:
    """For each word of `text`, that word and those very like it; [] where no word can be mended."""
    words = words_of(text)
    if not any(len(word) >= vocabulary.SHORTEST for word in words):
        return []
    return vocabulary.nearest(words)


def search_lookup(spec: Spec, text: str, actor: Actor) -> Q:
    """The records of this kind that the search box finds: every word, or else every word nearly."""
    if not folded_query(text):
        return Q(pk__in=[])
    found = [rights.read_by(refs.resolve(spec, path), actor) for path in spec.search.weights]
    if not is_indexed(spec):
        return _words_in_columns(found, words_of(text))
    if any(ref.seen is not None for ref in found):
        return _readable(spec, text, found, actor)
    return Q(pk__in=_entries(spec.key, text).values("record_id"))


def _readable(spec: Spec, text: str, found: Sequence[FieldRef], actor: Actor) -> Q:
    """For one who does not see all that these records link to: the index holds names that he may not find by,
    so that every word must also be in what he reads. Near words are tried where he finds none exactly."""
    words = words_of(text)
    if are_short(words):
        return Q(pk__in=entries_starting(spec.key, text).values("record_id"))
    exact = _held_and_read(spec, words, found)
    if not (near := near_words(text)) or rights.visible(spec, actor).filter(exact).exists():
        return exact
    return _held_and_read(spec, near, found)


def _held_and_read(spec: Spec, words: Words, found: Sequence[FieldRef]) -> Q:
    held = Entry.objects.filter(text__holds=Sought(spec.key, words))
    return Q(pk__in=held.values("record_id")) & _words_in_columns(found, words)


def _entries(record: str, text: str) -> QuerySet[Entry]:
    words = words_of(text)
    if are_short(words):
        return entries_starting(record, text)
    sought = Sought(record, words)
    if not pool.is_any(sought) and (near := near_words(text)):
        sought = Sought(record, near)
    return Entry.objects.filter(text__holds=sought)


def _words_in_columns(found: Sequence[FieldRef], words: Words) -> Q:
    """Each word (or one like it) in one of the fields, as their reader gets them."""
    choices = [[word] if isinstance(word, str) else word for word in words]
    return reduce(
        and_,
        (reduce(or_, (_read(ref, one) for ref in found for one in each), Q()) for each in choices),
        Q(),
    )


def _read(ref: FieldRef, word: str) -> Q:
    held = _folded(ref, word)
    return held if ref.seen is None else held & ref.seen


def text_lookup(ref: FieldRef, text: str) -> Q:
    """Rows whose text at `ref` contains `text`, whatever its accents."""
    wanted = folded_query(text)
    if not wanted:
        return Q(pk__in=[])
    link, target = _titled(ref)
    if target is None or not is_indexed(target) or not _has_whole_title(target):
        return _folded(ref, wanted)
    found = Entry.objects.filter(text__holds=Sought(target.key, [wanted]), title__contains=wanted)
    return Q(**{f"{link}__in": found.values("record_id")})


def _has_whole_title(spec: Spec) -> bool:
    """Whether the index holds titles of this kind to their end."""
    title = refs.resolve(spec, spec.title).field
    return title is not None and 0 < (getattr(title, "max_length", 0) or 0) <= LONGEST_TITLE


def _titled(ref: FieldRef) -> tuple[str, Spec | None]:
    """The path to the record whose title `ref` is, and that record; (…, None) for any other field."""
    if ref.kind is kinds.Link:
        return ref.path, ref.target
    owner, name = ref.chain[-1]
    if name != owner.title:
        return "", None
    return ref.path.rpartition(refs.SEPARATOR)[0] or "pk", owner


def _folded(ref: FieldRef, wanted: str) -> Q:
    path: Any = ref.path
    if ref.kind is kinds.Link and ref.target is not None:
        path = f"{ref.path}__{ref.target.title}"
    elif not isinstance(ref.field, models.CharField | models.TextField):
        return Q(**{f"{ref.source}__icontains": wanted})
    return Q(**{f"{path}__folded__contains": wanted})
