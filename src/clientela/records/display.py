"""How a value is shown, by kind: one face for list cells, record pages, board cards and panels.

`columns_for(refs, reader)` is worked out once for a page: `.paths` are the query paths to read with
`query.page`, `.row(tuple)` turns what was read into one `Shown` for each ref. `of_record` does it for one
record. Templates draw a `Shown` with the macros of records/_value.html.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.kit import countries, dates, identifiers, money
from clientela.kit.text import colour_of, initials
from clientela.records import kinds, query, refs, urlnames
from clientela.records.refs import FieldRef
from clientela.records.rights import is_hidden, read_by
from clientela.records.spec import Spec

LONGEST_TEXT = 160


class Shown(NamedTuple):
    """One value ready to draw. `kind`: text, longtext, number, date, email, phone, url, choice, tag, status,
    person, entity, link, hidden (a record out of sight) or many (its `items`); no `text`: no value."""

    kind: str
    text: str
    url: str = ""
    color: str = ""
    initials: str = ""
    title: str = ""
    items: tuple[Any, ...] = ()


NOTHING = Shown("text", "")
Parts = Sequence[Any]
Cell = Callable[[Parts], Shown]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom, where and when values are shown."""

    actor: Actor
    locale: str
    now: dt.datetime
    zone: ZoneInfo
    full: bool = False
    """All decimals and whole texts instead of short ones."""
    whole_dates: bool = False

    @property
    def today(self) -> dt.date:
        return self.now.date()


def reader_for(actor: Actor, *, full: bool = False) -> Reader:
    """Who reads, when and how: in the actor's language and time zone; `full`: nothing is cut short."""
    zone = ZoneInfo(actor.time_zone)
    return Reader(actor, actor.language, dt.datetime.now(zone), zone, full, whole_dates=full)


@dataclass(frozen=True)
class Columns:
    """`paths`: what to read; `many`: refs whose values are rows of their own, read apart by `many_of`."""

    refs: tuple[FieldRef, ...]
    paths: tuple[str, ...]
    cells: tuple[tuple[Cell, slice], ...]
    many: tuple[FieldRef, ...]

    def row(self, values: Parts) -> list[Shown]:
        """One Shown for each ref, from the values read at `paths`; many links come out empty."""
        return [cell(values[places]) for cell, places in self.cells]


def columns_for(shown_refs: Iterable[FieldRef], reader: Reader, *, marked: bool = True) -> Columns:
    """Compile the cells of `shown_refs`; those that the reader may not see are left out.

    `marked`: a link to a record that he may not see says so, rather than being empty.
    """
    seen = tuple(read_by(ref, reader.actor) for ref in shown_refs if not is_hidden(ref, reader.actor))
    paths: list[str] = []
    cells = []
    for ref in seen:
        own_paths, cell = _compile(ref, reader)
        if marked and ref.seen is not None and ref.kind is kinds.Link and ref.own:
            own_paths, cell = (*own_paths, ref.path), _marked(cell)
        cells.append((cell, slice(len(paths), len(paths) + len(own_paths))))
        paths.extend(own_paths)
    return Columns(seen, tuple(paths), tuple(cells), tuple(ref for ref in seen if ref.many))


def rows_of(spec: Spec, rows: query.Rows, columns: Columns, offset: int, limit: int) -> list[Any]:
    """(id, cells) of `limit` rows from `offset`: one query, and one more for each column of many links."""
    rows = query.annotated(rows, columns.refs)
    found = [
        (values[0], columns.row(values[1:]))
        for values in query.page(rows, ("pk", *columns.paths), offset, limit)
    ]
    fill_many(columns, found)
    return found


def fill_many(columns: Columns, found: Sequence[tuple[Any, list[Shown]]]) -> None:
    """Put the cells of many links into rows of (id, cells): one query a column."""
    places = {ref.path: place for place, ref in enumerate(columns.refs)}
    for ref in columns.many:
        by_id = many_of(ref, [record_id for record_id, _cells in found])
        for record_id, cells in found:
            cells[places[ref.path]] = by_id.get(record_id, NOTHING)


def of_record(spec: Spec, record_id: Any, shown_refs: Iterable[FieldRef], reader: Reader) -> dict[str, Shown]:
    """The values of one record by path, in one query (and one more for each of many links)."""
    columns = columns_for(shown_refs, reader)
    found = rows_of(spec, spec.model._default_manager.filter(pk=record_id).order_by(), columns, 0, 1)
    return {ref.path: cell for ref, cell in zip(columns.refs, found[0][1], strict=True)} if found else {}


def shown(ref: FieldRef, instance: Any, reader: Reader) -> Shown:
    """The saved value of one field of an instance; a hidden one is nothing."""
    return of_record(ref.spec, instance.pk, [ref], reader).get(ref.path, NOTHING)


def many_of(ref: FieldRef, ids: Sequence[Any]) -> Mapping[Any, Shown]:
    """Titles of the records that each of `ids` is tied to by a field of many links: one query."""
    if not ids or ref.target is None:
        return {}
    label = f"{ref.path}__{ref.target.title}"
    color = f"{ref.path}__{ref.target.color}" if ref.target.color else "pk"
    among = {} if ref.among is None else {f"{ref.path}__in": ref.among.values("pk")}
    rows = ref.spec.model._default_manager.filter(pk__in=ids, **{f"{label}__isnull": False}, **among)
    rows = rows if ref.seen is None else rows.filter(ref.seen)
    items: dict[Any, list[Shown]] = {}
    for record_id, target_id, text, hue in rows.order_by(label).values_list(
        "pk", f"{ref.path}__pk", label, color
    ):
        url = urlnames.record_url(ref.target, target_id)
        items.setdefault(record_id, []).append(
            Shown("tag", str(text), url, hue if ref.target.color else "gray")
        )
    return {
        record_id: Shown("many", ", ".join(item.text for item in each), items=tuple(each))
        for record_id, each in items.items()
    }


def link_shown(target: Spec, record_id: Any, title: Any, color: str = "") -> Shown:
    """How a link to a record is drawn, by its spec's `mark`."""
    return _link_cell(target)((record_id, title, color or None))


def _compile(ref: FieldRef, reader: Reader) -> tuple[tuple[str, ...], Cell]:
    if ref.many:
        return (), lambda parts: NOTHING
    if ref.kind is kinds.Link and ref.target is not None and ref.expression is None:
        return _link_paths(ref, ref.target, reader), _link_cell(ref.target)
    if ref.kind is kinds.Money:
        code = (ref.reading(ref.currency),) if ref.currency else ()
        return (ref.annotation, *code), _money_cell(reader)
    plain = _MAKERS.get(ref.kind.name, _text_maker)(ref, reader)
    return (ref.annotation,), lambda parts: NOTHING if parts[0] in _EMPTY else plain(parts[0])


_EMPTY = (None, "")


def _marked(cell: Cell) -> Cell:
    hidden = Shown("hidden", _("No access"))

    def marked(parts: Parts) -> Shown:
        return hidden if parts[0] is None and parts[-1] is not None else cell(parts[:-1])

    return marked


def _link_paths(ref: FieldRef, target: Spec, reader: Reader) -> tuple[str, ...]:
    title, *color = map(ref.reading, ref.looks)
    if is_hidden(refs.resolve(target, target.title), reader.actor):
        title = ref.annotation
    return (ref.annotation, title, *color)


_MARKS = {"square": "entity", "round": "person", "status": "status", "tag": "tag"}


def _link_cell(target: Spec) -> Cell:
    before, _zero, after = urlnames.record_url(target, 0).rpartition("0")
    kind = _MARKS.get(target.mark, "link")
    has_avatar = kind in ("entity", "person")

    def cell(parts: Parts) -> Shown:
        if parts[0] is None:
            return NOTHING
        text = str(parts[1])
        color = parts[2] if len(parts) > 2 and parts[2] else colour_of(text) if has_avatar else "gray"
        return Shown(kind, text, f"{before}{parts[0]}{after}", color, initials(text) if has_avatar else "")

    return cell


def _money_cell(reader: Reader) -> Cell:
    decimals: money.Decimals = "full" if reader.full else "auto"

    def cell(parts: Parts) -> Shown:
        if parts[0] is None:
            return NOTHING
        currency = (parts[1] if len(parts) > 1 else "") or settings.BASE_CURRENCY
        return Shown("number", money.format_money(Decimal(parts[0]), currency, reader.locale, decimals))

    return cell


Maker = Callable[[FieldRef, Reader], Callable[[Any], Shown]]


def _text_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    return lambda value: Shown("text", str(value))


def _long_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    def long(value: Any) -> Shown:
        text = str(value)
        short = text if reader.full or len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"
        return Shown("longtext", short)

    return long


def _number_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    return lambda value: Shown("number", ref.kind.text(value, reader.locale))


def _boolean_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    yes, no = (Shown("choice", str(ref.kind.text(value, reader.locale))) for value in (True, False))
    return lambda value: yes if value else no


def _choice_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    by_value = {value: Shown("choice", str(label)) for value, label in ref.choices.items()}
    return lambda value: by_value.get(value) or Shown("choice", str(value))


def _colour_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    labels = ref.choices
    return lambda value: Shown("status", str(labels.get(value, value)), color=str(value))


def _country_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    return lambda value: Shown("choice", countries.country_name(value, reader.locale))


def _date_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    def day(value: dt.date) -> Shown:
        whole = dates.format_date(value, reader.locale)
        text = whole if reader.whole_dates else dates.format_short_date(value, reader.today, reader.locale)
        return Shown("date", text, title=value.isoformat())

    return day


def _moment_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    def moment(value: dt.datetime) -> Shown:
        text = (
            dates.format_datetime(value, reader.locale, reader.zone)
            if reader.whole_dates
            else dates.format_short_datetime(value, reader.now, reader.locale, reader.zone)
        )
        return Shown("date", text, title=value.isoformat())

    return moment


def _email_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    return lambda value: Shown("email", str(value), f"mailto:{value}")


def _phone_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    def phone(value: str) -> Shown:
        text = identifiers.format_phone(value, settings.DEFAULT_COUNTRY)
        return Shown("phone", text, f"tel:{value}" if value.startswith("+") else "")

    return phone


def _url_maker(ref: FieldRef, reader: Reader) -> Callable[[Any], Shown]:
    # Only addresses that a browser opens as pages: "javascript:" stays a text.
    return lambda value: Shown("url", value, value if value.startswith(("https://", "http://")) else "")


_MAKERS: dict[str, Maker] = {
    "longtext": _long_maker,
    "integer": _number_maker,
    "number": _number_maker,
    "percent": _number_maker,
    "boolean": _boolean_maker,
    "choice": _choice_maker,
    "colour": _colour_maker,
    "country": _country_maker,
    "date": _date_maker,
    "datetime": _moment_maker,
    "email": _email_maker,
    "phone": _phone_maker,
    "url": _url_maker,
}


def in_full(reader: Reader) -> Reader:
    """The same reader, with whole values."""
    return replace(reader, full=True, whole_dates=True)
