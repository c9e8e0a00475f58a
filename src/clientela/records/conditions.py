"""A condition is one JSON tree, understood everywhere: filters, views, segments, rules, scopes, API.

    {"all": [{"field": "stage", "op": "in", "value": [1, 2]},
             {"any": [{"field": "amount", "op": "gt", "value": "5000"},
                      {"field": "close_date", "op": "within", "value": "this_month"}]},
             {"not": {"field": "owner", "op": "in", "value": ["me"]}}],
     "version": 1}

`me` is the actor, `my_team` all in his team, those he manages and below. An unknown field, operator or a
value of the wrong kind raises `ConditionError`: a condition fails closed, it never widens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DecimalField, Q
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.kit import dates
from clientela.records import kinds, refs
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.rights import is_hidden as is_hidden
from clientela.records.rights import read_by
from clientela.records.spec import Spec

MAX_DEPTH, MAX_LEAVES = 8, 200
ME, MY_TEAM = "me", "my_team"


@dataclass(frozen=True)
class Context:
    """For whom and when a condition is read."""

    actor: Actor
    today: dt.date


Builder = Callable[[FieldRef, Any, Context], Q]
TextLookup = Callable[[FieldRef, str], Q]


def _plain_contains(ref: FieldRef, text: str) -> Q:
    return Q(**{f"{_title_path(ref)}__icontains": text})


text_lookup: TextLookup = _plain_contains


def use_text_lookup(lookup: TextLookup) -> None:
    """Let the search platform answer "contains" from its index, ignoring accents."""
    global text_lookup
    text_lookup = lookup


Heirs = Callable[[Spec, list[Any]], dict[int, int]]
heirs: Heirs = lambda spec, ids: {}  # noqa: E731 - a name that others put another in


def use_heirs(lookup: Heirs) -> None:
    """Let the platform say under which ids those of merged records are found: only the ids that lead on."""
    global heirs
    heirs = lookup


def today_for(actor: Actor) -> dt.date:
    """The date where `actor` is."""
    return dt.datetime.now(ZoneInfo(actor.time_zone)).date()


def compile_condition(spec: Spec, tree: Any, actor: Actor, today: dt.date | None = None) -> Q:
    """The tree as a `Q` on the spec's model; {} is everything. Raises ConditionError."""
    context = Context(actor, today or today_for(actor))
    if not isinstance(tree, dict):
        raise ConditionError(_("A condition must be an object."))
    tree = {name: value for name, value in tree.items() if name != "version"}
    if not tree:
        return Q()
    if sum(1 for _leaf in leaves(tree)) > MAX_LEAVES:
        raise ConditionError(_("This condition has too many parts."))
    return _compile(spec, tree, context, 0)


def _compile(spec: Spec, node: Any, context: Context, depth: int) -> Q:
    if not isinstance(node, dict) or depth > MAX_DEPTH:
        raise ConditionError(_("This condition cannot be read."))
    for word, join in (("all", and_), ("any", or_)):
        if word in node:
            return _compile_group(spec, node[word], join, context, depth)
    if "not" in node:
        return ~_compile(spec, node["not"], context, depth + 1)
    return _compile_leaf(spec, node, context)


def _compile_group(spec: Spec, parts: Any, join: Callable[[Q, Q], Q], context: Context, depth: int) -> Q:
    if not isinstance(parts, list):
        raise ConditionError(_("This condition cannot be read."))
    return reduce(join, (_compile(spec, part, context, depth + 1) for part in parts), Q())


def _compile_leaf(spec: Spec, leaf: dict[str, Any], context: Context) -> Q:
    path, name = leaf.get("field"), leaf.get("op")
    ref = field_for(spec, path, context.actor)
    if name not in ref.kind.operators:
        raise ConditionError(_("“%(field)s” cannot be compared that way.") % {"field": ref.label}, str(path))
    try:
        return OPERATORS[name].condition(ref, leaf.get("value"), context)
    except (ValueError, TypeError, OverflowError) as error:
        raise ConditionError(f"{ref.label}: {error}", str(path)) from error


def field_for(spec: Spec, path: Any, actor: Actor) -> FieldRef:
    """The ref at `path` if there is one that `actor` may see; else ConditionError, the same for both."""
    try:
        ref = refs.resolve(spec, path if isinstance(path, str) else "")
    except refs.UnknownField:
        raise ConditionError(_("There is no field “%(field)s”.") % {"field": path}, str(path)) from None
    if is_hidden(ref, actor):
        raise ConditionError(_("There is no field “%(field)s”.") % {"field": path}, str(path))
    return read_by(ref, actor)


def refs_in(spec: Spec, tree: Any, actor: Actor) -> list[FieldRef]:
    """The fields that a condition compares; raises ConditionError for one that is unknown or hidden."""
    paths = dict.fromkeys(leaf.get("field") for leaf in leaves(tree) if isinstance(leaf.get("field"), str))
    return [field_for(spec, path, actor) for path in paths]


def leaves(tree: Any, depth: int = 0) -> Any:
    """Every leaf of a tree, in order; tolerant of shapes that do not compile."""
    if not isinstance(tree, dict) or depth > MAX_DEPTH:
        return
    if "field" in tree:
        yield tree
    for word in ("all", "any"):
        parts = tree.get(word)
        for part in parts if isinstance(parts, list) else ():
            yield from leaves(part, depth + 1)
    yield from leaves(tree.get("not"), depth + 1)


# --- operators -------------------------------------------------------------------------------------


def _title_path(ref: FieldRef) -> str:
    return f"{ref.path}__{ref.target.title}" if ref.kind is kinds.Link and ref.target else ref.source


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(_("write what to look for."))
    if "\x00" in value:
        raise ValueError(_("this text has a character that cannot be kept."))
    return value.strip()


def _contains(ref: FieldRef, value: Any, context: Context) -> Q:
    return text_lookup(ref, _text(value))


def _starts(ref: FieldRef, value: Any, context: Context) -> Q:
    return Q(**{f"{ref.source}__istartswith": _text(value)})


def _is(ref: FieldRef, value: Any, context: Context) -> Q:
    if ref.kind.name in _TEXTS:
        return Q(**{f"{ref.source}__iexact": _text(value)})
    if ref.kind is kinds.DateTime:
        day = _day(value, context)
        return _span(ref, day, day, context)
    return Q(**{_compared(ref): _operand(ref, value, context)})


_TEXTS = frozenset({"text", "longtext", "email", "phone", "url"})


def _compared(ref: FieldRef) -> str:
    return ref.base or ref.source


def _operand(ref: FieldRef, value: Any, context: Context) -> Any:
    if ref.kind is kinds.Date:
        return _day(value, context)
    operand = ref.kind.from_json(value)
    if operand is None or operand == "":
        raise ValueError(_("a value is missing."))
    column = refs.model_field(ref.spec, ref.base or ref.path)
    if isinstance(column, DecimalField) and not _fits(column, operand):
        raise ValueError(_("this number is too large."))
    return operand


def _fits(column: DecimalField[Any, Any], number: Decimal) -> bool:
    """Whether the column could hold it: SQLite cannot even compare with what it could not."""
    largest = Decimal(10) ** (column.max_digits - column.decimal_places)
    return abs(round(number, column.decimal_places)) < largest


def _day(value: Any, context: Context) -> dt.date:
    if isinstance(value, str) and value in ("today", "yesterday", "tomorrow"):
        return dates.relative_range(value, context.today)[0]
    day = kinds.Date.from_json(value)
    if day is None:
        raise ValueError(_("a date is missing."))
    return day  # type: ignore[no-any-return]


def _compare(lookup: str) -> Builder:
    def build(ref: FieldRef, value: Any, context: Context) -> Q:
        return Q(**{f"{_compared(ref)}__{lookup}": _operand(ref, value, context)})

    return build


def _before(ref: FieldRef, value: Any, context: Context) -> Q:
    day = _day(value, context)
    edge: Any = _start_of(day, context) if ref.kind is kinds.DateTime else day
    return Q(**{f"{ref.source}__lt": edge})


def _after(ref: FieldRef, value: Any, context: Context) -> Q:
    day = _day(value, context)
    if ref.kind is kinds.DateTime:
        return Q(**{f"{ref.source}__gte": _start_of(day + dt.timedelta(days=1), context)})
    return Q(**{f"{ref.source}__gt": day})


def _between(ref: FieldRef, value: Any, context: Context) -> Q:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(_("two values are needed."))
    if ref.kind in (kinds.Date, kinds.DateTime):
        return _span(ref, _day(value[0], context), _day(value[1], context), context)
    low, high = (_operand(ref, each, context) for each in value)
    return Q(**{f"{_compared(ref)}__gte": low, f"{_compared(ref)}__lte": high})


def _within(ref: FieldRef, value: Any, context: Context) -> Q:
    if not isinstance(value, str):
        raise ValueError(_("a period is missing."))
    start, end = dates.relative_range(value, context.today)
    return _span(ref, start, end, context)


def _span(ref: FieldRef, start: dt.date, end: dt.date, context: Context) -> Q:
    if ref.kind is kinds.DateTime:
        return Q(
            **{
                f"{ref.source}__gte": _start_of(start, context),
                f"{ref.source}__lt": _start_of(end + dt.timedelta(days=1), context),
            }
        )
    return Q(**{f"{ref.source}__gte": start, f"{ref.source}__lte": end})


def _start_of(day: dt.date, context: Context) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(context.actor.time_zone))


def _in(ref: FieldRef, value: Any, context: Context) -> Q:
    if not isinstance(value, list | tuple):
        value = [value]
    if len(value) > 1000:
        raise ValueError(_("too many values."))
    people = Q()
    if ref.kind in (kinds.Link, kinds.Links):
        people = reduce(or_, (_people(ref, word, context) for word in value if word in (ME, MY_TEAM)), Q())
        value = [ref_id for ref_id in value if ref_id not in (ME, MY_TEAM)]
        plain = [kinds.Link.from_json(each) for each in value]
        moved = heirs(ref.target, plain) if ref.target is not None else {}
        plain = [moved.get(each, each) for each in plain]
    else:
        plain = [ref.kind.from_json(each) for each in value]
    if not plain and not people:
        raise ValueError(_("choose at least one."))
    chosen = plain if ref.among is None else ref.among.filter(pk__in=plain).values("pk")
    return (Q(**{f"{ref.source}__in": chosen}) if plain else Q()) | people


def _people(ref: FieldRef, word: str, context: Context) -> Q:
    if word == MY_TEAM and context.actor.standing.teams:
        return Q(**{f"{ref.path}__in": policy.colleagues(*context.actor.standing.teams)})
    return Q(**{f"{ref.path}__in": [context.actor.user_id or 0]})


def _empty(ref: FieldRef, value: Any, context: Context) -> Q:
    missing = Q(**{f"{ref.source}__isnull": True})
    return missing | Q(**{ref.source: ""}) if ref.kind.name in _BLANK_TEXTS else missing


_BLANK_TEXTS = _TEXTS | {"choice", "country", "currency", "colour"}


def _boolean(expected: bool) -> Builder:
    return lambda ref, value, context: Q(**{ref.source: expected})


def containing(ref: FieldRef, text: str) -> Q:
    """Rows whose text at `ref`, as its reader gets it, contains `text`."""
    return _only_seen(ref, text_lookup(ref, text))


def _only_seen(ref: FieldRef, found: Q) -> Q:
    return found if ref.seen is None else found & ref.seen


@dataclass(frozen=True)
class Operator:
    """`operand`: what the builder asks for: text, value, pair, choices, period or nothing."""

    build: Builder
    operand: str
    negated: bool = False

    def condition(self, ref: FieldRef, value: Any, context: Context) -> Q:
        """What the reader of `ref` does not see counts as empty, so that no operator tells of it."""
        found = self.build(ref, value, context)
        if self.build is not _empty:
            found = _only_seen(ref, found)
        elif ref.seen is not None or ref.among is not None:
            there = Q(**{f"{ref.path}__in": ref.among.values("pk")}) if ref.among is not None else ~found
            found = ~_only_seen(ref, there)
        return ~found if self.negated else found


OPERATORS: dict[str, Operator] = {
    "contains": Operator(_contains, "text"),
    "not_contains": Operator(_contains, "text", negated=True),
    "starts": Operator(_starts, "text"),
    "is": Operator(_is, "value"),
    "is_not": Operator(_is, "value", negated=True),
    "gt": Operator(_compare("gt"), "value"),
    "gte": Operator(_compare("gte"), "value"),
    "lt": Operator(_compare("lt"), "value"),
    "lte": Operator(_compare("lte"), "value"),
    "before": Operator(_before, "value"),
    "after": Operator(_after, "value"),
    "between": Operator(_between, "pair"),
    "within": Operator(_within, "period"),
    "in": Operator(_in, "choices"),
    "not_in": Operator(_in, "choices", negated=True),
    "empty": Operator(_empty, "nothing"),
    "not_empty": Operator(_empty, "nothing", negated=True),
    "is_true": Operator(_boolean(True), "nothing"),
    "is_false": Operator(_boolean(False), "nothing"),
}
