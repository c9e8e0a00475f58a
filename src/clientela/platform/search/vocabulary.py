"""The words there are, and which of them somebody may have meant.

A search that finds little is tried again with the nearest words instead of its own. The words of a large
base are few compared with its records, so this costs the same at any size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db import connection
from rapidfuzz.distance import DamerauLevenshtein

from clientela.kit.text import trigrams
from clientela.platform.search.models import Word

SHORTEST, LONGEST = 4, 40
NEAREST = 4
_LEAST_LIKENESS = 0.7
_BATCH = 1000
_WORD = re.compile(r"[^\W\d_]+")
_POSTGRESQL = "(SELECT word FROM search_word ORDER BY word <-> %s LIMIT 50)"
_SQLITE = """SELECT * FROM (SELECT trim(word) FROM search_word_near WHERE search_word_near MATCH %s
    ORDER BY rank LIMIT 50)"""


def words_in(folded: str) -> list[str]:
    """The words of a folded text that are worth mending."""
    return [word for word in _WORD.findall(folded) if SHORTEST <= len(word) <= LONGEST]


def learn(words: Iterable[str]) -> None:
    """Remember words; sorted, so that two who learn at once never wait for each other."""
    ordered = sorted(words)
    for start in range(0, len(ordered), _BATCH):
        batch = [Word(word=word) for word in ordered[start : start + _BATCH]]
        Word.objects.bulk_create(batch, ignore_conflicts=True)


def nearest(words: Sequence[str]) -> list[list[str]]:
    """For each folded word: itself and the known words that it may stand for, nearest first. One query."""
    asked = [word for word in words if words_in(word) == [word]]
    known = _candidates(asked)
    return [[word, *_rank(word, known)] if word in asked else [word] for word in words]


def _candidates(words: Sequence[str]) -> list[str]:
    """Known words that share trigrams with any of these."""
    if not words:
        return []
    if connection.vendor == "postgresql":
        query, params = _POSTGRESQL, list(words)
    else:
        query, params = _SQLITE, [_any_trigram(word) for word in words]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([query] * len(words)), params)
        return [row[0] for row in cursor.fetchall()]


def _any_trigram(word: str) -> str:
    return " OR ".join(f'"{part}"' for part in sorted(trigrams(word)))


def _rank(word: str, known: Iterable[str]) -> list[str]:
    likeness = {
        other: DamerauLevenshtein.normalized_similarity(word, other) for other in known if other != word
    }
    near = [other for other, score in likeness.items() if score >= _LEAST_LIKENESS]
    return sorted(near, key=lambda other: (-likeness[other], other))[:NEAREST]
