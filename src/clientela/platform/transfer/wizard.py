"""What the pages of an import show: steps, columns with their choices, the outcome of a rehearsal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.kit.tables import Table
from clientela.platform.transfer import mapping, services, tops
from clientela.platform.transfer.mapping import ColumnMap
from clientela.platform.transfer.models import ImportJob, SavedMapping, Status, Twins
from clientela.platform.transfer.targets import Target, targets_of
from clientela.platform.transfer.tops import Top
from clientela.records import kinds, registry, urlnames
from clientela.records.errors import Invalid
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Step:
    """A step of the wizard: `state` is done, cur or "" for one to come."""

    label: str
    note: str
    state: str


@dataclass(frozen=True)
class Share:
    """A part of the rows: how many, and where it lies in the bar, in percent."""

    label: str
    count: int
    color: str
    start: float
    width: float


def steps(current: int, notes: Sequence[str]) -> list[Step]:
    """File, columns, import; `current` counts from 0."""
    labels = (_("File"), _("Columns"), _("Import"))
    return [
        Step(label, note, "done" if place < current else "cur" if place == current else "")
        for place, (label, note) in enumerate(zip(labels, notes, strict=True))
    ]


def shares(job: ImportJob) -> list[Share]:
    """What becomes, or became, of the rows."""
    would = job.status == Status.MAPPING
    parts = (
        (_("Will be created") if would else pgettext("rows", "Created"), job.created, "green"),
        (_("Will be updated") if would else pgettext("rows", "Updated"), job.updated, "blue"),
        (_("There already, left alone"), job.skipped, "violet"),
        (_("With errors, not imported"), job.rejected, "red"),
    )
    total = sum(count for _label, count, _color in parts) or 1
    found, start = [], 0.0
    for label, count, color in parts:
        width = round(count * 100 / total, 2)
        found.append(Share(label, count, color, round(start, 2), width))
        start += width
    return found


def choices(spec: Spec, actor: Actor) -> list[tuple[str, list[Target]]]:
    """Targets for the select of a column: fields first, then lines by what they belong to."""
    targets = [each for each in targets_of(spec, actor).values() if each.ref.lines is None or each.is_line]
    groups: dict[str, list[Target]] = {str(spec.label): []}
    for each in targets:
        name = str(each.ref.label) if each.is_line else str(spec.label)
        groups.setdefault(name, []).append(each)
    return list(groups.items())


def words_to_make(spec: Spec, actor: Actor) -> tuple[list[str], list[str]]:
    """The kinds of word (stage, source, sector...) a file of such records may speak of: those `actor` may
    create on the way, and those only others may."""
    linked = [each.ref.target for each in targets_of(spec, actor).values() if each.kind is kinds.Link]
    made = dict.fromkeys(each for each in linked if each is not None and each.create_on_import)
    own = [str(each.label) for each in made if policy.may(actor, "create", each)]
    return own, [str(each.label) for each in made if not policy.may(actor, "create", each)]


def readings(each: ColumnMap) -> list[tuple[str, str]]:
    """The ways in which an unclear column can be read, in the person's words."""
    words = {
        "dmy": _("day/month/year"),
        "mdy": _("month/day/year"),
        "ymd": _("year/month/day"),
        ",": _("1.234,50 (decimal comma)"),
        ".": _("1,234.50 (decimal point)"),
    }
    return [(value, words.get(value, value)) for value in each.alternatives]


def take(job: ImportJob, form: QueryDict, actor: Actor) -> None:
    """Put the choices of the mapping page into the job. Raises Invalid."""
    spec = registry.get(job.record)
    maps = services.maps_of(job)
    moved = False
    for each in maps:
        target = form.get(f"target-{each.position}", each.target)
        if target != each.target:
            each.target, each.how, moved = target, mapping.CHOSEN if target else "", True
    if moved:
        services.resettle(job, maps, actor)
    for each in maps:
        _take_reading(each, form.get(f"reading-{each.position}", ""))
    services.check_mapping(spec, maps, actor)
    twins, near = form.get("twins", Twins.SKIP), form.get("near", Twins.CREATE)
    job.options = {
        "twins": twins if twins in Twins.values else Twins.SKIP,
        "near": near if near in Twins.values else Twins.CREATE,
        "create_words": "create_words" in form,
        "keep": "keep" in form,
    }
    job.mapping = [each.as_json() for each in maps]
    job.save()
    _save_mapping(job, form.get("save_as", ""), maps)


def _take_reading(each: ColumnMap, chosen: str) -> None:
    if chosen not in each.alternatives:
        return
    if each.mark:
        each.mark = chosen
    else:
        each.order = chosen


def _save_mapping(job: ImportJob, name: str, maps: Sequence[ColumnMap]) -> None:
    if name.strip():
        SavedMapping.objects.update_or_create(
            record=job.record,
            user_id=job.user_id or 0,
            name=name.strip()[:120],
            defaults={"columns": {each.column: each.target for each in maps if each.target}},
        )


def recognise_again(job: ImportJob, saved_id: str, actor: Actor) -> None:
    """The mapping as first found, or with a saved one over it."""
    found = SavedMapping.objects.filter(record=job.record, user_id=job.user_id or 0)
    saved = found.filter(pk=int(saved_id)).first() if saved_id.isdecimal() else None
    _examine(job, tops.read_job(job), saved.columns if saved else None, actor)


def begins_elsewhere(job: ImportJob, form: QueryDict) -> bool:
    """Whether the person says other rows for the names or the first record than were read."""
    shape = job.report.get("shape", {})
    return any(name in form and form[name] != str(shape.get(name, "")) for name in ("header_row", "data_row"))


def begin_at(job: ImportJob, form: QueryDict, actor: Actor) -> None:
    """Take the names and the first record from the rows the person says. Raises Invalid."""
    header, data = (form.get(name, "") for name in ("header_row", "data_row"))
    if not (header.isdecimal() and data.isdecimal() and 0 < int(header) < int(data) <= tops.LAST):
        raise Invalid({"mapping": [_("The records begin in a row below the names.")]})
    spec = registry.get(job.record)
    table = tops.read_named(spec, actor, job.file, job.sheet, Top(int(header), int(data)))
    _examine(job, table, services.saved_for(spec, actor, table.columns), actor)


def _examine(job: ImportJob, table: Table, saved: Mapping[str, str] | None, actor: Actor) -> None:
    maps, total = services.examine(registry.get(job.record), actor, table, saved)
    job.mapping = [each.as_json() for each in maps]
    job.rows_total = total
    job.report = {"shape": tops.shape_of(table)}
    job.save()


def records_url(job: ImportJob) -> str:
    """The list of what an import created; empty where it created nothing."""
    ids = job.report.get("ids")
    spec = registry.find(job.record)
    if not ids or spec is None or not job.created:
        return ""
    leaf: Mapping[str, Any] = {"field": "id", "op": "between", "value": ids}
    return urlnames.list_url(spec, filter=json.dumps(leaf))
