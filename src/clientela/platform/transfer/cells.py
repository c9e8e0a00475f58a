"""A cell into a value of the field it goes to. Refusals are ValueErrors with words for the person."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.kit import countries, dates, identifiers, money, numbers
from clientela.kit.tables import Cell, is_empty_marker, parse_boolean
from clientela.platform.transfer.choices import choice_finder
from clientela.platform.transfer.mapping import ColumnMap
from clientela.platform.transfer.targets import CREATED, Target

Parser = Callable[[Cell], Any]
_EMPTY_STARTS = frozenset("nN(#-–—\\<uU")
# Beyond these, a moment in another time zone may be none that a database keeps.
_EARLIEST, _LATEST = 1800, 9998
_AHEAD = dt.timedelta(days=1)  # clocks and time zones differ
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,8})?", re.ASCII)


def is_empty(cell: Cell) -> bool:
    """Nothing, or one of the words that other systems write for nothing."""
    if not isinstance(cell, str):
        return False
    if not cell or cell.isspace():
        return True
    return cell.lstrip()[0] in _EMPTY_STARTS and is_empty_marker(cell.strip())


def parser_of(target: Target, column: ColumnMap, time_zone: str) -> Parser:
    """What reads the column's filled cells into values that a write takes."""
    if target.by_id:
        return _ids if target.ref.many else _integer("")
    makers: Mapping[str, Callable[[], Parser]] = {
        "money": lambda: _amount(target, column.mark),
        "number": lambda: _amount(target, column.mark),
        "percent": lambda: _amount(target, column.mark),
        "integer": lambda: _integer(column.mark),
        "date": lambda: _date(column.order),
        "datetime": lambda: _moment(target, column.order, time_zone),
        "boolean": lambda: _boolean,
        "choice": lambda: _choice(target),
        "colour": lambda: _choice(target),
        "country": lambda: _country,
        "currency": lambda: _currency,
        "email": lambda: _email,
        "links": lambda: _several,
        "lines": lambda: _lines,
    }
    maker = makers.get(target.kind.name)
    return maker() if maker is not None else _text


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else _written(cell)


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _decimal(text: str, mark: str) -> tuple[Decimal, str | None]:
    text = text.strip()
    if mark != "," and _PLAIN.fullmatch(text):
        return Decimal(text), None
    try:
        return numbers.parse_decimal(text.rstrip("% "), "," if mark == "," else "."), None
    except numbers.InvalidNumber:
        pass
    try:
        return money.parse_money(text, "es" if mark == "," else "en")
    except ValueError:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]}) from None


class Amount(Decimal):
    """An amount whose cell names its currency."""

    currency: str


def _amount(target: Target, mark: str) -> Parser:
    places = getattr(target.field, "decimal_places", 2)

    def parse(cell: Cell) -> Decimal:
        value, currency = _decimal(cell, mark) if isinstance(cell, str) else (_number_of(cell), None)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places:
            value = numbers.round_half_up(value, places)
        if currency is None:
            return value
        amount = Amount(value)
        amount.currency = currency
        return amount

    return parse


def _number_of(cell: Cell) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": _written(cell)})
    return Decimal(cell)


def _integer(mark: str) -> Parser:
    def parse(cell: Cell) -> int:
        value = _decimal(cell, mark)[0] if isinstance(cell, str) else _number_of(cell)
        if value != value.to_integral_value():
            raise ValueError(_("This must be a whole number."))
        return int(value)

    return parse


def _date(order: str) -> Parser:
    @lru_cache(maxsize=4096)
    def read(text: str) -> dt.date:
        try:
            return dates.parse_date(text.strip(), cast("Any", order))
        except ValueError:
            raise ValueError(_("“%(text)s” is not a date.") % {"text": text[:40]}) from None

    def parse(cell: Cell) -> dt.date:
        if isinstance(cell, dt.datetime):
            return cell.date()
        return cell if isinstance(cell, dt.date) else read(str(cell))

    return parse


def _moment(target: Target, order: str, time_zone: str) -> Parser:
    read = _moment_in(order, ZoneInfo(time_zone))

    def parse(cell: Cell) -> dt.datetime:
        moment = read(cell)
        if not _EARLIEST <= moment.year <= _LATEST:
            raise ValueError(_("“%(text)s” is not a date.") % {"text": _written(cell)[:40]})
        if target.path == CREATED and moment > timezone.now() + _AHEAD:
            raise ValueError(_("It cannot have been created in the future."))
        return moment

    return parse


def _moment_in(order: str, zone: ZoneInfo) -> Callable[[Cell], dt.datetime]:

    def parse(cell: Cell) -> dt.datetime:
        if isinstance(cell, dt.datetime):
            return cell if cell.tzinfo else cell.replace(tzinfo=zone)
        text = cell.isoformat() if isinstance(cell, dt.date) else str(cell).strip()
        try:
            return dates.parse_datetime(text, cast("Any", order), zone)
        except ValueError:
            raise ValueError(_("“%(text)s” is not a date.") % {"text": text[:40]}) from None

    return parse


def _boolean(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    found = parse_boolean(str(cell))
    if found is None:
        raise ValueError(_("This must be yes or no."))
    return found


class Unknown(ValueError):
    """A word that is none of a field's choices: told, and the field left as it is."""


def _choice(target: Target) -> Parser:
    find = choice_finder(target)

    def parse(cell: Cell) -> str:
        found = find(_text(cell))
        if found is None:
            raise Unknown(_("“%(text)s” is none of the choices.") % {"text": _text(cell)[:40]})
        return found

    return parse


@lru_cache(maxsize=2048)
def _country_of(text: str) -> str:
    code = countries.country_code_of(text)
    if code is None:
        raise ValueError(_("“%(text)s” is no known country.") % {"text": text[:40]})
    return code


def _country(cell: Cell) -> str:
    return _country_of(_text(cell))


def _currency(cell: Cell) -> str:
    text = _text(cell).upper()
    if text in money.currency_codes():
        return text
    try:
        named = money.parse_money(f"1 {_text(cell)}", "es")[1]
    except ValueError:
        named = None
    if named is None:
        raise ValueError(_("“%(text)s” is no known currency.") % {"text": text[:40]})
    return named


def _email(cell: Cell) -> str:
    try:
        return identifiers.normalise_email(_text(cell))
    except identifiers.InvalidIdentifier:
        raise ValueError(_("“%(text)s” is not an e-mail address.") % {"text": _text(cell)[:60]}) from None


def _several(cell: Cell) -> list[str]:
    """Words parted by the strongest separator there is, so that "Builder, big; Rental" are two."""
    text = _text(cell)
    mark = next((mark for mark in ("\n", ";", "|", ",") if mark in text), None)
    return [part.strip() for part in text.split(mark) if part.strip()] if mark else [text]


def _ids(cell: Cell) -> list[int]:
    try:
        return [int(part) for part in _text(cell).split(",")]
    except ValueError:
        raise ValueError(_("This must be a list of ids.")) from None


def _lines(cell: Cell) -> list[dict[str, Any]]:
    """Lines as our own exports write them: JSON objects, without their ids."""
    try:
        rows = json.loads(_text(cell))
    except ValueError:
        raise ValueError(_("This must be a list of objects.")) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(_("This must be a list of objects."))
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]
