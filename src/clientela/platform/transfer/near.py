"""Rows with nearly the name of a record there is, or of an earlier row: legal forms and slips left aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clientela.access.actor import Actor
from clientela.kit.text import bare_company_name, similarity
from clientela.records import query, refs
from clientela.records.conditions import is_hidden
from clientela.records.spec import Spec

# Below it two names merely share words.
NEAR = 0.7
# Of more records than these only the names that are the same are found: the words would not fit in memory.
COMPARED = 100_000
_COMMON = 500


class Names:
    """Bare names, each with the number of what it stands for."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.by_word: dict[str, list[str]] = {}

    def learn(self, name: str, number: int) -> None:
        """Keep a name; of two that are the same the later number counts."""
        if name and name not in self.numbers and len(self.numbers) < COMPARED:
            for word in set(name.split()):
                self.by_word.setdefault(word, []).append(name)
        if name:
            self.numbers[name] = number

    def nearest(self, name: str) -> int | None:
        """The number of the same or the nearest name, None where none is near."""
        if not name or name in self.numbers:
            return self.numbers.get(name)
        scored = ((similarity(name, other), other) for other in self._sharing_a_word(name))
        score, nearest = max(scored, default=(0.0, ""))
        return self.numbers[nearest] if score >= NEAR else None

    def _sharing_a_word(self, name: str) -> Iterator[str]:
        for word in name.split():
            others = self.by_word.get(word, ())
            if len(others) <= _COMMON:
                yield from others


class NearFinder:
    """The names of the visible records of one kind, read once for a whole import, and those it makes."""

    def __init__(self, spec: Spec, actor: Actor) -> None:
        self.spec = spec
        self.actor = actor
        self.name = spec.duplicates.name
        self.stored: Names | None = None
        self.identities: dict[int, str] = {}
        self.rehearsed: dict[int, str] = {}
        """Names of rows that a rehearsal made and took back, by a number below 0."""

    @property
    def usable(self) -> bool:
        """Whether such records can be alike by name, and the person may see it."""
        return bool(self.name) and not is_hidden(refs.resolve(self.spec, self.name), self.actor)

    def find(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
        """Place in `rows` to the id of the record with the nearest name."""
        found = {}
        for place, row in enumerate(rows):
            pk = self._names().nearest(self._bare(row))
            if pk is not None and not _differ(self.identities.get(pk), row.get("external_id")):
                found[place] = pk
        return found

    def repeated(self, rows: Sequence[Mapping[str, Any]]) -> set[int]:
        """Places of the rows whose name is near that of an earlier one of them."""
        names, found = Names(), set()
        for place, row in enumerate(rows):
            name = self._bare(row)
            earlier = names.nearest(name)
            if earlier is None or _differ(rows[earlier].get("external_id"), row.get("external_id")):
                names.learn(name, place)
            else:
                found.add(place)
        return found

    def learn(self, row: Mapping[str, Any], pk: int) -> None:
        """Know a record that the import has just made; `pk` below 0 for one that will not stay."""
        name, names = self._bare(row), self._names()
        if name not in names.numbers:
            names.learn(name, pk)
        if pk < 0:
            self.rehearsed[pk] = str(row.get(self.name) or "")
        if row.get("external_id"):
            self.identities[pk] = str(row["external_id"])

    def _bare(self, row: Mapping[str, Any]) -> str:
        return bare_company_name(str(row.get(self.name) or ""))

    def _names(self) -> Names:
        if self.stored is None:
            self.stored = Names()
            columns = ["pk", self.name, *(["external_id"] if self._has_identity else [])]
            rows = query.visible(self.spec, self.actor).order_by("-pk").values_list(*columns)
            for pk, name, *identity in rows.iterator(chunk_size=5000):
                self.stored.learn(bare_company_name(name), pk)
                if identity and identity[0]:
                    self.identities[pk] = identity[0]
        return self.stored

    @property
    def _has_identity(self) -> bool:
        return "external_id" in refs.fields_of(self.spec)


def _differ(known: Any, given: Any) -> bool:
    """Two different ids of another system are two records, whatever they are called."""
    return bool(known) and bool(given) and known != given
