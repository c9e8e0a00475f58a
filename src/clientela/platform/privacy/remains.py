"""What is kept of a person beside records and history: keys of duplicates, the search box, jobs, views."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django_tasks_db.models import DBTaskResult

from clientela.kit.text import fold
from clientela.platform.audit.models import LargeUndo
from clientela.platform.duplicates.models import Absorbed, Key, Merge, Pair
from clientela.platform.editing.models import BulkJob
from clientela.platform.handover.models import HandOver
from clientela.platform.privacy.forgetting import Ids
from clientela.platform.privacy.traces import Traces
from clientela.platform.savedviews.models import SavedView
from clientela.platform.search import index, vocabulary
from clientela.platform.search.models import Entry, Word
from clientela.platform.transfer.models import ImportJob, SavedMapping
from clientela.records import registry

PLACES: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (ImportJob, ("file_name", "mapping", "options", "report", "error")),
    (SavedMapping, ("name", "columns")),
    (LargeUndo, ("report", "error")),
    (BulkJob, ("request", "origin", "label", "report", "error")),
    (HandOver, ("left", "error")),
    (SavedView, ("name", "condition")),
    (Merge, ("title", "rows")),
    (Absorbed, ("title",)),
    (DBTaskResult, ("traceback",)),
)
"""Tables that are no records and may repeat words of one, with the columns of texts and JSON that can."""


def forget(own: Ids, titles: dict[str, str], traces: Traces) -> None:
    """Take it all away, in the caller's transaction."""
    for key, ids in own.items():
        _forget_likeness(key, list(ids), titles.get(key, ""))
    for model, columns in PLACES:
        _strip(model, columns, traces)
    _forget_words(traces)


def _forget_likeness(key: str, ids: list[int], title: str) -> None:
    """Names and keys that the search for duplicates and the search box keep beside the record."""
    Key.objects.filter(record=key, record_id__in=ids).delete()
    Pair.objects.filter(Q(first_id__in=ids) | Q(second_id__in=ids), record=key).delete()
    for number in ids if title else ():
        words = {"title": title % {"id": number}}
        Absorbed.objects.filter(record=key, record_id=number).update(**words)
        Merge.objects.filter(record=key, survivor_id=number).update(**words)
    spec = registry.get(key)
    if index.is_indexed(spec):
        index.refresh(spec, ids)


def _strip(model: type[Any], columns: tuple[str, ...], traces: Traces) -> None:
    texts = {f"_{name}": Cast(name, TextField()) for name in columns}
    for row in model._default_manager.annotate(**texts).filter(traces.q(*texts)):
        kept = {name: getattr(row, name) for name in columns}
        now = {name: traces.cut_json(value) for name, value in kept.items()}
        if now != kept:
            model._default_manager.filter(pk=row.pk).update(**now)


def _forget_words(traces: Traces) -> None:
    """The words of her name that the search box mends slips with, where nobody else has them."""
    for word in {word for name in traces.names for word in vocabulary.words_in(fold(name))}:
        if not Entry.objects.filter(text__contains=word).exists():
            Word.objects.filter(word=word).delete()
