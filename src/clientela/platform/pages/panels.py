"""Panels of a record page: the records tied to it, and panels of higher apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Window
from django.http import HttpRequest
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.records import display, query, refs, registry, urlnames, values, write
from clientela.records.changes import Operation
from clientela.records.display import Reader, Shown
from clientela.records.errors import NotFound
from clientela.records.spec import Lines, Panel, Related, Spec

WITH_PAGE = 3
"""Panels drawn with the page; the others come after it, so that its queries stay few."""
MOST = 200


@dataclass(frozen=True)
class Row:
    """A record in a panel: its title and the fields shown beside it."""

    id: int
    title: Shown
    cells: Sequence[Shown]
    said: Sequence[str]
    """Values of the line that ties it, e.g. a role."""


@dataclass(frozen=True)
class Drawn:
    """A panel ready to draw: `template` with `context`, or its address alone to be asked for later."""

    name: str
    label: Any
    url: str
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    hidden: bool = False
    """There is nothing in it, nor a way to put something there."""
    starts: bool = False
    """Its records are what one begins from here: a deal from an account."""


timeline: Panel | None = None
everywhere: list[Panel] = []
"""Panels after those of the description, on every record that has a timeline; drawn after the page."""


def use_timeline(panel: Panel) -> None:
    """Let the timeline app draw the middle of every record page whose description asks for it."""
    global timeline
    timeline = panel


def use_everywhere(panel: Panel) -> None:
    """Let an app hang a panel on every record whose description asks for a timeline."""
    if panel not in everywhere:
        everywhere.append(panel)


def name_of(panel: Related | Panel) -> str:
    """The name of a panel in addresses, e.g. "contact-account"."""
    return panel.name if isinstance(panel, Panel) else f"{panel.record}-{panel.path}"


def shown_panels(spec: Spec, actor: Actor) -> list[Related | Panel]:
    """The panels of a record that `actor` may see."""
    common = everywhere if spec.timeline else ()
    return [
        panel
        for panel in (*registry.panels_of(spec), *common)
        if isinstance(panel, Panel) or policy.may(actor, "see", registry.get(panel.record))
    ]


def draw_all(request: HttpRequest, spec: Spec, instance: Any, reader: Reader) -> list[Drawn]:
    """The first panels of the description drawn, the rest by address: a fixed number of queries."""
    found = shown_panels(spec, reader.actor)
    ready = [panel for panel in found[:WITH_PAGE] if panel not in everywhere]
    drawn = [draw(request, spec, instance, panel, reader) for panel in ready]
    return [*drawn, *(_later(spec, instance, panel) for panel in found[len(ready) :])]


def _later(spec: Spec, instance: Any, panel: Related | Panel) -> Drawn:
    return Drawn(name_of(panel), panel.label, _url(spec, instance, panel))


def _url(spec: Spec, instance: Any, panel: Related | Panel) -> str:
    return urlnames.part_url(spec, instance.pk, "panel", name_of(panel))


def draw(
    request: HttpRequest, spec: Spec, instance: Any, panel: Related | Panel, reader: Reader, limit: int = 0
) -> Drawn:
    """One panel: one query for related records and their number together."""
    url = _url(spec, instance, panel)
    if isinstance(panel, Panel):
        return Drawn(panel.name, panel.label, url, panel.template, panel.context(request, instance))
    target = registry.get(panel.record)
    rows, count = related(panel, instance, reader, limit or panel.limit)
    context = {
        "panel": panel,
        "target": target,
        "labels": [_line_label(target, panel, name) for name in panel.show],
        "rows": rows,
        "count": count,
        "more": count > len(rows),
        "address": url,
        "may_tie": bool(panel.lines) and _may_tie(spec, instance, target, panel, reader.actor),
        "create_url": _create_url(spec, instance, panel, target, reader.actor),
    }
    idle = not rows and not context["create_url"] and not context["may_tie"]
    starts = bool(context["create_url"]) and not panel.lines and bool(target.board or target.path)
    return Drawn(name_of(panel), panel.label, url, "pages/_panel.html", context, idle, starts)


def related(panel: Related, instance: Any, reader: Reader, limit: int) -> tuple[list[Row], int]:
    """The first records of a panel, and how many there are."""
    target = registry.get(panel.record)
    columns = _columns(target, panel, reader)
    rows = _tied(target, panel, instance, reader.actor).annotate(_found=Window(Count("pk")))
    said = [f"_line_{name}" for name in panel.show]
    rows = query.annotated(rows, columns.refs)
    ordered = query.ordered(rows, target, (), reader.actor)
    found = query.page(ordered, ("pk", "_found", *said, *columns.paths), 0, limit)
    start = 2 + len(said)
    drawn = []
    for values_read in found:
        first, *others = columns.row(values_read[start:])
        title = display.link_shown(target, values_read[0], first.text or _("(no name)"))
        drawn.append(Row(values_read[0], title, others, [str(each or "") for each in values_read[2:start]]))
    return drawn, found[0][1] if found else 0


def _line_label(target: Spec, panel: Related, name: str) -> Any:
    line: Any = target.model._meta.get_field(panel.lines).related_model
    return line._meta.get_field(name).verbose_name


def _columns(target: Spec, panel: Related, reader: Reader) -> display.Columns:
    known = refs.fields_of(target)
    return display.columns_for([known[name] for name in (target.title, *panel.columns)], reader)


def _tied(target: Spec, panel: Related, instance: Any, actor: Actor) -> Any:
    path = f"{panel.lines}__{panel.path}" if panel.lines else panel.path
    rows = query.visible(target, actor).filter(**{path: instance.pk})
    return rows.annotate(**{f"_line_{name}": F(f"{panel.lines}__{name}") for name in panel.show})


def _create_url(spec: Spec, instance: Any, panel: Related, target: Spec, actor: Actor) -> str:
    if not panel.create or not policy.may(actor, "create", target):
        return ""
    known = refs.fields_of(target).get(panel.path)
    start = f"?{panel.path}={instance.pk}" if known is not None and not known.read_only else ""
    return urlnames.create_url(target) + start


# --- tying records by lines ------------------------------------------------------------------------


def own_lines(spec: Spec, target: Spec, panel: Related) -> Lines | None:
    """The lines of `spec` itself where the tie is kept there; None where it is kept at the other end."""
    tie = target.model._meta.get_field(panel.lines).related_model
    return next((lines for lines in spec.lines if values.line_model(spec, lines) is tie), None)


def _may_tie(spec: Spec, instance: Any, target: Spec, panel: Related, actor: Actor) -> bool:
    if own_lines(spec, target, panel) is not None:
        return policy.can(actor, "change", spec, instance)
    return policy.may(actor, "change", target)


def tie(
    spec: Spec,
    instance: Any,
    panel: Related,
    wanted: Mapping[int, Mapping[str, Any]],
    *,
    operation: Operation,
) -> None:
    """Tie exactly the `wanted` records (id to values of the line) to `instance`; others are untied.

    All or nothing; records that the actor does not see keep their tie. Raises Refused, Invalid, NotFound.
    """
    target = registry.get(panel.record)
    visible = query.visible(target, operation.actor)
    found = {each.pk: each for each in visible.filter(pk__in=wanted).prefetch_related(panel.lines)}
    if len(found) < len(wanted):
        raise NotFound(_("There is no such record, or you may not see it."))
    now = {each.pk: each for each in _tied(target, panel, instance, operation.actor)}
    lines = own_lines(spec, target, panel)
    if lines is not None:
        _tie_here(spec, instance, lines, panel, wanted, set(now), operation)
    else:
        _tie_there(target, instance, panel, wanted, {**now, **found}, operation)


def _tie_there(
    target: Spec,
    instance: Any,
    panel: Related,
    wanted: Mapping[int, Mapping[str, Any]],
    others: Mapping[int, Any],
    operation: Operation,
) -> None:
    lines = next(each for each in target.lines if each.name == panel.lines)
    with transaction.atomic():
        for other in others.values():
            kept = values.line_values(lines, other)
            rows = _rows_with(kept, panel.path, instance.pk, wanted.get(other.pk))
            if rows is not None:
                write.change(target, other, {panel.lines: rows}, operation=operation)


def _tie_here(
    spec: Spec,
    instance: Any,
    lines: Lines,
    panel: Related,
    wanted: Mapping[int, Mapping[str, Any]],
    now: set[int],
    operation: Operation,
) -> None:
    tie: Any = registry.get(panel.record).model._meta.get_field(panel.lines)
    link = tie.remote_field.name
    rows: list[dict[str, Any]] = values.line_values(lines, instance)
    for other in now | set(wanted):
        changed = _rows_with(rows, link, other, wanted.get(other))
        rows = rows if changed is None else changed
    write.change(spec, instance, {lines.name: rows}, operation=operation)


def _rows_with(
    rows: list[dict[str, Any]], link: str, linked: int, said: Mapping[str, Any] | None
) -> list[dict[str, Any]] | None:
    """The lines with the one to `linked` saying `said`, or without it; None where nothing changes."""
    there = [row for row in rows if row[link] == linked]
    if said is None:
        return [row for row in rows if row[link] != linked] if there else None
    if not there:
        return [*rows, {link: linked, **said}]
    changed = [{**row, **said} if row[link] == linked else row for row in rows]
    return changed if changed != rows else None
