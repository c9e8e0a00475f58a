"""`clientela import`, `clientela undo-import` and `clientela export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.access.actor import SYSTEM, Actor, actor_of
from clientela.access.models import User
from clientela.platform.transfer import exporting, services, tops
from clientela.platform.transfer.models import ImportJob, Status, Twins
from clientela.records import registry
from clientela.records.errors import Invalid, RecordError
from clientela.records.spec import Spec

Commands = Any


class CommandError(Exception):
    """What was asked cannot be done; the message says why."""


def add_parsers(commands: Commands) -> None:
    """Declare the three commands."""
    _add_import(commands)
    undo = commands.add_parser("undo-import", help=_("Take back everything an import did"))
    undo.add_argument("import_id", type=int, metavar="ID", help=_("number of the import"))
    _add_common(undo)
    undo.set_defaults(run=_guarded(run_undo))
    export = commands.add_parser("export", help=_("Write all records of a kind to a file"))
    export.add_argument("record", metavar="RECORD", help=_("kind of record, e.g. account"))
    export.add_argument("--format", choices=("csv", "xlsx"), default="csv", help=_("csv or xlsx (csv)"))
    export.add_argument("--output", metavar="FILE", help=_("where to write (standard output)"))
    export.add_argument("--user", metavar="EMAIL", help=_("on whose rights (the first administrator)"))
    export.set_defaults(run=_guarded(run_export))


def _add_import(commands: Commands) -> None:
    parser = commands.add_parser("import", help=_("Import a spreadsheet: CSV, XLSX, ODS or XLS"))
    parser.add_argument("file", metavar="FILE", help=_("the spreadsheet"))
    parser.add_argument(
        "--as", dest="record", required=True, metavar="RECORD", help=_("kind of record, e.g. account")
    )
    parser.add_argument(
        "--map",
        dest="choices",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help=_("put a column into a field; with nothing after = the field is left alone"),
    )
    parser.add_argument(
        "--duplicates",
        choices=[choice.value for choice in Twins],
        default=Twins.SKIP.value,
        help=_("what to do with records that are there already (skip)"),
    )
    parser.add_argument(
        "--near",
        choices=[choice.value for choice in Twins],
        default=Twins.CREATE.value,
        help=_("what to do with names nearly like those that are there (create)"),
    )
    parser.add_argument(
        "--dates", choices=("dmy", "mdy", "ymd"), help=_("order of day, month and year where it is unclear")
    )
    parser.add_argument("--decimal", choices=(",", "."), help=_("decimal mark of all numbers"))
    parser.add_argument(
        "--header-row", type=_row, metavar="ROW", help=_("row with the names of the columns, from 1")
    )
    parser.add_argument("--data-row", type=_row, metavar="ROW", help=_("row of the first record, from 1"))
    parser.add_argument("--no-create", action="store_true", help=_("do not create unknown values of choices"))
    parser.add_argument(
        "--keep-unmapped", action="store_true", help=_("keep columns without a field as a note")
    )
    parser.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    _add_common(parser)
    parser.set_defaults(run=_guarded(run_import))


def _row(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= tops.LAST:
        raise argparse.ArgumentTypeError(_("A row is a number from 1 to %(last)s.") % {"last": tops.LAST})
    return int(text)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.add_argument("--user", metavar="EMAIL", help=_("in whose name (the first administrator)"))


def _guarded(command: Any) -> Any:
    """The command, its refusals printed as one line each."""

    def run(namespace: argparse.Namespace) -> int:
        try:
            status: int = command(namespace)
        except Invalid as error:
            for message in (text for texts in error.errors.values() for text in texts):
                print(message, file=sys.stderr)
            return 1
        except (CommandError, RecordError) as error:
            print(error, file=sys.stderr)
            return 1
        return status

    return run


def actor_named(email: str | None) -> Actor:
    """The person with this e-mail, else the first active administrator, else the system: a base that was just
    made has nobody yet, and whoever runs the command may make anybody. Raises CommandError."""
    people = User.objects.filter(is_active=True)
    if not email:
        administrator = people.filter(roles__is_administrator=True).order_by("pk").first()
        return actor_of(administrator) if administrator else SYSTEM
    found = people.filter(email__iexact=email.strip()).first()
    if found is None:
        raise CommandError(_("Nobody active has the e-mail %(email)s.") % {"email": email})
    return actor_of(found)


def spec_named(name: str) -> Spec:
    """The kind of record by its key or plural. Raises CommandError naming those there are."""
    spec = registry.find(name) or registry.by_plural(name)
    if spec is None:
        known = ", ".join(sorted(each.key for each in registry.every()))
        raise CommandError(
            _("There is no kind of record “%(name)s”. There are: %(known)s.") % {"name": name, "known": known}
        )
    return spec


def run_import(namespace: argparse.Namespace) -> int:
    """Import a file; 0 when it was read to its end, even with rejected rows."""
    actor = actor_named(namespace.user)
    options = {
        "twins": namespace.duplicates,
        "near": namespace.near,
        "create_words": not namespace.no_create,
        "keep": namespace.keep_unmapped,
        "order": namespace.dates,
        "mark": namespace.decimal,
        "header_row": namespace.header_row,
        "data_row": namespace.data_row,
    }
    job = services.run_file(
        spec_named(namespace.record),
        Path(namespace.file),
        actor=actor,
        choices=_choices(namespace.choices),
        options=options,
        dry_run=namespace.dry_run,
    )
    if job.dry_run:
        job.delete()  # nothing was written: there is no import to undo
    tell(job, as_json=namespace.json)
    return 1 if job.status == Status.FAILED else 0


def _choices(given: Sequence[str]) -> dict[str, str]:
    chosen = {}
    for text in given:
        target, separator, column = text.partition("=")
        if not separator or not target.strip():
            raise CommandError(_("“%(text)s” is not FIELD=COLUMN.") % {"text": text})
        chosen[target.strip()] = column.strip()
    return chosen


def tell(job: ImportJob, *, as_json: bool) -> None:
    """The outcome: one JSON object, or words; what deserves attention goes to standard error."""
    for line in remarks(job):
        print(line, file=sys.stderr)
    if as_json:
        print(json.dumps(job.result, ensure_ascii=False))
        return
    if job.dry_run:
        print(
            _("Rehearsal, nothing was written: %(read)s rows read, %(created)s to create, "
              "%(updated)s to update, %(skipped)s to skip, %(rejected)s to reject.") % job.result
        )  # fmt: skip
        return
    print(
        _("Import %(import)s: %(read)s rows read, %(created)s created, %(updated)s updated, "
          "%(skipped)s skipped, %(rejected)s rejected.") % job.result
    )  # fmt: skip


def remarks(job: ImportJob) -> list[str]:
    """What a person should know: a failure, unclear formats, unknown values, columns left, rows rejected."""
    found = [job.error] if job.error else []
    skipped = job.report.get("shape", {}).get("skipped_rows")
    if skipped:
        rows = ", ".join(map(str, skipped))
        found.append(_("Rows taken as titles and left out: %(rows)s.") % {"rows": rows})
    for each in services.maps_of(job):
        if each.ambiguous:
            reading = {"column": each.column, "reading": each.order or each.mark}
            found.append(
                _("Column “%(column)s” can be read in several ways; it was read as %(reading)s.") % reading
            )
    for column, entry in job.report.get("warnings", {}).items():
        examples = ", ".join(entry["examples"][:3])
        message = ngettext(
            "Column “%(column)s”: %(count)s value was not found, left as in a new record (%(examples)s).",
            "Column “%(column)s”: %(count)s values were not found, left as in a new record (%(examples)s).",
            entry["count"],
        )
        found.append(message % {"column": column, "count": entry["count"], "examples": examples})
    near = job.report.get("near")
    if near:
        message = ngettext(
            "%(count)s row has nearly the name of a record there is (%(examples)s).",
            "%(count)s rows have nearly the name of a record there is (%(examples)s).",
            near["count"],
        )
        examples = "; ".join(f"{name} ~ {known}" for name, known in near["examples"])
        found.append(message % {"count": near["count"], "examples": examples})
    left = job.report.get("left", [])
    if left:
        words = (
            _("Kept as a note: %(columns)s.") if job.options.get("keep") else _("Not imported: %(columns)s.")
        )
        found.append(words % {"columns": ", ".join(left)})
    unlike = job.report.get("unlike", [])
    if unlike:
        words = _("The file tells otherwise of what was here already, which stays as it is: %(names)s.")
        found.append(words % {"names": ", ".join(unlike)})
    if job.rejects_path:
        found.append(_("Rejected rows, with the reason: %(path)s") % {"path": job.rejects_path})
    return found


def run_undo(namespace: argparse.Namespace) -> int:
    """Undo an import; 1 where something had to stay."""
    actor = actor_named(namespace.user)
    job = services.job_for(namespace.import_id, actor)
    result = services.undo_job(job, actor)
    if namespace.json:
        print(json.dumps({"import": job.pk, "undone": result.undone, "kept": len(result.conflicts)}))
    else:
        print(_("%(count)s changes undone.") % {"count": result.undone})
    for title, reasons in result.conflicts:
        print(
            _("Kept: %(title)s (%(reasons)s)") % {"title": title, "reasons": ", ".join(reasons)},
            file=sys.stderr,
        )
    return 1 if result.conflicts else 0


def run_export(namespace: argparse.Namespace) -> int:
    """Write every record one may export, all fields."""
    actor = actor_named(namespace.user)
    export = exporting.everything(spec_named(namespace.record), actor)
    if namespace.format == "xlsx" and not namespace.output and sys.stdout.isatty():
        raise CommandError(_("An XLSX file needs a place: --output FILE"))
    if namespace.output:
        _write(export, Path(namespace.output), namespace.format)
        return 0
    export.write(sys.stdout.buffer, namespace.format)
    sys.stdout.buffer.flush()
    return 0


def _write(export: exporting.Export, path: Path, form: str) -> None:
    try:
        with path.open("wb") as file:
            export.write(file, form)
    except OSError as error:
        raise CommandError(
            _("The file cannot be written: %(reason)s") % {"reason": error.strerror}
        ) from error
