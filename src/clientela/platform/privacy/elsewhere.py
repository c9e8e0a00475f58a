"""Other records that name a person in their own words: shown before an erasure, which leaves them alone."""

from __future__ import annotations

from clientela.access.actor import Actor
from clientela.kit.text import fold
from clientela.platform.privacy import holdings
from clientela.platform.privacy.holdings import Held
from clientela.platform.search.models import Entry
from clientela.platform.timeline.models import Note
from clientela.records import query, registry, save, urlnames

MOST = 20


def naming(held: Held, actor: Actor) -> list[tuple[str, str, str]]:
    """Kind, title and address of records that `actor` sees and the search box finds by her name or e-mail,
    and of those with notes that name her; at most twenty of each kind."""
    traces = holdings.traces(held)
    found: dict[str, set[int]] = {}
    for words in sorted(traces.names | traces.emails):
        rows = Entry.objects.filter(text__contains=fold(words))
        for key, number in rows.values_list("record", "record_id")[: MOST * 5]:
            found.setdefault(key, set()).add(number)
        about = Note.objects.filter(body__icontains=words).values_list("links__record", "links__record_id")
        for key, number in about[: MOST * 5]:
            found.setdefault(key or "", set()).add(number or 0)
    found.get(held.spec.key, set()).difference_update(held.ids)
    return [row for key in sorted(found) for row in _shown(key, found[key], actor)]


def _shown(key: str, ids: set[int], actor: Actor) -> list[tuple[str, str, str]]:
    spec = registry.find(key)
    if spec is None or not ids:
        return []
    rows = query.visible(spec, actor).filter(pk__in=ids).order_by("pk")[:MOST]
    return [(str(spec.label), save.title_of(spec, row), urlnames.record_url(spec, row.pk)) for row in rows]
