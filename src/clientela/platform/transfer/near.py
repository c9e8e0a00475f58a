"""Rows whose name is nearly that of a record there is: legal forms, accents and slips left aside."""

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


class NearFinder:
    """The names of the visible records of one kind, read once for a whole import."""

    def __init__(self, spec: Spec, actor: Actor) -> None:
        self.spec = spec
        self.actor = actor
        self.name = spec.duplicates.name
        self.names: dict[str, int] | None = None
        self.by_word: dict[str, list[str]] = {}
        self.identities: dict[int, str] = {}

    @property
    def usable(self) -> bool:
        """Whether such records can be alike by name, and the person may see it."""
        return bool(self.name) and not is_hidden(refs.resolve(self.spec, self.name), self.actor)

    def find(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
        """Place in `rows` to the id of the record with the nearest name."""
        found = {}
        for place, row in enumerate(rows):
            pk = self._nearest(bare_company_name(str(row.get(self.name) or "")))
            if pk is not None and not self._is_another(pk, row.get("external_id")):
                found[place] = pk
        return found

    def _is_another(self, pk: int, external_id: Any) -> bool:
        """Two different ids of another system are two records, whatever they are called."""
        known = self.identities.get(pk)
        return bool(known) and bool(external_id) and known != external_id

    def _nearest(self, name: str) -> int | None:
        names = self._known()
        if not name or name in names:
            return names.get(name)
        scored = ((similarity(name, other), other) for other in self._sharing_a_word(name))
        score, nearest = max(scored, default=(0.0, ""))
        return names[nearest] if score >= NEAR else None

    def _sharing_a_word(self, name: str) -> Iterator[str]:
        for word in name.split():
            others = self.by_word.get(word, ())
            if len(others) <= _COMMON:
                yield from others

    def _known(self) -> dict[str, int]:
        if self.names is None:
            self.names = {}
            columns = ["pk", self.name, *(["external_id"] if self._has_identity else [])]
            rows = query.visible(self.spec, self.actor).order_by("-pk").values_list(*columns)
            for pk, name, *identity in rows.iterator(chunk_size=5000):
                self._learn(bare_company_name(name), pk, identity[0] if identity else "")
        return self.names

    @property
    def _has_identity(self) -> bool:
        return "external_id" in refs.fields_of(self.spec)

    def _learn(self, name: str, pk: int, identity: str) -> None:
        assert self.names is not None
        if name:
            if len(self.names) < COMPARED and name not in self.names:
                for word in set(name.split()):
                    self.by_word.setdefault(word, []).append(name)
            self.names[name] = pk
        if identity:
            self.identities[pk] = identity
