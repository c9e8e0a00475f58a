"""Forms of any record: what each field's editor needs to be drawn, and what was typed into it read back.

`editor(...)` gives an `Editor`, drawn by the macros of records/_editor.html; `parse(...)` reads the
submitted form. A field that was not submitted is left alone, never emptied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.kit import countries, money, numbers
from clientela.records import kinds, query, refs, registry, rights, urlnames, values
from clientela.records.conditions import is_hidden
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec
from clientela.ui.formats import language

LONGEST_SELECT = 60
Errors = dict[str, list[str]]


class Option(NamedTuple):
    """One of the choices of a select."""

    value: str
    label: str
    color: str = ""
    group: str = ""


@dataclass(frozen=True)
class Editor:
    """One control. `widget` names its macro; `value` is its text (a list for many links).

    `options` fill a select; `options_url` a combobox whose chosen record is called `label`. `rows` are the
    lines (each a dict of editors), `blank` the template of a new one. `money` = the currency's editor.
    """

    ref: FieldRef
    name: str
    id: str
    widget: str
    value: Any = ""
    label: str = ""
    errors: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    options_url: str = ""
    currency: Editor | None = None
    rows: tuple[dict[str, Any], ...] = ()
    blank: dict[str, Any] = field(default_factory=dict)
    focus: bool = False
    """Whether the form opens with the cursor here."""


@dataclass(frozen=True)
class Form:
    """For whom editors are made, with what was submitted (`data`) and what was wrong with it."""

    actor: Actor
    prefix: str = "new"
    data: QueryDict | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    short: bool = False
    """Where a value is edited in its place there is no room for a currency beside the amount."""

    def written(self, name: str) -> bool:
        return self.data is not None and name in self.data

    def text(self, name: str) -> str:
        """The last value under a name: a checkbox follows its hidden "no"."""
        assert self.data is not None
        return str(self.data.getlist(name)[-1])


def editable(spec: Spec, names: Iterable[str], actor: Actor) -> list[FieldRef]:
    """The refs of `names` that a form may offer to `actor`: own fields, neither hidden nor read only."""
    known = refs.fields_of(spec)
    found = [known[name] for name in dict.fromkeys(names) if name in known]
    return [
        ref
        for ref in found
        if not ref.read_only
        and not is_hidden(ref, actor)
        and not rights.is_fixed(ref, actor)
        and (ref.target is not None or ref.kind not in (kinds.Link, kinds.Links))
    ]


# --- reading ---------------------------------------------------------------------------------------


def parse(
    spec: Spec, names: Iterable[str], data: QueryDict, actor: Actor, instance: Any = None
) -> tuple[dict[str, Any], Errors]:
    """Values and errors by field name of the submitted fields among `names` that `actor` may edit.

    Lines keep their ids only where they are lines of `instance`.
    """
    found: dict[str, Any] = {}
    errors: Errors = {}
    # Amounts last: a currency written with one wins over the field of its own.
    for ref in sorted(editable(spec, names, actor), key=lambda each: each.kind is kinds.Money):
        if ref.path in data:
            try:
                found |= _read(ref, ref.path, Form(actor, data=data), instance)
            except ValueError as error:
                errors[ref.path] = [str(error)]
    return found, errors


def _read(ref: FieldRef, name: str, form: Form, instance: Any = None) -> dict[str, Any]:
    assert form.data is not None
    if ref.lines is not None:
        return {ref.path: _read_lines(ref, form, instance)}
    if ref.kind is kinds.Links:
        return {ref.path: ref.kind.parse(",".join(filter(None, form.data.getlist(name))), language())}
    text = form.text(name)
    if ref.kind is kinds.DateTime:
        return {ref.path: _read_moment(text)}
    if ref.kind is kinds.Money and ref.currency:
        return _read_money(ref, text, form.data.get(ref.currency))
    return {ref.path: ref.kind.parse(text, language())}


def _read_money(ref: FieldRef, text: str, chosen: str | None) -> dict[str, Any]:
    """A currency written with the amount wins over the one chosen beside it."""
    found = {ref.path: ref.kind.parse(text, language())}
    named = money.parse_money(text, language())[1] if text.strip() else None
    currency = named or chosen
    return {**found, ref.currency: currency} if currency else found


def _read_moment(text: str) -> Any:
    """A time without zone, as the browser's control sends it, is in the reader's own."""
    if not text.strip():
        return None
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        moment = None
    if moment is None:
        return kinds.DateTime.parse(text, language())
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _read_lines(ref: FieldRef, form: Form, instance: Any) -> list[dict[str, Any]]:
    assert form.data is not None
    assert ref.lines is not None
    known = {} if instance is None else {str(each["id"]) for each in values.json_value(ref, instance)}
    rows = []
    for number in filter(None, form.data.getlist(ref.path)):
        start = f"{ref.path}-{number}-"
        if form.data.get(f"{start}delete"):
            continue
        row: dict[str, Any] = {"id": int(number)} if number in known else {}
        for cell in line_refs(ref):
            if cell.path == ref.lines.main:
                row[cell.path] = form.data.get(f"{ref.path}-main") == number
            elif start + cell.path in form.data:
                row |= {cell.path: cell.kind.to_json(_read(cell, start + cell.path, form)[cell.path])}
        rows.append(row)
    return rows


def line_refs(ref: FieldRef) -> list[FieldRef]:
    """The fields of a line as refs of their own."""
    assert ref.lines is not None
    return [
        FieldRef(
            name,
            ref.spec,
            column.verbose_name,
            kind,
            (),
            field=column,
            target=registry.of_model(column.related_model) if column.is_relation else None,
        )
        for name, (column, kind) in values.line_fields(ref.spec, ref.lines).items()
    ]


# --- drawing ---------------------------------------------------------------------------------------


def editor(ref: FieldRef, value: Any, form: Form, name: str = "") -> Editor:
    """The editor of one field, holding what was submitted or else `value` (JSON)."""
    name = name or ref.path
    made = Editor(
        ref, name, f"{form.prefix}-{name}", ref.kind.name, errors=tuple(form.errors.get(ref.path, ()))
    )
    if ref.lines is not None:
        return _with_rows(made, value or [], form)
    if ref.kind is kinds.Links:
        ids = form.data.getlist(name) if form.data is not None and form.written(name) else value or []
        return _with_records(replace(made, value=[str(each) for each in ids if each]), form)
    text = form.text(name) if form.written(name) else as_text(ref, value)
    made = replace(made, value=text, options=tuple(_options(ref)))
    if ref.kind is kinds.Link:
        return _with_records(made, form)
    return made


def editors(
    spec: Spec, names: Iterable[str], form: Form, start: Mapping[str, Any], instance: Any = None
) -> list[Editor]:
    """The editors of a whole form; the currency of an amount stands beside it, not alone."""
    found = editable(spec, names, form.actor)
    known = refs.fields_of(spec)
    paired = {ref.currency for ref in found if ref.kind is kinds.Money}
    made = []
    for ref in found:
        if ref.path not in paired:
            made.append(with_currency(editor(ref, start.get(ref.path), form), start, form, known))
    return made


def with_currency(
    made: Editor, start: Mapping[str, Any], form: Form, known: Mapping[str, FieldRef]
) -> Editor:
    """An amount with the editor of its currency; in a cell, with the currency written in its text."""
    ref = made.ref
    if ref.kind is not kinds.Money or ref.currency not in known:
        return made
    code = start.get(ref.currency) or settings.BASE_CURRENCY
    if form.short:
        text = made.value if form.written(ref.path) else _money_text(start.get(ref.path), code)
        return replace(made, value=text)
    return replace(made, currency=editor(known[ref.currency], code, form))


def as_text(ref: FieldRef, value: Any) -> str:
    """A JSON value as its control shows it, in the language of the page."""
    if value is None or value == "":
        return ""
    if ref.kind is kinds.Boolean:
        return "1" if value else ""
    if ref.kind.numeric:
        return numbers.format_number(_plain(value), language())
    if ref.kind is kinds.DateTime:
        moment = ref.kind.from_json(value)
        return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")
    return str(value)


def _plain(value: Any) -> Decimal:
    number = Decimal(str(value))
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def _money_text(value: Any, code: str) -> str:
    """The amount with its symbol, or with its code where the symbol could be another currency's."""
    if value is None or value == "":
        return ""
    number = Decimal(str(value))
    text = money.format_money(number, code, language())
    try:
        read, named = money.parse_money(text, language())
    except ValueError:
        read, named = None, None
    if read == number and named in (code, None):
        return text
    return f"{numbers.format_number(number, language(), 2)} {code}"


def _options(ref: FieldRef) -> list[Option]:
    if ref.choices:
        return [Option(str(value), str(label)) for value, label in ref.choices.items()]
    if ref.kind is kinds.Country:
        return [Option(code, name) for code, name in countries.countries(language())]
    if ref.kind is kinds.Currency:
        codes = dict.fromkeys((settings.BASE_CURRENCY, *money.currency_codes()))
        return [Option(code, f"{code} · {money.currency_name(code, language())}") for code in codes]
    return []


def _with_records(made: Editor, form: Form) -> Editor:
    """The few records of a small set to choose from; else where to look, and the chosen one's name."""
    target = made.ref.target
    assert target is not None
    few = _few(target, form.actor) if target.access.configuration else None
    if few is not None:
        if made.ref.required and made.value == "" and few:
            made = replace(made, value=few[0].value)
        chosen = [made.value] if isinstance(made.value, str) else made.value
        missing = [value for value in chosen if value and value not in {each.value for each in few}]
        return replace(made, options=(*few, *named(target, missing, form.actor)))
    wanted = [made.value] if isinstance(made.value, str) else made.value
    names = named(target, wanted, form.actor)
    label = names[0].label if names else ""
    widget = "combobox" if made.ref.kind is kinds.Link else "comboboxes"
    return replace(
        made, widget=widget, label=label, options=tuple(names), options_url=urlnames.options_url(target)
    )


def _few(target: Spec, actor: Actor) -> list[Option] | None:
    rows = query.ordered(query.matching(target, actor, target.offered), target, (), actor)
    paths = ["pk", target.title, target.color or "pk"]
    group = second_line(target, actor)
    paths += [group.sort_path] if group is not None else []
    rows = query.annotated(rows, [group]) if group is not None else rows
    found = query.page(rows, paths, 0, LONGEST_SELECT + 1)
    if len(found) > LONGEST_SELECT:
        return None
    several = group is not None and len({row[3] for row in found}) > 1
    return [
        Option(str(row[0]), str(row[1]), str(row[2]) if target.color else "", str(row[3]) if several else "")
        for row in found
    ]


def second_line(spec: Spec, actor: Actor) -> FieldRef | None:
    """The field that tells two records of the same name apart."""
    ref = refs.fields_of(spec).get(spec.subtitle)
    return None if ref is None or is_hidden(ref, actor) else rights.read_by(ref, actor)


def option_text(ref: FieldRef, value: Any) -> str:
    """A second line in words: choices by their label."""
    return str(ref.choices.get(value, value) or "") if value is not None else ""


def named(target: Spec, ids: Iterable[str], actor: Actor) -> list[Option]:
    """The titles of records by id, as far as `actor` may see them."""
    wanted = [int(each) for each in ids if each and each.isascii() and each.isdigit()]
    if not wanted:
        return []
    rows = query.visible(target, actor).filter(pk__in=wanted[:500])
    found = {record_id: str(title) for record_id, title in rows.values_list("pk", target.title)}
    return [Option(str(each), found.get(each, _("Record you may not see"))) for each in wanted]


def _with_rows(made: Editor, rows: list[dict[str, Any]], form: Form) -> Editor:
    ref = made.ref
    assert ref.lines is not None
    cells = line_refs(ref)
    written: list[tuple[str, dict[str, Any]]] = [(str(row.get("id", "new")), row) for row in rows]
    main = next((number for number, row in written if row.get(ref.lines.main)), "")
    if form.data is not None and form.written(ref.path):
        numbers_sent = [each for each in form.data.getlist(ref.path) if each]
        written = [(each, {}) for each in numbers_sent if not form.data.get(f"{ref.path}-{each}-delete")]
        main = form.data.get(f"{ref.path}-main") or ""
    plain = replace(form, errors={})
    drawn = [_row(ref, cells, number, row, plain) | {"main": number == main} for number, row in written]
    return replace(made, rows=tuple(drawn), blank=_row(ref, cells, "__n__", {}, replace(plain, data=None)))


def _row(
    ref: FieldRef, cells: list[FieldRef], number: str, row: Mapping[str, Any], form: Form
) -> dict[str, Any]:
    assert ref.lines is not None
    shown = [cell for cell in cells if cell.path != ref.lines.main]
    start = {
        cell.path: row.get(cell.path, cell.field.get_default() if cell.field else None) for cell in shown
    }
    made = [editor(cell, start[cell.path], form, f"{ref.path}-{number}-{cell.path}") for cell in shown]
    return {"number": number, "cells": made}
