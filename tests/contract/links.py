"""Records tied to others that their reader may not see, and every answer he gets about them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.test import Client
from django.urls import reverse

from clientela.access.actor import Actor, actor_of
from clientela.platform.search import index
from clientela.records import conditions, kinds, query, refs, registry, urlnames
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples, ways

MARKER = "Zorgplex"
PAIRS = [
    (spec.key, name)
    for spec in samples.specs()
    for name, ref in refs.fields_of(spec).items()
    if ref.kind is kinds.Link
    and ref.target is not None
    and ref.target.access.owner
    and ref.target.visible is None
    and spec.visible is None
]
_ONE_TIME = re.compile(
    r'nonce="[^"]+"|csrf-token" content="[^"]+"|csrfmiddlewaretoken" value="[^"]+"|:[\w-]{6}:[\w-]{43}"'
)


@dataclass
class World:
    """`rows` are the reader's own: tied to two hidden records, to one that he sees, and to none."""

    spec: Spec
    link: str
    reader: Actor
    rows: list[Any]
    hidden: list[Any]
    values: list[dict[str, Any]] = field(default_factory=list)
    """What the hidden records have said so far."""

    @property
    def target(self) -> Spec:
        target = refs.fields_of(self.spec)[self.link].target
        assert target is not None
        return target

    def paths(self) -> list[str]:
        """The link and every field that can be named over it."""
        found = [self.link]
        for name in refs.fields_of(self.target):
            try:
                found.append(conditions.field_for(self.spec, f"{self.link}__{name}", self.reader).path)
            except ConditionError:
                continue
        return found


def world(key: str, link: str, cast: Cast) -> World:
    spec = registry.get(key)
    target = refs.fields_of(spec)[link].target
    assert target is not None
    hidden = [samples.make(target, cast.outsider) for _ in range(2)]
    seen = samples.make(target, cast.owner)
    rows = [samples.make(spec, cast.owner) for _ in range(4)]
    made = World(spec, link, actor_of(cast.owner), rows, hidden)
    tie(made, [hidden[0], seen, hidden[1], None])
    say(made, 1)
    return made


def tie(made: World, targets: list[Any]) -> None:
    """Whatever the services behind the link would do besides, as an old base may have it."""
    nullable = made.spec.model._meta.get_field(made.link).null
    for place, (row, target) in enumerate(zip(made.rows, targets, strict=True)):
        if target is not None or (nullable and place == len(targets) - 1):
            made.spec.model._default_manager.filter(pk=row.pk).update(**{made.link: target})
    index.refresh(made.spec, [row.pk for row in made.rows])


def say(made: World, variant: int) -> None:
    """Give the hidden records other values in every column, and the index what follows from it."""
    for place, record in enumerate(made.hidden):
        given = dict(_values(made.target, variant * 10 + (place if variant % 2 else -place)))
        made.target.model._default_manager.filter(pk=record.pk).update(**given)
        made.values.append(given)
    index.refresh(made.target, [record.pk for record in made.hidden])
    index.refresh(made.spec, [row.pk for row in made.rows])


def _values(target: Spec, number: int) -> Iterator[tuple[str, Any]]:
    for name, ref in refs.fields_of(target).items():
        column = ref.field
        if column is None or ref.many or ref.target is not None or name in ("id", "version"):
            continue
        if name == target.access.owner:
            continue
        value = _value(ref, column, number)
        if value is not None:
            yield name, value


def _value(ref: FieldRef, column: models.Field[Any, Any], number: int) -> Any:
    if ref.choices:
        return list(ref.choices)[number % len(ref.choices)]
    if ref.kind in (kinds.Text, kinds.LongText):
        return f"{MARKER}{number:04d}"[: getattr(column, "max_length", None) or 40]
    if ref.kind is kinds.Email:
        return f"{MARKER}{number}@example.com"
    if ref.kind is kinds.Phone:
        return f"+34600{number:06d}"
    if ref.kind is kinds.Url:
        return f"https://{MARKER}{number}.example"
    if ref.kind is kinds.Boolean:
        return number % 20 > 10
    if ref.kind is kinds.Country:
        return ("ES", "PT", "FR")[number % 3]
    if ref.kind is kinds.Currency:
        return ("EUR", "USD")[number % 2]
    if ref.kind is kinds.Date:
        return dt.date(2020, 1, 1) + dt.timedelta(days=number * 40)
    if ref.kind is kinds.DateTime:
        return dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number * 40)
    return number + 1 if ref.kind.numeric else None


# --- what the reader gets ----------------------------------------------------------------------------


def answers(made: World, client: Client, program: ways.Program) -> dict[str, str]:
    """Every answer by the way it was asked for, without what is new in each."""
    found = {way: answer(client, url) for way, url in addresses(made)}
    found |= dict(_programs(made, program))
    return {way: _ONE_TIME.sub("", text) for way, text in found.items()}


def answer(client: Client, url: str) -> str:
    """The status of a page and all that it says."""
    response = client.get(url)
    return f"{response.status_code} {ways.body_of(response)}"


def addresses(made: World) -> Iterator[tuple[str, str]]:
    spec, link, usual = made.spec, made.link, {"view": "all"}
    everything = {**usual, "columns": ",".join([spec.title, *made.paths()][:60])}
    yield "usual list", urlnames.list_url(spec, view="all")
    yield "list", urlnames.list_url(spec, **everything)
    yield "rest of the list", urlnames.list_url(spec, **usual, columns=",".join(made.paths()[40:]))
    totals = [f"{path}:{name}" for path in made.paths() for name in _aggregates(made, path)][:60]
    yield "totals", urlnames.view_url(spec, "totals", **everything, totals=",".join(totals))
    yield "export", urlnames.view_url(spec, "export", **everything)
    for path in one_of_each_kind(made):
        if _ref(made, path).kind.groups:
            yield f"group {path}", urlnames.list_url(spec, **everything, group=path)
            if spec.chart is not None:
                yield f"chart {path}", urlnames.view_url(spec, "chart", **usual, by=path)
    for name in ("board", "calendar", "filter", "columns", "grouping", "counts"):
        yield name, urlnames.view_url(spec, name, **usual)
    for place, row in enumerate(made.rows[:2]):
        yield f"record {place}", urlnames.record_url(spec, row.pk)
        yield f"timeline {place}", reverse("timeline", args=[spec.plural, row.pk])
        yield f"editor {place}", urlnames.part_url(spec, row.pk, "field", link)
    for word in words(made):
        yield f"box {word}", urlnames.list_url(spec, view="all", q=word)
        yield f"palette {word}", f"{reverse('search_palette')}?q={word}"
    yield "search", f"{reverse('search_page')}?q={MARKER}"
    yield "options", f"{urlnames.options_url(spec)}?q="
    yield "options by name", f"{urlnames.options_url(spec)}?q={MARKER}"
    yield "options of the target", f"{urlnames.options_url(made.target)}?q={MARKER}"
    for record in made.hidden:
        leaf = json.dumps({"field": link, "op": "in", "value": [record.pk]})
        yield f"chip {record.pk}", urlnames.list_url(spec, view="all", filter=leaf)


def words(made: World) -> list[str]:
    """What somebody might look for: parts of every name that the hidden records have had."""
    title = made.target.title
    said = [given[title] for given in made.values[:4:2] if title in given]
    return list(dict.fromkeys([MARKER, *said]))


def one_of_each_kind(made: World) -> list[str]:
    """The link, its title, and a choice, a day, an amount and a link over it."""
    by_kind = {_ref(made, path).kind: path for path in reversed(made.paths()[1:])}
    few = [by_kind[kind] for kind in (kinds.Choice, kinds.Date, kinds.Money, kinds.Link) if kind in by_kind]
    return list(dict.fromkeys([made.link, f"{made.link}__{made.target.title}", *few]))


def _ref(made: World, path: str) -> FieldRef:
    return refs.resolve(made.spec, path)


def _aggregates(made: World, path: str) -> tuple[str, ...]:
    return _ref(made, path).kind.aggregates


def _programs(made: World, program: ways.Program) -> Iterator[tuple[str, str]]:
    fields = api_fields(made)
    yield "API list", program.get(made.spec, fields=fields).content.decode()
    for row in made.rows:
        yield f"API record {row.pk}", program.get(made.spec, row.pk).content.decode()
        yield f"API fields {row.pk}", program.get(made.spec, row.pk, fields=fields).content.decode()
    yield "API search", program.get(made.spec, q=MARKER).content.decode()
    for path in one_of_each_kind(made):
        if not _ref(made, path).many:
            for sort in (path, f"-{path}"):
                answer = program.get(made.spec, fields="id", sort=sort, limit="1")
                yield f"API sort {sort}", answer.content.decode()


def api_fields(made: World) -> str:
    """The link and what can be named over it, as a program asks for it."""
    return ",".join([path for path in made.paths() if not _ref(made, path).many][:100])


def orders(made: World) -> dict[str, list[int]]:
    """The ids in each order, empty ones last."""
    found = {}
    for path in made.paths():
        if not _ref(made, path).many:
            for sort in (path, f"-{path}"):
                rows = query.ordered(query.visible(made.spec, made.reader), made.spec, (sort,), made.reader)
                found[sort] = list(rows.values_list("pk", flat=True))
    return found


def matches(made: World) -> dict[str, list[int]]:
    """The ids that each operator finds over the link, with every value that the hidden records ever had."""
    found = {}
    for path in made.paths():
        for operator in _ref(made, path).kind.operators:
            for value in _operands(made, path, operator):
                leaf = {"field": path, "op": operator, "value": value}
                try:
                    rows = query.matching(made.spec, made.reader, leaf)
                except ConditionError:
                    continue
                found[json.dumps(leaf)] = sorted(rows.values_list("pk", flat=True))
    return found


def _operands(made: World, path: str, operator: str) -> list[Any]:
    operand = conditions.OPERATORS[operator].operand
    ref = _ref(made, path)
    said = list(dict.fromkeys(given[ref.name] for given in made.values[:4:2] if ref.name in given))
    if path == made.link:
        said = [MARKER, "a"] if operand == "text" else [record.pk for record in made.hidden]
    told = [
        ref.kind.to_json(value) if ref.kind is not kinds.DateTime else f"{value:%Y-%m-%d}" for value in said
    ]
    shapes: dict[str, list[Any]] = {
        "nothing": [None],
        "period": ["this_year", "overdue"],
        "pair": [[one, one] for one in told],
        "choices": [[one] for one in told],
    }
    return shapes.get(operand, told)
