"""Files of imports in the data folder: what was uploaded, and the rows that were not taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.kit.tables import Table, TableError, open_table
from clientela.platform.privacy.traces import Traces
from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob, Status
from clientela.records.errors import Refused

GOING = (Status.WAITING, Status.RUNNING, Status.UNDOING)
OVER = (Status.DONE, Status.UNDONE)


def forget(traces: Traces) -> None:
    """Delete the uploads that name the person, after the transaction, and her rows of those not taken.

    An upload that has still to be imported goes too: its import cannot go on. Raises Refused while an import
    that names her is under way.
    """
    for job in ImportJob.objects.order_by("pk"):
        rejects = Path(job.rejects_path or "-")
        sent = job.own_file and _names_her(job.file, traces)
        left = rejects.parent == services.folder() and _names_her(rejects, traces)
        if sent:
            _let_go(job)
        if left:
            _without_her_rows(job, rejects, traces)
        if sent or left:
            _without_samples(job)


SHOWN = ("shape", "left", "dry_run", "unresolved", "ids")
"""What of a report says nothing of the rows themselves."""


def _without_samples(job: ImportJob) -> None:
    """What its page shows of the rows: single words of a name cannot be told from those of others."""
    report = {name: value for name, value in job.report.items() if name in SHOWN}
    if "shape" in report:
        report["shape"] = report["shape"] | {"first_rows": []}
    mapping = [{**each, "samples": []} for each in job.mapping]
    ImportJob.objects.filter(pk=job.pk).update(report=report, mapping=mapping)


def _let_go(job: ImportJob) -> None:
    if job.status in GOING and not job.is_stale:
        text = _("The import “%(file)s” names this person and is under way. Wait until it has ended.")
        raise Refused(text % {"file": job.file_name})
    path = job.file
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    if job.status not in OVER:
        words = _("Its file was deleted: it named a person whose data was erased.")
        ImportJob.objects.filter(pk=job.pk).update(status=Status.FAILED, error=words)


def _names_her(path: Path, traces: Traces) -> bool:
    return path.is_file() and any(traces.in_row(row) for row in _rows(path))


def _rows(path: Path) -> Iterator[str]:
    """Each row of each sheet as one text; of what is no table any more, its lines."""
    try:
        table = open_table(path)
    except TableError:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
        return
    yield from _rows_of(table)
    for sheet in table.sheets:
        with suppress(TableError):  # a sheet without rows
            yield from _rows_of(open_table(path, sheet=sheet))


def _rows_of(table: Table) -> Iterator[str]:
    """With the rows that were taken as titles."""
    with closing(table.records()) as records:
        for cells in records:
            yield " ".join(str(cell) for cell in cells)


def _without_her_rows(job: ImportJob, path: Path, traces: Traces) -> None:
    """The file of `rejects` again, its cells as they stand there."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))
    kept = [row for row in rows[1:] if not traces.in_row(" ".join(row))]
    made = io.StringIO("\ufeff", newline="")
    made.seek(0, io.SEEK_END)
    csv.writer(made, delimiter=";").writerows([rows[0], *kept])
    content = made.getvalue().encode() if kept else b""
    ImportJob.objects.filter(pk=job.pk).update(
        rejects_size=len(content), rejects_path=str(path) if kept else ""
    )
    transaction.on_commit(lambda: _write(path, content))


def _write(path: Path, content: bytes) -> None:
    if not content:
        path.unlink(missing_ok=True)
        return
    half = path.with_suffix(".part")
    half.write_bytes(content)
    half.replace(path)
