"""The search for pairs over a whole kind of record, or around those that changed.

Records meet by their keys only, a chunk at a time, so that the work grows with the number of records and the
memory does not. A key shared by more than `CROWD` records says too little: of a tax id, e-mail or telephone
each record is compared with its next neighbours only, any other such key is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from clientela.kit import bulk
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import facts, keys, scoring
from clientela.platform.duplicates.comparison import Comparison
from clientela.platform.duplicates.models import Decision, Key, Pair, Progress

CROWD = 30
# A tax id or telephone that so many share stands for "none".
PLACEHOLDER = 1000
NEIGHBOURS = 5
# Transactions end in another order than their changes are numbered: so many are looked at again.
OVERLAP = 5000
Tell = Callable[[int], None]


@dataclass(slots=True)
class Found:
    """`compared`: records looked at; `pairs`: those that came out alike."""

    compared: int = 0
    pairs: int = 0


def search(compared: Comparison, *, whole: bool = False, tell: Tell | None = None) -> Found:
    """Search the whole base the first time or when told so, else around what changed since the last time."""
    progress, _made = Progress.objects.get_or_create(record=compared.key)
    newest = Change.objects.filter(record=compared.key).aggregate(last=Max("id"))["last"] or 0
    Progress.objects.filter(pk=progress.pk).update(started_at=timezone.now())
    first_time = progress.finished_at is None
    if whole or first_time:
        found = _whole(compared, tell)
    else:
        found = around(compared, _changed(compared, progress.change_id - OVERLAP))
    Progress.objects.filter(pk=progress.pk).update(
        change_id=newest,
        finished_at=timezone.now(),
        compared=found.compared,
        pairs=Pair.objects.filter(record=compared.key, decision=Decision.OPEN).count(),
    )
    return found


def _whole(compared: Comparison, tell: Tell | None) -> Found:
    found = Found()
    with transaction.atomic():
        Key.objects.filter(record=compared.key).delete()
    for ids in facts.all_ids(compared):
        _keep_keys(compared, facts.read(compared, ids), {})
    for ids in facts.all_ids(compared):
        found.compared += len(ids)
        found.pairs += _pair_up(compared, ids, forward=True)
        if tell is not None:
            tell(found.compared)
    _drop_gone(compared)
    return found


def _drop_gone(compared: Comparison) -> None:
    """Pairs of which a record is no longer there."""
    there = compared.spec.model._base_manager.values("pk")
    both = Q(first_id__in=there, second_id__in=there)
    Pair.objects.filter(record=compared.key).exclude(both).exclude(decision=Decision.DIFFERENT).delete()


def around(compared: Comparison, ids: Iterable[int]) -> Found:
    """Look for pairs of these records with any other."""
    found = Found()
    for chunk in _chunks(ids):
        read = facts.read(compared, chunk)
        wanted = {key for each in read.values() for key in keys.keys_of(compared, each)}
        there = _records_under(wanted, set(read))
        _keep_keys(compared, read, there)
        found.compared += len(read)
        found.pairs += _pair_up(compared, chunk, forward=False)
    return found


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    every = sorted(set(ids))
    for start in range(0, len(every), facts.CHUNK):
        yield every[start : start + facts.CHUNK]


def _changed(compared: Comparison, since: int) -> set[int]:
    rows = Change.objects.filter(record=compared.key, id__gt=since).order_by()
    return set(rows.values_list("record_id", flat=True).distinct())


def _records_under(wanted: Iterable[int], ids: set[int]) -> dict[int, set[int]]:
    """Which of the keys each of these records has already."""
    there: dict[int, set[int]] = {}
    rows = Key.objects.filter(key__among=list(wanted), record_id__among=list(ids))
    for key, record_id in rows.values_list("key", "record_id"):
        there.setdefault(record_id, set()).add(key)
    return there


def _keep_keys(compared: Comparison, read: dict[int, facts.Facts], there: dict[int, set[int]]) -> None:
    rows = [
        (compared.key, pk, key)
        for pk, each in read.items()
        for key in keys.keys_of(compared, each)
        if key not in there.get(pk, ())
    ]
    if rows:
        with transaction.atomic():
            bulk.insert(connection, Key._meta.db_table, ("record", "record_id", "key"), rows)


def _pair_up(compared: Comparison, ids: Sequence[int], *, forward: bool) -> int:
    """Compare a chunk with all that share a key; `forward`: only with those of a greater id."""
    read = facts.read(compared, ids)
    candidates = _candidates(compared, read, forward=forward)
    others = {other for pair in candidates for other in pair} - set(read)
    for chunk in _chunks(others):
        read |= facts.read(compared, chunk)
    judged = {
        pair: found
        for pair in candidates
        if pair[0] in read
        and pair[1] in read
        and (found := scoring.reasons(compared, read[pair[0]], read[pair[1]]))
        and scoring.score(found) >= scoring.LEAST
    }
    _keep_pairs(compared, ids, judged, forward=forward)
    return len(judged)


def _candidates(compared: Comparison, read: dict[int, facts.Facts], *, forward: bool) -> set[tuple[int, int]]:
    wanted: dict[int, bool] = {}
    of_key: dict[int, list[int]] = {}
    for pk, each in read.items():
        for key, strong in keys.keys_of(compared, each).items():
            wanted[key] = strong
            of_key.setdefault(key, []).append(pk)
    sizes = _sizes(wanted)
    plain = [key for key, size in sizes.items() if size <= CROWD]
    pairs: set[tuple[int, int]] = set()
    for key, other in Key.objects.filter(key__among=plain).values_list("key", "record_id"):
        for pk in of_key[key]:
            if pk < other or (pk > other and not forward):
                pairs.add((min(pk, other), max(pk, other)))
    for key, size in sizes.items():
        if wanted[key] and CROWD < size <= PLACEHOLDER:
            pairs |= _neighbours(key, of_key[key], forward=forward)
    return pairs


def _sizes(wanted: Iterable[int]) -> dict[int, int]:
    """How many records share each of these keys; only keys that more than one has."""
    rows = Key.objects.filter(key__among=list(wanted)).order_by().values("key")
    return dict(rows.annotate(n=Count("record_id")).filter(n__gt=1).values_list("key", "n"))


def _neighbours(key: int, ids: Sequence[int], *, forward: bool) -> set[tuple[int, int]]:
    every = sorted(set(Key.objects.filter(key=key).values_list("record_id", flat=True)))
    place = {pk: at for at, pk in enumerate(every)}
    pairs = set()
    for pk in ids:
        at = place.get(pk, 0)
        near = every[at + 1 : at + 1 + NEIGHBOURS]
        near += [] if forward else every[max(0, at - NEIGHBOURS) : at]
        pairs |= {(min(pk, other), max(pk, other)) for other in near}
    return pairs


def _keep_pairs(
    compared: Comparison,
    ids: Sequence[int],
    judged: dict[tuple[int, int], list[scoring.Reason]],
    *,
    forward: bool,
) -> None:
    """Add and bring up to date; what is no longer alike goes, but for what somebody decided."""
    touching = Q(first_id__among=list(ids))
    if not forward:
        touching |= Q(second_id__among=list(ids))
    with transaction.atomic():
        known = {
            (pair.first_id, pair.second_id): pair
            for pair in Pair.objects.filter(touching, record=compared.key)
        }
        gone = [
            pair.pk
            for both, pair in known.items()
            if both not in judged and pair.decision != Decision.DIFFERENT
        ]
        Pair.objects.filter(pk__in=gone).delete()
        changed = [pair for both, pair in known.items() if both in judged and pair.reasons != judged[both]]
        for pair in changed:
            pair.reasons = judged[(pair.first_id, pair.second_id)]
            pair.score = scoring.score(pair.reasons)
        Pair.objects.bulk_update(changed, ["reasons", "score"], batch_size=500)
        fresh = [_pair(compared, both, found) for both, found in judged.items() if both not in known]
        Pair.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)


def _pair(compared: Comparison, both: tuple[int, int], found: list[scoring.Reason]) -> Pair:
    return Pair(
        record=compared.key,
        first_id=both[0],
        second_id=both[1],
        score=scoring.score(found),
        reasons=found,
    )
