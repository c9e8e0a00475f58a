"""How both databases compare text without accents and find words in the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.db.models import Lookup, Transform

# The trigram index answers from three letters on; shorter words are compared row by row.
INDEXED_LENGTH = 3


class Fold(Transform):
    """`name__folded__contains`: lower case and without accents, by the database's own `fold` function."""

    lookup_name = "folded"
    function = "fold"

    @property
    def output_field(self) -> models.TextField[Any, Any]:
        return models.TextField()


class FoldedTextField(models.TextField[str, str]):
    """Text that is kept folded and has a trigram index under the name of its table and `_words`."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Folded words to find in one kind of record. A word may be a list of words, one of which is enough."""

    record: str
    words: Sequence[str | Sequence[str]]

    def __iter__(self) -> Iterator[str | Sequence[str]]:
        return iter(self.words)


@FoldedTextField.register_lookup
class Holds(Lookup[Any]):
    """`text__holds=Sought("account", ["aridos", "jalon"])`: of this kind, holding every word anywhere."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, _params = self.process_lhs(compiler, connection)
        table, _separator, _name = column.rpartition(".")
        parts, params = [f"{table}.record = %s"], [self.rhs.record]
        for word in self.rhs:
            choices = [word] if isinstance(word, str) else list(word)
            parts.append("(" + " OR ".join([f"{column} LIKE %s"] * len(choices)) + ")")
            params += [f"%{connection.ops.prep_for_like_query(choice)}%" for choice in choices]
        return " AND ".join(parts), tuple(params)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Long words by the full-text table, short ones row by row."""
        column, _params = self.process_lhs(compiler, connection)
        table, _separator, _name = column.rpartition(".")
        phrase, short = phrase_of(self.rhs)
        parts, params = [f"{table}.record = %s"], [self.rhs.record]
        if phrase:
            parts.append(
                f"{table}.record_id IN (SELECT {RECORD_ID} FROM search_entry_words WHERE {IN_WORDS})"  # noqa: S608
            )
            params += [phrase, self.rhs.record, self.rhs.record]
        for word in short:
            parts.append(f"instr({column}, %s) > 0")
            params.append(word)
        return " AND ".join(parts), tuple(params)


# Where a record is in SQLite's table of words: the number of its kind, then its id (migration 0004). A kind
# that never had an entry has no number; it must not be without bounds, as every match would be read then.
RECORD_ID = "search_entry_words.rowid & ((1 << 40) - 1)"
IN_WORDS = """search_entry_words MATCH %s AND search_entry_words.rowid
    BETWEEN coalesce((SELECT id << 40 FROM search_kind WHERE record = %s), 0)
    AND coalesce((SELECT ((id + 1) << 40) - 1 FROM search_kind WHERE record = %s), -1)"""


def phrase_of(sought: Sought) -> tuple[str, list[str]]:
    """The FTS5 query of the long words ("" where there are none), and the short words."""
    long, short = _split(sought)
    return " AND ".join(_phrase(word) for word in long), short


def _split(words: Iterable[str | Sequence[str]]) -> tuple[list[list[str]], list[str]]:
    long, short = [], []
    for word in words:
        choices = [word] if isinstance(word, str) else list(word)
        if min(map(len, choices)) >= INDEXED_LENGTH:
            long.append(choices)
        else:
            short += choices[:1]
    return long, short


def _phrase(choices: list[str]) -> str:
    """An FTS5 query: quoted, so that no sign in it means anything."""
    quoted = ['"' + choice.replace('"', '""') + '"' for choice in choices]
    return "(" + " OR ".join(quoted) + ")"


class FoldedLookups:
    """Both kinds of text column on which `folded` is offered."""

    FIELDS: ClassVar = (models.CharField, models.TextField)

    @classmethod
    def register(cls) -> None:
        for field in cls.FIELDS:
            field.register_lookup(Fold)
