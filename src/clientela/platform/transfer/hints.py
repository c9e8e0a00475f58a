"""Columns that tell what the word is like that another column of their row names.

A file may say "closed" and "won" in columns beside the name of the stage. The app of the record declares
such columns with `declare`; where an import makes a word on demand, all the rows that name it tell what it
is like. Nothing else is written from them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from clientela.kit.tables import Cell, parse_boolean
from clientela.kit.text import fold
from clientela.records import save, values
from clientela.records.spec import Spec

if TYPE_CHECKING:
    from clientela.kit.tables import Table
    from clientela.platform.transfer.finding import Finder
    from clientela.platform.transfer.mapping import ColumnMap

Said = Collection[Mapping[str, bool]]
Words = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Hint:
    """A column of yes and no; `headings`: how other systems head it."""

    name: str
    label: Any
    headings: tuple[str, ...]


@dataclass(frozen=True)
class Hints:
    """`values` gets what the rows of one word say, each combination once, and gives fields of the word.

    Only hints that the file has are in it; an empty cell is False. `link`: the field that names the words.
    """

    link: str
    columns: tuple[Hint, ...]
    values: Callable[[Said], Mapping[str, Any]]


_declared: dict[type[Model], Hints] = {}


def declare(model: type[Model], hints: Hints) -> None:
    """Let imports of a model's records take these columns as hints."""
    _declared[model] = hints


def hints_of(spec: Spec) -> Hints | None:
    """What is declared for this kind of record."""
    return _declared.get(spec.model)


def told_by(spec: Spec, table: Table, maps: Sequence[ColumnMap]) -> dict[str, Words]:
    """Fields of the words that a file names, by link and folded word. Reads all rows where it has hints."""
    hints = hints_of(spec)
    places = {each.target: each.position for each in maps if each.target}
    if hints is None or hints.link not in places:
        return {}
    names = [hint.name for hint in hints.columns if f"{hints.link}.{hint.name}" in places]
    columns = [places[f"{hints.link}.{name}"] for name in names]
    if not columns:
        return {}
    said = _said(table.rows(), places[hints.link], columns)
    rows = {word: [dict(zip(names, each, strict=True)) for each in sorted(said[word])] for word in said}
    return {hints.link: {word: dict(hints.values(each)) for word, each in rows.items()}}


def _said(
    rows: Iterable[Sequence[Cell]], link: int, columns: Sequence[int]
) -> dict[str, set[tuple[bool, ...]]]:
    """Each combination of yes and no that stands beside a word."""
    found: dict[str, set[tuple[bool, ...]]] = {}
    for row in rows:
        if word := fold(str(row[link]).strip()):
            found.setdefault(word, set()).add(tuple(_is_yes(row[column]) for column in columns))
    return found


def _is_yes(cell: Cell) -> bool:
    return bool(parse_boolean(str(cell).strip()))


def contradicted(told: Mapping[str, Words], finders: Mapping[str, Finder]) -> list[str]:
    """Titles of the words that were there already, of which the file says something else.

    A few queries for each link.
    """
    found: list[str] = []
    for link, words in told.items():
        finder = finders[link]
        finder.look_up(words)
        wanted = {finder.known[word]: said for word, said in words.items() if said and word in finder.known}
        for each in finder.spec.model._default_manager.filter(pk__in=wanted).order_by("pk"):
            said = wanted[each.pk]
            if values.snapshot(finder.spec, each, said) != said:
                found.append(save.title_of(finder.spec, each))
    return found
