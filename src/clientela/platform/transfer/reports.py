"""What an import tells beside its counts: unknown values, near names, rows rejected with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clientela.platform.transfer import hints
from clientela.platform.transfer.batches import Importer, Result
from clientela.platform.transfer.mapping import ColumnMap
from clientela.platform.transfer.models import ImportJob
from clientela.records.spec import Spec

REASONS = 50
EXAMPLES = 5


def add(job: ImportJob, spec: Spec, importer: Importer, result: Result) -> None:
    """Put a batch into the report."""
    report = job.report
    add_warnings(job, importer)
    _add_near(job, spec, result, importer.near.rehearsed)
    report["dry_run"] = job.dry_run
    report["unresolved"] = report.get("unresolved", False) or result.unresolved
    if result.first_id is not None:
        report["ids"] = [report.get("ids", [result.first_id])[0], result.last_id]
    reasons = report.setdefault("reasons", [])
    for row, reason in result.rejected[: max(0, REASONS - len(reasons))]:
        reasons.append([row.number, reason[:300]])


def finish(job: ImportJob, importer: Importer, maps: Sequence[ColumnMap]) -> None:
    """Put what only the whole file tells into the report."""
    add_warnings(job, importer)
    job.report["left"] = [each.column for each in maps if not each.target and each.filled]
    job.report["unlike"] = hints.contradicted(importer.reader.told, importer.reader.finders)


def add_warnings(job: ImportJob, importer: Importer) -> None:
    """Put the values that were not found into the report, and forget them."""
    kept = job.report.setdefault("warnings", {})
    for column, found in importer.reader.warnings.found.items():
        entry = kept.setdefault(column, {"count": 0, "examples": []})
        entry["count"] += found["count"]
        entry["examples"] = list(dict.fromkeys([*entry["examples"], *found["examples"]]))[:EXAMPLES]
    importer.reader.warnings.found.clear()


def _add_near(job: ImportJob, spec: Spec, result: Result, rehearsed: Mapping[int, str]) -> None:
    """How many rows have nearly the name of a record or of an earlier row, with the first of them."""
    if not result.near:
        return
    entry = job.report.setdefault("near", {"count": 0, "examples": []})
    entry["count"] += len(result.near)
    first = result.near[: EXAMPLES - len(entry["examples"])]
    rows = spec.model._default_manager.filter(pk__in=[pk for _name, pk in first])
    known = {**rehearsed, **dict(rows.values_list("pk", spec.duplicates.name))}
    entry["examples"] += [[name, known[pk]] for name, pk in first if pk in known]
