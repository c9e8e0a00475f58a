"""Records that cells speak of: by number, external id, e-mail, name; and the words made on demand."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import CharField, F, Func

from clientela.access import policy
from clientela.kit.text import fold
from clientela.records import kinds, query, refs, write
from clientela.records.changes import Operation
from clientela.records.errors import RecordError
from clientela.records.spec import Spec

CHUNK = 2000
_REMEMBERED = 200_000
_SEPARATORS = re.compile(r"[\s./-]")


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


class Finder:
    """Finds the records of one kind that texts name, and remembers them for the whole import.

    A name that two records share finds neither: guessing would tie a row to the wrong one.
    """

    def __init__(self, spec: Spec, operation: Operation, *, create: bool) -> None:
        self.spec = spec
        self.operation = operation
        self.known: dict[str, int] = {}
        self.missing: set[str] = set()
        self.create = create and spec.create_on_import and policy.may(operation.actor, "create", spec)

    def look_up(self, texts: Iterable[str]) -> None:
        """Learn which records these texts name; afterwards `known` has those there are."""
        if len(self.known) > _REMEMBERED:
            self.known.clear()
        unknown = {text for text in texts if text not in self.known and text not in self.missing}
        for step in (self._by_alias, *self._by_keys(), self._by_title):
            if not unknown:
                return
            found = step(unknown)
            self.known.update(found)
            unknown -= found.keys()
        self.missing |= unknown

    def forget_missing(self) -> None:
        """Look again: rows written since may be what was not there."""
        self.missing.clear()

    def _rows(self) -> Any:
        return query.visible(self.spec, self.operation.actor)

    def _by_alias(self, texts: set[str]) -> dict[str, int]:
        aliases = self.spec.import_aliases() if self.spec.import_aliases is not None else {}
        return {text: aliases[fold(text)] for text in texts if fold(text) in aliases}

    def _by_keys(self) -> Iterator[Callable[[set[str]], dict[str, int]]]:
        fields = refs.fields_of(self.spec)
        names = [name for name in self.spec.import_key if name in fields and name != self.spec.title]
        names += [name for name, ref in fields.items() if ref.kind is kinds.Email and name not in names]
        for name in names:
            yield lambda texts, name=name: self._by_column(name, texts)  # type: ignore[misc]

    def _by_column(self, name: str, texts: set[str]) -> dict[str, int]:
        variants = {variant: text for text in texts for variant in (text, text.lower())}
        pairs = self._rows().filter(**{f"{name}__among": variants}).values_list(name, "pk")
        return {variants[value]: pk for value, pk in _alone(pairs).items() if value in variants}

    def _by_title(self, texts: set[str]) -> dict[str, int]:
        folded: dict[str, list[str]] = {}
        for text in texts:
            folded.setdefault(fold(text), []).append(text)
        title = refs.fields_of(self.spec)[self.spec.title]
        if title.kind is kinds.Link:
            return {}
        rows = self._rows().annotate(_folded=Func(F(title.path), function="fold", output_field=CharField()))
        pairs = rows.filter(_folded__among=folded).values_list("_folded", "pk")
        return {text: pk for word, pk in _alone(pairs).items() for text in folded.get(word, ())}

    def make(self, text: str, values: dict[str, Any]) -> int | None:
        """Create the word that is not there; None where that may not or cannot be."""
        if not self.create or text not in self.missing:
            return self.known.get(text)
        try:
            made = write.create(self.spec, {**values, self.spec.title: text}, operation=self.operation)
        except RecordError:
            return None
        self.missing.discard(text)
        for each in [text, *(word for word in self.missing if fold(word) == fold(text))]:
            self.known[each] = made.pk
        self.missing -= self.known.keys()
        return int(made.pk)


def _alone(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The values that only one record has."""
    found: dict[str, int] = {}
    several = set()
    for value, pk in pairs:
        if found.setdefault(value, pk) != pk:
            several.add(value)
    return {value: pk for value, pk in found.items() if value not in several}


def existing_ids(spec: Spec, operation: Operation, numbers: Iterable[int]) -> set[int]:
    """Which of these numbers are records that the actor may see."""
    rows = query.visible(spec, operation.actor)
    wanted = set(numbers)
    return set(rows.filter(pk__among=wanted).values_list("pk", flat=True)) if wanted else set()


class TwinFinder:
    """Finds the record that a row stands for: same number, external id, tax id or e-mail.

    A row and a record with external ids that differ are two, whatever else they share.
    """

    def __init__(self, spec: Spec, operation: Operation, keys: Sequence[str]) -> None:
        self.spec = spec
        self.operation = operation
        self.keys = tuple(keys)
        self.has_identity = "external_id" in refs.fields_of(spec)

    def find(self, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
        """Place in `rows` to the id of the record that is there already."""
        found: dict[int, int] = {}
        for key in self.keys:
            places: dict[str, list[int]] = {}
            for place, values in enumerate(rows):
                if place not in found and (value := key_of(key, values.get(key))):
                    places.setdefault(value, []).append(place)
            for value, pk, identity in self._stored(key, places):
                for place in places.get(key_of(key, value), ()):
                    if key == "external_id" or not _differ(identity, rows[place].get("external_id")):
                        found.setdefault(place, pk)
        return found

    def _stored(self, key: str, wanted: Collection[str]) -> Iterator[tuple[Any, int, str]]:
        identity = "external_id" if self.has_identity else "pk"
        rows = query.visible(self.spec, self.operation.actor).order_by("-pk")
        known = rows.filter(**{f"{key}__among": wanted}).values_list(key, "pk", identity)
        for value, pk, external in known if wanted else ():
            yield value, pk, str(external) if self.has_identity else ""


def key_of(key: str, value: Any) -> str:
    """A key's value as it is compared."""
    text = str(value).strip() if value not in (None, "") else ""
    return _SEPARATORS.sub("", text).upper() if key == "tax_id" else text


def _differ(stored: str, given: Any) -> bool:
    return bool(stored) and bool(given) and stored != given
