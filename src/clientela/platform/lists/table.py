"""One page of a list: heads, rows and groups, read as tuples with cells compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists import groups, paging, totals, words
from clientela.platform.lists.groups import Group, Grouping
from clientela.platform.lists.listing import State, describe_error
from clientela.records import conditions, display, kinds, query, urlnames
from clientela.records.display import Reader
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Head:
    """A column of the table; widths in pixels, 0 = as wide as it needs."""

    ref: FieldRef
    width: int
    direction: str
    """ascending, descending or "": the value of aria-sort."""
    url: str
    inline: bool

    role: str = ""
    """Its place on a phone: title, amount, link, state, date; "" = not shown there."""

    usual_width: int = 0

    @cached_property
    def label(self) -> str:
        return words.field_label(self.ref)

    @property
    def numeric(self) -> bool:
        return self.ref.kind.numeric


@dataclass
class Table:
    """What a page of a list shows."""

    heads: list[Head]
    rows: list[tuple[Any, list[display.Shown]]] = field(default_factory=list)
    blocks: list[tuple[Group | None, list[Any]]] = field(default_factory=list)
    """Rows by group; without grouping one block of all."""
    first: int = 0
    has_more: bool = False
    error: str = ""
    base: str = ""
    """Address of a record before and after its id."""
    after: str = ""
    totals: totals.Wanted = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing matches; rows folded away in their groups do."""
        has_groups = any(group is not None for group, _rows in self.blocks)
        return not (self.rows or has_groups or self.error)

    @property
    def totalled(self) -> frozenset[str]:
        """The columns whose totals come after the rows."""
        return totals.paths(self.totals)

    @property
    def is_fixed(self) -> bool:
        """Whether somebody gave a column a width."""
        return any(head.width for head in self.heads)

    def label_of(self, path: str) -> str:
        return next(head.label for head in self.heads if head.ref.path == path)

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def count(self) -> int | None:
        """How many records there are where one page tells."""
        return self.last if not self.has_more and (self.first == 1 or self.rows) else None


def table_for(state: State, actor: Actor, reader: Reader | None = None) -> Table:
    """The rows of the page that `state` is on, in two queries at most without many links."""
    reader = reader or display.reader_for(actor)
    found = _columns(state, actor)
    columns = display.columns_for([ref for ref, _width in found], reader)
    base, _zero, after = urlnames.record_url(state.spec, 0).rpartition("0")
    table = Table(
        _heads(state, actor, found), first=(state.page - 1) * state.size + 1, base=base, after=after
    )
    table.totals = totals.wanted(columns.refs, state.look.totals)
    try:
        _fill(table, state, columns, reader)
    except ConditionError as error:
        table.error, table.rows, table.blocks = describe_error(error), [], []
    return table


def _columns(state: State, actor: Actor) -> list[tuple[FieldRef, int]]:
    """The columns that there are and that the actor may see."""
    found = []
    for path, width in state.columns():
        ref = find(state.spec, path, actor)
        if ref is not None and ref.lines is None:
            found.append((ref, width))
    return found


def find(spec: Spec, path: str, actor: Actor) -> FieldRef | None:
    """The ref at `path`, or None where there is none or the actor may not see it."""
    try:
        return conditions.field_for(spec, path, actor)
    except ConditionError:
        return None


def visible_columns(state: State, actor: Actor) -> list[FieldRef]:
    """The columns of this state that `actor` may see, in order."""
    return [ref for ref, _width in _columns(state, actor)]


def _heads(state: State, actor: Actor, found: Sequence[tuple[FieldRef, int]]) -> list[Head]:
    directions = {
        entry.lstrip("-"): "descending" if entry.startswith("-") else "ascending" for entry in state.sort()
    }
    editable = set(state.spec.inline) if policy.may(actor, "change", state.spec) else set()
    editable -= policy.readonly_fields(actor, state.spec)
    roles = _roles(state.spec, [ref for ref, _width in found])
    return [
        Head(
            ref,
            width,
            directions.get(ref.path, ""),
            _sort_url(state, ref),
            ref.path in editable,
            roles.get(ref.path, ""),
            usual_width(ref),
        )
        for ref, width in found
    ]


def _roles(spec: Spec, columns: Sequence[FieldRef]) -> dict[str, str]:
    """Five columns at most are shown on a phone: the title, an amount (or else a telephone), a link, a state
    and a date."""
    tests: tuple[tuple[str, Any], ...] = (
        ("title", lambda ref: ref.path == spec.title),
        ("amount", lambda ref: ref.kind is kinds.Money),
        ("amount", lambda ref: ref.kind is kinds.Phone),
        ("link", lambda ref: ref.kind is kinds.Link and _mark(ref) in ("square", "round", "")),
        ("state", lambda ref: _mark(ref) in ("status", "tag") or ref.kind is kinds.Choice),
        ("date", lambda ref: ref.kind in (kinds.Date, kinds.DateTime)),
    )
    roles: dict[str, str] = {}
    for role, fits in tests:
        path = next((ref.path for ref in columns if ref.path not in roles and fits(ref)), None)
        if path is not None and role not in roles.values():
            roles[path] = role
    return roles


# What a column of a kind is wide where only others of its table have a width of their own.
USUAL = {"money": 150, "date": 130, "datetime": 130, "link": 180, "integer": 90, "percent": 90, "boolean": 80}
USUAL_OTHER, USUAL_TITLE = 160, 260


def usual_width(ref: FieldRef) -> int:
    """How wide a column is, in pixels, beside others that were given a width."""
    if ref.own and ref.path == ref.spec.title:
        return USUAL_TITLE
    return USUAL.get(ref.kind.name, USUAL_OTHER)


def _mark(ref: FieldRef) -> str:
    return ref.target.mark if ref.target is not None else "none"


def _sort_url(state: State, ref: FieldRef) -> str:
    """Up, then down, then the view's own order again; numbers begin downwards."""
    if ref.many:
        return ""
    steps = [f"-{ref.path}", ref.path] if ref.kind.numeric else [ref.path, f"-{ref.path}"]
    now = state.sort()[:1]
    if now == (steps[0],):
        return state.with_look(sort=(steps[1],)).url()
    chosen = () if now == (steps[1],) and state.look.sort else (steps[0],)
    return state.with_look(sort=chosen).url()


def _fill(table: Table, state: State, columns: display.Columns, reader: display.Reader) -> None:
    grouping = groups.grouping_for(state.spec, state.look.group, reader)
    rows, offset = state.ordered(reader.actor), (state.page - 1) * state.size
    found: list[Group] = []
    if grouping is not None:
        found = groups.counted(state.rows(reader.actor), grouping, reader)
        rows, offset = _grouped(state, rows, grouping, found, reader)
    if not (grouping and grouping.ref.many):
        rows, offset = paging.narrowed(rows, state, reader.actor, offset, state.size + 1)
    keys, read = _read(state, rows, offset, columns, grouping)
    table.has_more = len(read) > state.size
    table.rows, keys = read[: state.size], keys[: state.size]
    table.blocks = [(None, table.rows)]
    if grouping is not None:
        shown = _shown(table, state, found, keys)
        summed = groups.with_sums(shown, state.rows(reader.actor), grouping, table.totals, reader)
        table.blocks = _blocks(table, summed, keys)


def _grouped(
    state: State, rows: query.Rows, grouping: Grouping, found: Sequence[Group], reader: display.Reader
) -> tuple[query.Rows, int]:
    """Rows in the order of their groups and the offset among them: only the groups of this page are read.

    Where that is one group, its rows need no order of groups and an index gives them.
    """
    own, offset = rows.query.order_by, (state.page - 1) * state.size
    rows = groups.annotated(rows, grouping, reader)
    window = None if grouping.ref.many else groups.window(found, state.closed, offset, state.size + 1)
    if window is None:
        return groups.closed_out(rows, grouping, state.closed).order_by(*grouping.order, *own), offset
    touched, offset = window
    if not touched:
        return rows.none(), 0
    order = own if len(touched) == 1 else (*grouping.order, *own)
    return groups.among(rows, grouping, touched).order_by(*order), offset


def _read(
    state: State, rows: query.Rows, offset: int, columns: display.Columns, grouping: Grouping | None
) -> tuple[list[str], list[tuple[Any, list[display.Shown]]]]:
    """One row more than the page holds, to know whether there is another page."""
    rows = query.annotated(rows, columns.refs)
    extra = (grouping.paths[0],) if grouping else ()
    start = 1 + len(extra)
    values = query.page(rows, ("pk", *extra, *columns.paths), offset, state.size + 1)
    found = [(each[0], columns.row(each[start:])) for each in values]
    display.fill_many(columns, found)
    return [groups.key_text(each[1]) for each in values] if extra else [], found


def _shown(table: Table, state: State, found: list[Group], keys: Sequence[str]) -> list[Group]:
    """Groups from the page's first to its last one, closed ones between them."""
    held = set(keys)
    places = [place for place, group in enumerate(found) if group.key in held]
    start = places[0] if places and state.page > 1 else 0
    end = places[-1] if places and table.has_more else len(found) - 1
    return [
        group for group in found[start : end + 1] if group.key in held or (group.key or "-") in state.closed
    ]


def _blocks(
    table: Table, shown: Sequence[Group], keys: Sequence[str]
) -> list[tuple[Group | None, list[Any]]]:
    """Each group with its rows; closed ones have none."""
    by_key: dict[str, list[Any]] = {}
    for key, row in zip(keys, table.rows, strict=True):
        by_key.setdefault(key, []).append(row)
    return [(group, by_key.get(group.key, [])) for group in shown]


def toggled(state: State, group: Group) -> str:
    """Address that closes an open group or opens a closed one."""
    key = group.key or "-"
    closed = tuple(each for each in state.closed if each != key)
    return replace(state, page=1, closed=closed if key in state.closed else (*state.closed, key)).url()
