"""A condition as a person edits it, in rows.

The builder's form is the condition laid out flat. `row` names the rows in order, "2" for one of its own and
"2.1" for one in group 2; field, operator and values of row n are `f-n`, `o-n`, `v-n` (several), `w-n` (the
second of a pair). What the builder cannot lay out (a negation, a group in a group) travels as JSON in `x-n`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from clientela.kit import numbers
from clientela.platform.lists import words
from clientela.records import conditions, kinds
from clientela.records.conditions import ME, MY_TEAM, field_for
from clientela.records.display import Reader
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

Tree = Mapping[str, Any]
JOINS = ("all", "any")


@dataclass
class Row:
    """One line of the builder."""

    place: str
    path: str = ""
    operator: str = ""
    values: list[str] = field(default_factory=list)
    second: str = ""
    opaque: str = ""
    ref: FieldRef | None = None
    error: str = ""
    join: str = ""

    @property
    def group(self) -> str:
        return self.place.partition(".")[0] if "." in self.place else ""

    @property
    def operand(self) -> str:
        return conditions.OPERATORS[self.operator].operand if self.operator in conditions.OPERATORS else ""


@dataclass
class Layout:
    """The builder's rows; `join` of the whole and `joins` of its groups are "all" or "any".

    `focus` is where one goes on by keyboard: the place of a new row, or "add" after one went.
    """

    join: str
    rows: list[Row]
    joins: dict[str, str] = field(default_factory=dict)
    focus: str = ""


# --- from the tree ---------------------------------------------------------------------------------


def parts_of(tree: Tree) -> tuple[str, list[Any]]:
    """The join and the parts on the highest level; a lone leaf is a list of one."""
    tree = {name: value for name, value in tree.items() if name != "version"}
    for join in JOINS:
        if isinstance(tree.get(join), list):
            return join, list(tree[join])
    return "all", [tree] if tree else []


def tree_of(join: str, parts: Sequence[Any]) -> dict[str, Any]:
    """The condition of some parts: one alone is itself, none is no condition."""
    if len(parts) == 1 and isinstance(parts[0], dict):
        return dict(parts[0])
    return {join: list(parts)} if parts else {}


def layout_of(spec: Spec, tree: Tree, reader: Reader) -> Layout:
    """The condition as rows."""
    join, parts = parts_of(tree)
    layout = Layout(join, [])
    for place, part in enumerate(parts):
        _lay_out(spec, part, str(place), layout, reader)
    return layout


def _lay_out(spec: Spec, part: Any, place: str, layout: Layout, reader: Reader) -> None:
    if is_leaf(part):
        layout.rows.append(_row_of(spec, part, place, reader))
        return
    join, inner = parts_of(part) if isinstance(part, dict) and "not" not in part else ("", [])
    if not inner or not all(is_leaf(leaf) for leaf in inner):
        layout.rows.append(Row(place, opaque=json.dumps(part, ensure_ascii=False)))
        return
    layout.joins[place] = join
    layout.rows += [_row_of(spec, leaf, f"{place}.{n}", reader) for n, leaf in enumerate(inner)]


def is_leaf(part: Any) -> bool:
    """Whether it compares one field, rather than joining other parts."""
    return isinstance(part, dict) and "field" in part


def _row_of(spec: Spec, leaf: Tree, place: str, reader: Reader) -> Row:
    row = Row(place, str(leaf.get("field")), str(leaf.get("op")))
    try:
        row.ref = field_for(spec, row.path, reader.actor)
    except ConditionError as error:
        return Row(place, opaque=json.dumps(dict(leaf), ensure_ascii=False), error=error.message)
    value = leaf.get("value")
    if row.operand == "choices":
        row.values = [str(each) for each in (value if isinstance(value, list) else [value])]
    elif row.operand == "pair" and isinstance(value, list) and len(value) == 2:
        row.values, row.second = [typed(row.ref, value[0], reader)], typed(row.ref, value[1], reader)
    elif value is not None:
        row.values = [typed(row.ref, value, reader)]
    return row


def typed(ref: FieldRef, value: Any, reader: Reader) -> str:
    """A value as one would type it."""
    try:
        return numbers.format_number(Decimal(str(value)), reader.locale) if ref.kind.numeric else str(value)
    except ArithmeticError:
        return str(value)


# --- from the form ---------------------------------------------------------------------------------


def layout_from(spec: Spec, given: QueryDict, reader: Reader) -> Layout:
    """The builder as it was sent; a row whose field changed gets that field's first operator."""
    join = given.get("join", "all")
    places = given.getlist("row")[: conditions.MAX_LEAVES]
    layout = Layout(
        join if join in JOINS else "all", [_row_from(spec, given, place, reader) for place in places]
    )
    groups = {row.group for row in layout.rows if row.group}
    layout.joins = {group: "all" if given.get(f"join-{group}") == "all" else "any" for group in groups}
    return layout


def _row_from(spec: Spec, given: QueryDict, place: str, reader: Reader) -> Row:
    opaque = given.get(f"x-{place}", "")
    if opaque:
        return Row(place, opaque=opaque)
    row = Row(place, given.get(f"f-{place}", ""), given.get(f"o-{place}", ""))
    row.values = [value for value in given.getlist(f"v-{place}") if value]
    row.second = given.get(f"w-{place}", "")
    try:
        row.ref = field_for(spec, row.path, reader.actor)
    except ConditionError:
        return row
    if row.operator not in row.ref.kind.operators:
        row.operator = row.ref.kind.operators[0]
    if row.path != given.get(f"was-{place}", row.path):
        row.values, row.second = [], ""
    count = given.get(f"n-{place}", "")
    if row.operand == "period" and row.values and row.values[0] in words.COUNTED:
        row.values = [f"{row.values[0]}:{count if count.isdigit() else 30}"]
    return row


def edit(layout: Layout, command: str) -> None:
    """Do what a button of the builder asks: add, add-group, add:<group>, remove:<place>, clear."""
    verb, _colon, place = command.partition(":")
    before = {row.place for row in layout.rows}
    next_place = str(max((int(row.place.partition(".")[0]) for row in layout.rows), default=-1) + 1)
    if verb == "clear":
        layout.rows.clear()
    elif verb == "remove":
        layout.rows = [row for row in layout.rows if row.place != place]
    elif verb == "add-group":
        layout.rows += [Row(f"{next_place}.0"), Row(f"{next_place}.1")]
        layout.joins[next_place] = "any"
    elif verb == "add" and place:
        inside = [row for row in layout.rows if row.group == place]
        last = max((int(row.place.partition(".")[2]) for row in inside), default=-1)
        after = layout.rows.index(inside[-1]) + 1 if inside else len(layout.rows)
        layout.rows.insert(after, Row(f"{place}.{last + 1}"))
    elif verb == "add":
        layout.rows.append(Row(next_place))
    fresh = [row.place for row in layout.rows if row.place not in before]
    layout.focus = fresh[0] if fresh else "add" if verb in ("remove", "clear") else ""


def condition_from(spec: Spec, layout: Layout, reader: Reader) -> dict[str, Any] | None:
    """The condition the rows say; None when one of them cannot be followed (its `error` says why)."""
    parts: list[Any] = []
    groups: dict[str, list[Any]] = {}
    for row in layout.rows:
        leaf = _leaf_from(spec, row, reader)
        if leaf is None:
            continue
        if row.group and row.group not in groups:
            groups[row.group] = []
            parts.append((layout.joins.get(row.group, "any"), groups[row.group]))
        (groups[row.group] if row.group else parts).append(leaf)
    if any(row.error and not row.opaque for row in layout.rows):
        return None
    return tree_of(layout.join, [tree_of(*part) if isinstance(part, tuple) else part for part in parts])


def _leaf_from(spec: Spec, row: Row, reader: Reader) -> dict[str, Any] | None:
    if row.opaque:
        return _opaque(row.opaque)
    if row.ref is None:
        return None
    try:
        leaf = {"field": row.path, "op": row.operator, "value": _value_from(row, row.ref, reader)}
        conditions.compile_condition(spec, leaf, reader.actor)
    except (ConditionError, ValueError) as error:
        row.error = error.message if isinstance(error, ConditionError) else str(error)
        return None
    return leaf


def _opaque(text: str) -> dict[str, Any] | None:
    try:
        part = json.loads(text)
        json.dumps(part, ensure_ascii=False).encode()  # half a character, as \ud83d, is no text
    except ValueError:
        return None
    return part if isinstance(part, dict) else None


def _value_from(row: Row, ref: FieldRef, reader: Reader) -> Any:
    if row.operand == "nothing":
        return None
    if row.operand == "choices":
        return [_choice(ref, value) for value in row.values]
    if row.operand == "pair":
        return [_plain(ref, value, reader) for value in (*row.values[:1], row.second)]
    value = row.values[0] if row.values else ""
    return value if row.operand in ("period", "text") else _plain(ref, value, reader)


def _choice(ref: FieldRef, value: str) -> Any:
    if value in (ME, MY_TEAM) or ref.kind not in (kinds.Link, kinds.Links):
        return value
    return kinds.Link.parse(value, "")


def _plain(ref: FieldRef, value: str, reader: Reader) -> Any:
    if ref.kind in (kinds.Date, kinds.DateTime):
        return (
            kinds.Date.to_json(kinds.Date.parse(value, reader.locale))
            if value not in words.PERIODS
            else value
        )
    return ref.kind.to_json(ref.kind.parse(value, reader.locale))
