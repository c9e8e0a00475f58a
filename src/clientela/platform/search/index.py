"""What each record is found by, and how the index follows every write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from clientela.kit.text import fold
from clientela.platform.search import vocabulary
from clientela.platform.search.models import Entry
from clientela.records import kinds, refs, registry
from clientela.records.changes import CREATE, DELETE, UPDATE, Change, Operation
from clientela.records.refs import FieldRef
from clientela.records.rows import insert_values
from clientela.records.spec import Spec

BATCH = 1000
# More followers of one renamed record than this are brought up to date by a job.
FOLLOWERS_AT_ONCE = 2000
_LONGEST, LONGEST_TITLE = 10_000, 255
_PLAIN_TEXTS = (kinds.Text, kinds.LongText)
_SHOWN = (kinds.Text, kinds.LongText, kinds.Email, kinds.Phone, kinds.Url)


@dataclass(frozen=True, slots=True)
class Plan:
    """Query paths whose values make an entry: `texts` by falling weight, the title first among them."""

    spec: Spec
    title: str
    subtitle: str
    texts: tuple[str, ...]
    spoken: frozenset[str]
    """The paths whose words are worth mending; not e-mails and numbers."""
    owner: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.title, *self.texts, *filter(None, (self.subtitle, self.owner)))))

    @property
    def heads(self) -> frozenset[str]:
        """The record's own fields on which its entry depends."""
        return frozenset(path.partition(refs.SEPARATOR)[0] for path in self.paths)


def is_indexed(spec: Spec) -> bool:
    """Words that classify (configuration) are few: they are compared directly, without an index."""
    return bool(spec.search.weights) and not spec.access.configuration


def plan_of(spec: Spec) -> Plan:
    """What to read of this kind. Private fields are left out: the index is the same for everybody."""
    weighted = sorted(spec.search.weights, key=lambda path: -spec.search.weights[path])
    found = [ref for path in weighted if (ref := _searchable(spec, path)) is not None]
    title = _path(refs.resolve(spec, spec.title))
    subtitle = _searchable(spec, spec.subtitle) if spec.subtitle else None
    texts = tuple(dict.fromkeys((title, *(_path(ref) for ref in found))))
    spoken = frozenset({title, *(_path(ref) for ref in found if _is_spoken(ref))})
    shown = _path(subtitle) if subtitle is not None else ""
    return Plan(spec, title, shown, texts, spoken, owner=spec.access.owner)


def _searchable(spec: Spec, path: str) -> FieldRef | None:
    ref = refs.resolve(spec, path)
    private = any(name in owner.access.private for owner, name in ref.chain)
    plain = ref.kind in _SHOWN or (ref.kind is kinds.Link and ref.target is not None)
    return ref if plain and not private and ref.field is not None else None


def _path(ref: FieldRef) -> str:
    return f"{ref.path}__{ref.target.title}" if ref.kind is kinds.Link and ref.target else ref.path


def _is_spoken(ref: FieldRef) -> bool:
    return ref.kind in _PLAIN_TEXTS or ref.kind is kinds.Link


def keep(operation: Operation, made: Sequence[Change]) -> None:
    """Bring the index up to date with these changes, in their transaction."""
    by_spec: dict[Spec, list[Change]] = {}
    for change in made:
        by_spec.setdefault(change.spec, []).append(change)
    for spec, changes in by_spec.items():
        if is_indexed(spec):
            _keep_own(spec, changes)
        _keep_followers(spec, [change for change in changes if change.verb == UPDATE])


def _keep_own(spec: Spec, changes: Sequence[Change]) -> None:
    plan = plan_of(spec)
    heads = plan.heads
    gone = [change.record_id for change in changes if change.verb == DELETE]
    fresh = [change for change in changes if change.verb == CREATE]
    touched = [
        change.record_id for change in changes if change.verb == UPDATE and heads.intersection(change.after)
    ]
    remove(spec, gone)
    _add(plan, fresh)
    refresh(spec, touched)


def _add(plan: Plan, changes: Sequence[Change]) -> None:
    """The entries of new records, from the instances just written and the titles of what they link to."""
    if not changes:
        return
    linked = {path: _linked_texts(plan.spec, path, changes) for path in plan.paths if refs.SEPARATOR in path}
    attributes = [(path, _attribute(plan.spec, path), linked.get(path)) for path in plan.paths]
    rows = []
    for change in changes:
        own = change.instance.__dict__
        rows.append(
            (
                change.record_id,
                *(own[name] if texts is None else texts.get(own[name]) for _path, name, texts in attributes),
            )
        )
    write(plan, rows, fresh=True)


def _attribute(spec: Spec, path: str) -> str:
    """Under what an instance holds the field itself, or the id of the link that the path begins with."""
    field: Any = spec.model._meta.get_field(path.partition(refs.SEPARATOR)[0])
    return str(field.attname)


def _linked_texts(spec: Spec, path: str, changes: Sequence[Change]) -> dict[Any, Any]:
    head, _separator, rest = path.partition(refs.SEPARATOR)
    name, target = _attribute(spec, path), refs.fields_of(spec)[head].target
    assert target is not None
    ids = {change.instance.__dict__[name] for change in changes} - {None}
    rows = target.model._base_manager.filter(pk__among=ids) if ids else target.model._base_manager.none()
    return dict(rows.values_list("pk", rest))


def _keep_followers(spec: Spec, changes: Sequence[Change]) -> None:
    """Entries of other records that hold a text of the changed ones, such as an account's name."""
    for follower, link, field in links_to(spec):
        ids = [change.record_id for change in changes if field in change.after]
        if ids:
            refresh_followers(follower, link, ids)


def links_to(spec: Spec) -> Iterator[tuple[Spec, str, str]]:
    """(record, link path, field of `spec`) for each entry that holds a text of `spec`."""
    for follower in registry.every():
        if not is_indexed(follower):
            continue
        for path in plan_of(follower).paths:
            link, _separator, field = path.rpartition(refs.SEPARATOR)
            if link and refs.resolve(follower, link).target is spec:
                yield follower, link, field


def refresh_followers(follower: Spec, link: str, ids: Sequence[int]) -> None:
    """The first followers at once; the rest, where there are many, by a job."""
    from clientela.platform.search import tasks

    rows = follower.model._default_manager.filter(**{f"{link}__in": ids}).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[: FOLLOWERS_AT_ONCE + 1])
    refresh(follower, found[:FOLLOWERS_AT_ONCE])
    if len(found) > FOLLOWERS_AT_ONCE:
        tasks.refresh_rest.enqueue(follower.key, link, list(ids), found[FOLLOWERS_AT_ONCE - 1])


def refresh(spec: Spec, ids: Sequence[int]) -> None:
    """Make the entries of these records anew from their rows."""
    plan = plan_of(spec)
    for start in range(0, len(ids), BATCH):
        rows = spec.model._default_manager.filter(pk__in=ids[start : start + BATCH])
        write(plan, rows.values_list("pk", *plan.paths))


def write(plan: Plan, rows: Iterable[tuple[Any, ...]], *, fresh: bool = False) -> int:
    """Keep the entries of rows read by `plan.paths` (after the id); returns how many. `fresh`: all new."""
    words: set[str] = set()
    paths = plan.paths
    entries = [_entry(plan, paths, row, words) for row in rows]
    _put(entries if fresh else (), () if fresh else entries, words)
    return len(entries)


def _put(fresh: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]], words: set[str]) -> None:
    """Insert the `fresh` entries, insert or change the `known` ones, and learn their words."""
    if fresh:
        insert_values(Entry, fresh, numbered=False)
    if known:
        Entry.objects.bulk_create(
            [Entry(**entry) for entry in known],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["record", "record_id"],
            update_fields=["label", "subtitle", "title", "text", "owner"],
        )
    if words:
        # After commit: a long import must not make others wait for the words they share with it.
        transaction.on_commit(lambda: vocabulary.learn(words))


def _entry(plan: Plan, paths: tuple[str, ...], row: tuple[Any, ...], words: set[str]) -> dict[str, Any]:
    given = dict(zip(paths, row[1:], strict=True))
    owner = given.pop(plan.owner, None)
    values = {path: str(value or "")[:_LONGEST] for path, value in given.items()}
    folded = {path: fold(values[path]) for path in plan.texts}
    for path in plan.spoken:
        words.update(vocabulary.words_in(folded[path]))
    return {
        "record": plan.spec.key,
        "record_id": row[0],
        "label": values[plan.title][:LONGEST_TITLE],
        "subtitle": values.get(plan.subtitle, "")[:LONGEST_TITLE],
        "title": folded[plan.title][:LONGEST_TITLE],
        "text": "\n".join(filter(None, folded.values())),
        "owner_id": owner,
    }


def remove(spec: Spec, ids: Sequence[int]) -> None:
    """Take records out of the index."""
    for start in range(0, len(ids), BATCH):
        Entry.objects.filter(record=spec.key, record_id__in=ids[start : start + BATCH]).delete()


def rebuild(specs: Iterable[Spec] | None = None) -> dict[str, int]:
    """Make the whole index anew (of `specs`, or of everything); returns the entries by kind."""
    chosen = [spec for spec in (registry.every() if specs is None else specs) if is_indexed(spec)]
    if specs is None:
        Entry.objects.exclude(record__in=[spec.key for spec in chosen]).delete()
    return {spec.key: _rebuild_one(spec) for spec in chosen}


def _rebuild_one(spec: Spec) -> int:
    plan, last, count = plan_of(spec), 0, 0
    everything = spec.model._default_manager.order_by("pk")
    while rows := list(everything.filter(pk__gt=last).values_list("pk", *plan.paths)[:BATCH]):
        with transaction.atomic():
            ids = [row[0] for row in rows]
            between = Q(record_id__gt=last, record_id__lte=ids[-1])
            Entry.objects.filter(between, record=spec.key).exclude(record_id__in=ids).delete()
            count += _mend(plan, rows, Entry.objects.filter(between, record=spec.key))
        last = ids[-1]
    Entry.objects.filter(record=spec.key, record_id__gt=last).delete()
    return count


def _mend(plan: Plan, rows: Sequence[tuple[Any, ...]], there: QuerySet[Entry]) -> int:
    """Write the entries of `rows` that are not `there`, or not so; what is right is not indexed again."""
    words: set[str] = set()
    paths = plan.paths
    entries = [_entry(plan, paths, row, words) for row in rows]
    names = [name for name in entries[0] if name != "record_id"]
    known = {entry.pop("record_id"): entry for entry in there.values("record_id", *names)}
    fresh = [entry for entry in entries if entry["record_id"] not in known]
    others = [entry for entry in entries if entry["record_id"] in known]
    _put(fresh, [entry for entry in others if known[entry["record_id"]] != _without_id(entry)], words)
    return len(entries)


def _without_id(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "record_id"}


def missing(spec: Spec) -> int:
    """How many records of this kind the index lacks or has too many; 0 when all is well."""
    return abs(spec.model._default_manager.count() - Entry.objects.filter(record=spec.key).count())
