"""One batch of rows: what is there already told apart, the rest written at once, failures one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.platform.timeline import services as timeline
from clientela.platform.transfer.finding import TwinFinder, chunks, existing_ids, key_of
from clientela.platform.transfer.lines import known_lines, merged_lines
from clientela.platform.transfer.mapping import ColumnMap
from clientela.platform.transfer.models import Twins
from clientela.platform.transfer.near import NearFinder
from clientela.platform.transfer.rows import Reader, Row
from clientela.platform.transfer.targets import CREATED, ID, Target
from clientela.records import refs, values, write
from clientela.records.changes import CREATE, Operation
from clientela.records.errors import Invalid, RecordError
from clientela.records.spec import Spec

TOLD = frozenset({CREATED})
# How often a row waits for earlier rows of nearly its name, should these turn out to be wrong.
PATIENCE = 10


@dataclass
class Result:
    """Of some rows: how many were made, changed and left, and those kept out with the reason."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: list[tuple[Row, str]] = field(default_factory=list)
    first_id: int | None = None
    last_id: int | None = None
    unresolved: bool = False
    near: list[tuple[str, int]] = field(default_factory=list)
    """Names that are nearly those of records there are, with their ids."""

    def note_created(self, pk: int) -> None:
        self.created += 1
        self.first_id = pk if self.first_id is None else min(self.first_id, pk)
        self.last_id = pk if self.last_id is None else max(self.last_id, pk)


class Importer:
    """Writes batches of a file's rows into records of one kind."""

    def __init__(
        self,
        spec: Spec,
        operation: Operation,
        columns: Sequence[str],
        maps: Sequence[ColumnMap],
        targets: dict[str, Target],
        options: dict[str, Any],
    ) -> None:
        self.spec, self.operation, self.columns = spec, operation, columns
        self.reader = Reader(
            spec, maps, targets, operation, create_words=bool(options.get("create_words", True))
        )
        mapped = {each.target for each in maps}
        self.keys = [name for name in spec.import_key if name in mapped]
        self.twins = TwinFinder(spec, operation, self.keys)
        self.by_id = ID in mapped
        self.policy = Twins(options.get("twins", Twins.SKIP))
        self.near_policy = Twins(options.get("near", Twins.CREATE))
        self.near = NearFinder(spec, operation.actor)
        self.looks_near = self.near.usable and self.near.name in mapped and self.policy != Twins.CREATE
        self.looks_near &= bool(options.get("dry_run")) or self.near_policy != Twins.CREATE
        self.left = [each for each in maps if not each.target and each.filled] if options.get("keep") else []
        self.seen: set[int] | None = set() if options.get("dry_run") else None

    def write(self, made: Sequence[Row]) -> Result:
        """Write a batch of parsed rows, in the caller's transaction."""
        result = Result()
        width = len(self.columns)
        self.reader.link(made)
        good = []
        for row in made:
            if len(row.cells) > width:
                row.errors.append(_("This row has more cells than the file has columns."))
            if row.errors:
                result.rejected.append((row, "; ".join(row.errors)))
            else:
                good.append(row)
        while good:
            good = self._write_apart(good, result)
        result.unresolved = any(row.unresolved for row in made)
        return result

    def _write_apart(self, rows: list[Row], result: Result) -> list[Row]:
        """Write the first row of each key; returns the repetitions, which come next."""
        first, again = self._split(rows)
        twins = self._twins(first)
        fresh = [row for place, row in enumerate(first) if place not in twins]
        known = [(row, twins[place]) for place, row in enumerate(first) if place in twins]
        if self.seen is not None:
            fresh = self._unseen(fresh, result)
        if self.looks_near:
            fresh, waiting = self._near_left(fresh, result)
            again += waiting
        self._write_items([(row, None) for row in fresh], result)
        if self.policy == Twins.UPDATE:
            self._update(known, result)
        elif self.policy == Twins.CREATE:
            self._write_items([(row, None) for row, _pk in known], result)
        else:
            result.skipped += len(known)
        return again

    def _split(self, rows: list[Row]) -> tuple[list[Row], list[Row]]:
        if self.policy == Twins.CREATE or not self.keys:
            return rows, []
        seen: set[tuple[str, str]] = set()
        first: list[Row] = []
        again: list[Row] = []
        for row in rows:
            keys = self._keys_of(row)
            (first if seen.isdisjoint(keys) else again).append(row)
            seen.update(keys)
        return first, again

    def _keys_of(self, row: Row) -> set[tuple[str, str]]:
        """What may make two rows one; with external ids only these count."""
        keys = {(key, value) for key in self.keys if (value := key_of(key, row.values.get(key)))}
        identity = {pair for pair in keys if pair[0] == "external_id"}
        return identity or keys

    def _unseen(self, rows: list[Row], result: Result) -> list[Row]:
        """In a rehearsal nothing is in the database afterwards: repetitions are remembered here."""
        assert self.seen is not None
        kept = []
        for row in rows:
            keys = {hash(pair) for pair in self._keys_of(row)}
            repeats = row.waits == 0 and not self.seen.isdisjoint(keys)
            if self.policy != Twins.CREATE and repeats:
                result.skipped += 1
            else:
                kept.append(row)
            self.seen |= keys
        return kept

    def _near_left(self, rows: list[Row], result: Result) -> tuple[list[Row], list[Row]]:
        """The rows to create, without those of near names where these are left or update what is there; and
        those that wait until an earlier row with such a name is written."""
        near = self.near.find([row.values for row in rows])
        rest = [row for place, row in enumerate(rows) if place not in near]
        repeated = self.near.repeated([row.values for row in rest])
        waiting = [row for place, row in enumerate(rest) if place in repeated and row.waits < PATIENCE]
        for row in waiting:
            row.waits += 1
        late = {id(row) for row in waiting}
        known = [(rows[place], pk) for place, pk in near.items()]
        result.near += [(str(row.values[self.near.name]), pk) for row, pk in known]
        if self.near_policy == Twins.CREATE:
            return [row for row in rows if id(row) not in late], waiting
        if self.near_policy == Twins.UPDATE:
            self._update([(row, pk) for row, pk in known if pk > 0], result)
            result.updated += sum(pk < 0 for _row, pk in known)
        else:
            result.skipped += len(known)
        return [row for row in rest if id(row) not in late], waiting

    def _learn(self, row: Row, pk: int) -> None:
        """Later rows of the file are compared with this one; a rehearsal takes it back, but not its name."""
        if self.looks_near:
            self.near.learn(row.values, pk if self.seen is None else -row.number)

    def _twins(self, rows: list[Row]) -> dict[int, int]:
        numbers = {place: row.values.pop(ID, None) for place, row in enumerate(rows)} if self.by_id else {}
        there = existing_ids(self.spec, self.operation, (number for number in numbers.values() if number))
        found = {place: number for place, number in numbers.items() if number in there}
        return {**self.twins.find([row.values for row in rows]), **found}

    def _update(self, known: list[tuple[Row, int]], result: Result) -> None:
        rows = self.spec.model._default_manager.filter(
            policy.scope(self.operation.actor, "change", self.spec), pk__in=[pk for _row, pk in known]
        )
        stored = {each.pk: each for each in rows.prefetch_related(*(lines.name for lines in self.spec.lines))}
        items = []
        for row, pk in known:
            if pk not in stored:
                result.rejected.append((row, _("It is there already, and you may not change it.")))
                continue
            row.values.pop(CREATED, None)  # only what an import makes is told when
            self._keep_lines(row, stored[pk])
            items.append((row, stored[pk]))
        self._write_items(items, result)

    def _keep_lines(self, row: Row, instance: Any) -> None:
        """What the file tells as it is stays the same line, and so do those that it does not tell of."""
        for lines in self.spec.lines:
            if lines.name not in row.values:
                continue
            before = values.line_values(lines, instance)
            given = row.values[lines.name]
            if lines.name in row.lines:
                given = merged_lines(before, given, row.lines[lines.name], lines.main)
            row.values[lines.name] = known_lines(before, given, lines.main)

    def _write_items(self, items: list[tuple[Row, Any]], result: Result) -> None:
        if not items:
            return
        try:
            with transaction.atomic():
                outcome = write.apply_many(
                    self.spec,
                    [(instance, row.values) for row, instance in items],
                    operation=self.operation,
                    settable=TOLD,
                )
        except (DatabaseError, RecordError):
            self._write_one_by_one(items, result)
            return
        for place, errors in outcome.errors.items():
            result.rejected.append((items[place][0], self._reason(errors)))
        verbs = {change.record_id: change.verb for change in outcome.changes if change.spec is self.spec}
        notes = []
        for place, instance in outcome.instances.items():
            self._count(verbs.get(instance.pk), instance.pk, result)
            if items[place][1] is None:
                self._learn(items[place][0], instance.pk)
            notes.append((items[place][0], instance.pk))
        self._keep_left(notes)

    def _write_one_by_one(self, items: list[tuple[Row, Any]], result: Result) -> None:
        """After a failure of the whole: the good rows are written, the guilty ones told."""
        for row, instance in items:
            try:
                with transaction.atomic():
                    saved = write.apply(
                        self.spec,
                        instance,
                        row.values,
                        actor=self.operation.actor,
                        source=self.operation.source,
                        operation=self.operation,
                        settable=TOLD,
                    )
            except Invalid as error:
                result.rejected.append((row, self._reason(error.errors)))
            except (DatabaseError, RecordError) as error:
                result.rejected.append((row, str(error).strip().splitlines()[0][:300]))
            else:
                self._count(CREATE if instance is None else "update", saved.pk, result)
                self._keep_left([(row, saved.pk)])
                if instance is None:
                    self._learn(row, saved.pk)

    def _count(self, verb: str | None, pk: int, result: Result) -> None:
        if verb == CREATE:
            result.note_created(pk)
        elif verb is None:
            result.skipped += 1
        else:
            result.updated += 1

    def _reason(self, errors: dict[str, list[str]]) -> str:
        fields = refs.fields_of(self.spec)
        parts = []
        for name, messages in errors.items():
            label = str(fields[name].label) if name in fields else ""
            parts.append(f"{label}: {' '.join(messages)}" if label else " ".join(messages))
        return "; ".join(parts)

    def _keep_left(self, written: list[tuple[Row, int]]) -> None:
        """Columns without a field, as one note on each record."""
        if not self.left:
            return
        for part in chunks(written):
            timeline.attach_many(
                ((self.spec.key, pk, left_text(self.left, row)) for row, pk in part),
                operation=self.operation,
            )


def left_text(left: Sequence[ColumnMap], row: Row) -> str:
    """The columns without a field of a row, a line each, as a note keeps them."""
    texts = ((each.column, str(row.cells[each.position]).strip()) for each in left)
    return "\n".join(f"{column}: {text}" for column, text in texts if text)
