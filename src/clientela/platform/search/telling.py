"""What of the finds their reader may be told: the index holds titles of linked records, for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from clientela.access.actor import Actor
from clientela.kit.text import fold
from clientela.platform.search.index import is_indexed
from clientela.platform.search.models import Entry
from clientela.records import query, refs, registry, rights
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

Words = Sequence[str | Sequence[str]]


def told(found: Iterable[Entry], actor: Actor, words: Words = ()) -> list[Entry]:
    """The entries that `actor` may find by `words`, without the names of records that he does not see.

    A query for each kind of record that links to what he sees only in part.
    """
    entries = list(found)
    kept: dict[tuple[str, int], str] = {}
    asked: set[str] = set()
    for spec, texts in _limited(actor):
        ids = [entry.record_id for entry in entries if entry.record == spec.key]
        asked.add(spec.key)
        kept |= {(spec.key, each): text for each, text in _read(spec, texts, ids)} if ids else {}
    return [
        entry
        for entry in entries
        if entry.record not in asked or _is_told(entry, kept.get((entry.record, entry.record_id)), words)
    ]


def _limited(actor: Actor) -> Iterator[tuple[Spec, list[FieldRef]]]:
    """Kinds whose entries repeat what not everybody sees, with what they are found by; the subtitle first."""
    for spec in registry.every():
        if is_indexed(spec) and not actor.is_admin:
            paths = (spec.subtitle or spec.title, spec.title, *spec.search.weights)
            texts = [rights.read_by(refs.resolve(spec, path), actor) for path in paths]
            if any(ref.seen is not None for ref in texts):
                yield spec, texts


def _read(spec: Spec, texts: Sequence[FieldRef], ids: Sequence[int]) -> Iterator[tuple[int, Any]]:
    rows = query.annotated(spec.model._default_manager.filter(pk__in=ids).order_by(), texts)
    for record_id, *values in rows.values_list("pk", *(_text_path(ref) for ref in texts)):
        yield record_id, [str(each) if each is not None else "" for each in values]


def _text_path(ref: FieldRef) -> str:
    return ref.reading(ref.looks[0]) if ref.looks else ref.annotation


def _is_told(entry: Entry, texts: Any, words: Words) -> bool:
    """Whether every word (or one like it) is in what he reads. A subtitle that he does not read is lost."""
    if texts is None:
        return False
    entry.subtitle = entry.subtitle if texts[0] else ""
    held = fold(" ".join(texts[1:]))
    choices = [[word] if isinstance(word, str) else word for word in words]
    return all(any(one in held for one in each) for each in choices)
