"""One change of a merge taken back as far as nobody wrote over it."""

from __future__ import annotations

from typing import Any

from clientela.platform.audit.models import Change
from clientela.platform.duplicates import exact
from clientela.records import registry, values
from clientela.records.changes import Operation
from clientela.records.spec import Lines, Spec

Row = dict[str, Any]


def survivor(spec: Spec, change: Change, operation: Operation) -> list[str]:
    """The survivor's own values; returns the labels of those that somebody wrote meanwhile."""
    instance = exact.held(spec, [change.record_id]).get(change.record_id)
    if instance is None:
        return []
    kept = values.kept_fields(spec)
    names = [name for name in change.after if name in kept]
    now = values.snapshot(spec, instance, names)
    written = {name for name in names if now[name] not in (change.after[name], change.before.get(name))}
    back: Row = {}
    for name in names:
        lines = kept[name].lines
        together = _unit(spec, name)
        if not written & together:
            back[name] = change.before.get(name)
        elif lines is not None:
            back[name] = _without_added(lines, change, now[name])
    exact.put(spec, [(instance, back)], operation=operation)
    return [str(kept[name].label) for name in names if name not in back]


def _unit(spec: Spec, name: str) -> set[str]:
    """Lines and the fields that mirror their main one."""
    for lines in spec.lines:
        unit = {lines.name, *(own for own, _field in lines.mirror)}
        if lines.mirror and name in unit:
            return unit
    return {name}


def _without_added(lines: Lines, change: Change, now: list[Row]) -> list[Row]:
    """The lines of today but for those that came with the merge and are as they came."""
    before = {row["id"] for row in change.before.get(lines.name) or []}
    added = [row for row in change.after[lines.name] if row["id"] not in before]
    return [row for row in now if row not in added or (lines.main and row.get(lines.main))]


def tied(spec: Spec, change: Change, heir: int, operation: Operation) -> None:
    """A record that was tied again: its link, its lines or its many links name again what they named."""
    owner = registry.find(change.record)
    instance = exact.held(owner, [change.record_id]).get(change.record_id) if owner is not None else None
    if owner is None or instance is None:
        return
    kept = values.kept_fields(owner)
    back: Row = {}
    for name in (each for each in change.after if each in kept):
        now = values.json_value(kept[name], instance)
        before, after = change.before.get(name), change.after[name]
        if now == after:
            back[name] = before
        elif kept[name].lines is not None:
            back[name] = _lines_back(before, after, now, heir)
        elif isinstance(now, list):
            back[name] = _links_back(before, after, now, heir)
        elif now == heir:
            back[name] = before
    exact.put(owner, [(instance, back)], operation=operation)


def _lines_back(before: list[Row], after: list[Row], now: list[Row], heir: int) -> list[Row]:
    was = {row["id"]: row for row in before}
    became = {row["id"]: row for row in after}
    rows = []
    for row in now:
        old, new = was.get(row["id"]), became.get(row["id"])
        changed = {name for name in old if old[name] != new[name]} if old and new else set()
        mine = {name: old[name] for name in changed if old and row.get(name) == heir}
        rows.append({**row, **mine})
    there = {row["id"] for row in now}
    return rows + [row for row in before if row["id"] not in became and row["id"] not in there]


def _links_back(before: list[int], after: list[int], now: list[int], heir: int) -> list[int]:
    gone = set(before) - set(after)
    found = set(now) | gone
    return sorted(found if heir in before else found - {heir})
