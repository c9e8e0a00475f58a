"""Imports from beginning to end: opened, mapped, rehearsed, run, gone on with, undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import SYSTEM, Actor, actor_of
from clientela.access.models import User
from clientela.kit import bulk, statistics
from clientela.kit.ahead import made_ahead
from clientela.kit.tables import Cell, Table
from clientela.platform.audit import leaving, undo
from clientela.platform.transfer import hints, rejects, reports, selflinks, tops
from clientela.platform.transfer.batches import Importer, Result
from clientela.platform.transfer.mapping import ColumnMap, recognise, settle_formats
from clientela.platform.transfer.models import ImportJob, SavedMapping, Status, Twins
from clientela.platform.transfer.reading import portion, sampled, told
from clientela.platform.transfer.rows import Row
from clientela.platform.transfer.targets import Target, is_importable, targets_of
from clientela.platform.transfer.tops import AS_FOUND, Top
from clientela.records import refs, registry
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, NotFound, RecordError, Refused
from clientela.records.spec import Spec

BATCH = 5000
SAMPLE = 2000
COUNTERS = ("created", "updated", "skipped", "rejected")


def folder() -> Path:
    """Where uploaded files and files of rejected rows live."""
    path = Path(settings.MEDIA_ROOT) / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def require(spec: Spec, actor: Actor) -> None:
    """Raise Refused unless `actor` may import such records."""
    if not is_importable(spec) or not policy.may(actor, "import", spec):
        raise Refused(_("You may not import these."))


def open_job(
    spec: Spec,
    path: Path,
    *,
    actor: Actor,
    file_name: str = "",
    own_file: bool = False,
    top: Top = AS_FOUND,
    address: str = "",
) -> ImportJob:
    """A new import of a file, its columns recognised; nothing is written yet. Raises Invalid, Refused."""
    require(spec, actor)
    table = tops.read_named(spec, actor, path, "", top)
    saved = saved_for(spec, actor, table.columns)
    maps, total = examine(spec, actor, table, saved)
    return ImportJob.objects.create(
        record=spec.key,
        user_id=actor.user_id,
        address=address[:45],
        file_name=(file_name or path.name)[-255:],
        path=str(path.absolute()),
        own_file=own_file,
        sheet=table.sheet or "",
        mapping=[each.as_json() for each in maps],
        rows_total=total,
        language=actor.language,
        options={"twins": Twins.SKIP, "near": Twins.CREATE, "create_words": True, "keep": False},
        report={"shape": tops.shape_of(table)},
    )


def saved_for(spec: Spec, actor: Actor, columns: Sequence[str]) -> dict[str, str]:
    """The person's newest saved mapping whose columns this file has, all of them; else none."""
    for each in SavedMapping.objects.filter(record=spec.key, user_id=actor.user_id or 0).order_by("-pk"):
        if each.columns and set(columns).issuperset(each.columns):
            return dict(each.columns)
    return {}


def examine(
    spec: Spec, actor: Actor, table: Table, saved: Mapping[str, str] | None = None
) -> tuple[list[ColumnMap], int]:
    """The mapping of a table, from its first rows, and how many rows it has. Raises Invalid."""
    sample, total = told(lambda: sampled(table, SAMPLE))
    return recognise(spec, actor, table.columns, sample, saved), total


def maps_of(job: ImportJob) -> list[ColumnMap]:
    """What is chosen for each column of an import."""
    return [ColumnMap(**each) for each in job.mapping]


def check_mapping(spec: Spec, maps: Sequence[ColumnMap], actor: Actor) -> None:
    """Raise Invalid where a target is unknown or used twice, or nothing names the records."""
    targets = targets_of(spec, actor)
    chosen = [each.target for each in maps if each.target]
    errors = [_("There is no field “%(field)s”.") % {"field": path} for path in chosen if path not in targets]
    errors += [
        _("Two columns go to “%(field)s”. Choose one.") % {"field": targets[path].label}
        for path in sorted({path for path in chosen if chosen.count(path) > 1 and path in targets})
    ]
    if not errors and not _names_records(spec, chosen):
        title = refs.fields_of(spec)[spec.title].label
        errors.append(_("Choose the column that holds “%(field)s”.") % {"field": title})
    if errors:
        raise Invalid({"mapping": errors})


def _names_records(spec: Spec, chosen: Sequence[str]) -> bool:
    """The title itself, or something a record is recognised or named by."""
    naming = {spec.title, *spec.quick, *spec.import_key, "id"}
    return not naming.isdisjoint(chosen)


def actor_for(job: ImportJob) -> Actor:
    """Whoever the import is done for, the system where it is nobody's; raises DoesNotExist."""
    return actor_of(User.objects.get(pk=job.user_id)) if job.user_id else SYSTEM


def _source_of(job: ImportJob, kind: str) -> Source:
    return Source(kind, str(job.pk), job.address)


def operation_for(job: ImportJob, actor: Actor) -> Operation:
    """The operation that all of an import's changes belong to, whichever process makes them."""
    label = _("Import: %(file)s") % {"file": job.file_name}
    return Operation(actor, _source_of(job, "import"), label=label[:200], id=job.operation)


@dataclass
class Run:
    """What one process needs to work on an import."""

    job: ImportJob
    spec: Spec
    table: Table
    importer: Importer
    operation: Operation


def run_file(
    spec: Spec,
    path: Path,
    *,
    actor: Actor,
    choices: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> ImportJob:
    """Import a file at once, in this process; returns the finished job. Raises Invalid, Refused.

    `choices`: column heading by target, over what is recognised. `options`: `twins` and `near` (skip,
    update, create), `create_words`, `keep` (unmapped columns as a note), `order` and `mark` for ambiguous
    columns; `header_row`, `data_row`: where the names and the first record stand.
    """
    given = options or {}
    top = Top(given.get("header_row"), given.get("data_row"))
    job = open_job(spec, path, actor=actor, top=top)
    choose(job, choices or {}, options or {}, actor)
    job.dry_run = dry_run
    job.save()
    run(job)
    return job


def choose(job: ImportJob, choices: Mapping[str, str], options: Mapping[str, Any], actor: Actor) -> None:
    """Put choices over a recognised mapping. Raises Invalid for a column or field that is not there."""
    spec = registry.get(job.record)
    maps = maps_of(job)
    for target, column in choices.items():
        _point(maps, target, column)
    for each in maps:
        if each.ambiguous or not each.mark:
            each.order = str(options.get("order") or each.order)
        each.mark = str(options.get("mark") or each.mark) if each.mark else each.mark
    check_mapping(spec, maps, actor)
    job.mapping = [each.as_json() for each in maps]
    job.options = {
        **job.options,
        **{name: options[name] for name in ("twins", "near", "create_words", "keep") if name in options},
    }


def _point(maps: list[ColumnMap], target: str, column: str) -> None:
    for each in maps:
        if each.target == target:
            each.target, each.how = "", ""
    if not column:
        return
    found = next((each for each in maps if column in (each.column, str(each.position + 1))), None)
    if found is None:
        raise Invalid({"mapping": [_("The file has no column “%(column)s”.") % {"column": column}]})
    found.target, found.how = target, "chosen"


def resettle(job: ImportJob, maps: Sequence[ColumnMap], actor: Actor) -> None:
    """Find decimal marks and orders of dates again for columns that now go elsewhere."""
    spec = registry.get(job.record)
    targets = targets_of(spec, actor)
    sample = [cells for _number, cells in portion(tops.read_job(job).numbered_rows(), SAMPLE)]
    for each in maps:
        settle_formats(each, targets.get(each.target), sample, actor.language)


def enqueue(job: ImportJob, *, dry_run: bool = False) -> None:
    """Leave an import to the worker."""
    from clientela.platform.transfer.tasks import run_import

    job.dry_run, job.status, job.heartbeat_at = dry_run, Status.WAITING, timezone.now()
    _restart(job)
    job.save()
    transaction.on_commit(lambda: run_import.enqueue(job.pk))


def _restart(job: ImportJob) -> None:
    """From the first row, unless some are committed already."""
    if job.status == Status.WAITING and (job.report.get("dry_run") or job.rows_done == 0):
        for name in ("rows_done", "rejects_size", *COUNTERS):
            setattr(job, name, 0)
        job.links_done, job.rejects_path, job.error = False, "", ""
        job.report = {"shape": job.report.get("shape", {})}


def run(job: ImportJob) -> ImportJob:
    """Do an import, or go on with one that was interrupted, from the last committed row."""
    if not job.claim(Status.MAPPING):
        return job
    with translation.override(job.language), bulk.sparing(connection):
        try:
            _work(_prepare(job))
        except (RecordError, OSError) as error:
            job.end(Status.FAILED, getattr(error, "message", "") or str(error))
        except Exception:
            job.end(
                Status.FAILED,
                _("Something went wrong. What was imported until here is kept; go on or undo it."),
            )
            raise
    job.refresh_from_db()
    return job


def _prepare(job: ImportJob) -> Run:
    spec = registry.get(job.record)
    actor = actor_for(job)
    require(spec, actor)
    table = tops.read_job(job)
    operation = operation_for(job, actor)
    maps = maps_of(job)
    targets: dict[str, Target] = targets_of(spec, actor)
    options = {**job.options, "dry_run": job.dry_run}
    importer = Importer(spec, operation, table.columns, maps, targets, options)
    importer.reader.told = told(lambda: hints.told_by(spec, table, maps))
    return Run(job, spec, table, importer, operation)


def _work(work: Run) -> None:
    job = work.job
    numbered = islice(work.table.numbered_rows(), job.rows_done, None)
    for rows in made_ahead(lambda: _next_rows(work, numbered)):
        with bulk.without_collecting():
            _write_batch(work, rows)
    if not job.links_done and not job.dry_run:
        selflinks.finish(work.spec, work.importer, work.table, job.report, work.operation)
    _finish(work)


def _next_rows(work: Run, numbered: Iterator[tuple[int, Sequence[Cell]]]) -> list[Row]:
    """The next batch, its cells read; in the import's language, as another thread does it."""
    with translation.override(work.job.language):
        return work.importer.reader.parse(told(lambda: portion(numbered, BATCH)))


def _write_batch(work: Run, rows: Sequence[Row]) -> None:
    job = work.job
    with transaction.atomic():
        _hold(job)
        result = work.importer.write(rows)
        if job.dry_run:
            transaction.set_rollback(True)
        else:
            _checkpoint(work, result, len(rows))
    if job.dry_run:
        work.importer.reader.forget()
        _checkpoint(work, result, len(rows))


def _hold(job: ImportJob) -> None:
    """Let nobody take it over before this batch is counted; raises DoesNotExist where somebody has."""
    job.hold()


def _checkpoint(work: Run, result: Result, read: int) -> None:
    """Count a batch; with its writes it is committed, or not at all."""
    job = work.job
    job.rows_done += read
    job.created += result.created
    job.updated += result.updated
    job.skipped += result.skipped
    job.rejected += len(result.rejected)
    job.heartbeat_at = timezone.now()
    reports.add(job, work.spec, work.importer, result)
    if result.rejected:
        path = folder() / f"rejects-{job.pk}.csv"
        job.rejects_size = rejects.append(path, job.rejects_size, work.table.columns, result.rejected)
        job.rejects_path = str(path)
    job.save()


def _finish(work: Run) -> None:
    job = work.job
    reports.finish(job, work.importer, maps_of(job))
    job.links_done = True
    job.status = Status.MAPPING if job.dry_run else Status.DONE
    job.finished_at = timezone.now()
    job.save()
    if not job.dry_run:
        statistics.refresh(connection)


def job_for(job_id: int, actor: Actor) -> ImportJob:
    """An import of one's own, or any for an administrator; raises NotFound."""
    found = ImportJob.objects.filter(pk=job_id).select_related("user").first()
    if found is None or not (actor.is_admin or found.user_id == actor.user_id):
        raise NotFound(_("There is no such import."))
    return found


def mark_undoing(job: ImportJob, actor: Actor) -> None:
    """Say at once that it is being undone, before the worker begins; raises what `undo.begin` does."""
    undo.begin(job.operation, actor, Source("undo"))
    job.put(status=Status.UNDOING, undone=0, address=job.address)


def enqueue_undo(job: ImportJob, actor: Actor) -> None:
    """Leave it to the worker to take it back. Raises Refused, NotFound."""
    from clientela.platform.transfer.tasks import undo_import

    mark_undoing(job, actor)
    transaction.on_commit(lambda: undo_import.enqueue(job.pk, actor.user_id))


def take_over(operation_id: UUID, actor: Actor) -> str:
    """For `leaving`: the address of the import that made an act and now takes it back. Raises Refused."""
    job = ImportJob.objects.filter(operation=operation_id).first()
    if job is None or job.status == Status.UNDONE:
        return ""
    if not job.is_over:
        raise Refused(_("This was undone already, or it is still running."))
    enqueue_undo(job, actor)
    return reverse("transfer_job", args=[job.pk])


def undo_job(job: ImportJob, actor: Actor) -> undo.Undone:
    """Take back everything an import did, part by part; a broken off undo goes on where it was.

    Raises Refused where it is running or undone already, NotFound where it did nothing.
    """
    if job.status == Status.UNDONE:
        raise Refused(_("This was undone already."))
    if job.status == Status.RUNNING and not job.is_stale:
        raise Refused(_("This import is still running."))
    mark_undoing(job, actor)
    result = leaving.take_back(job, actor, _source_of(job, "undo"))
    job.refresh_from_db()
    job.status, job.finished_at = Status.UNDONE, timezone.now()
    job.report["conflicts"] = [[title, fields] for title, fields in result.conflicts[:100]]
    job.save()
    return result
