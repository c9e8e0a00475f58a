"""The kinds of field: how each is read, checked, written as JSON, told to a person, compared and summed.

One table; nothing else in the engine asks for the type of a column. Cells and widgets are macros of the
same name in the templates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date as parse_iso_date
from django.utils.dateparse import parse_datetime as parse_iso_datetime
from django.utils.translation import gettext as _

from clientela.kit import dates, money, numbers
from clientela.records import fields

TEXT_OPERATORS = ("contains", "not_contains", "is", "is_not", "starts", "empty", "not_empty")
NUMBER_OPERATORS = ("is", "gt", "gte", "lt", "lte", "between", "empty", "not_empty")
DATE_OPERATORS = ("within", "is", "before", "after", "between", "empty", "not_empty")
CHOICE_OPERATORS = ("in", "not_in", "empty", "not_empty")
LINK_OPERATORS = ("in", "not_in", "contains", "empty", "not_empty")

# Digits before or after the comma; more is no amount but an attack on the memory.
LONGEST_NUMBER = 30

TRUE_WORDS = frozenset({"1", "true", "yes", "y", "si", "sí", "s", "on", "verdadero", "cert", "x"})
FALSE_WORDS = frozenset({"0", "false", "no", "n", "off", "falso", "fals", ""})


def same(value: Any) -> Any:
    """JSON has this value as Python has it."""
    return value


@dataclass(frozen=True)
class Kind:
    """One kind of field. `parse` and `from_json` raise ValueError with words for the person."""

    name: str
    operators: tuple[str, ...]
    parse: Callable[[str, str], Any]
    from_json: Callable[[Any], Any]
    to_json: Callable[[Any], Any] = same
    text: Callable[[Any, str], str] = lambda value, locale: str(value)
    numeric: bool = False
    aggregates: tuple[str, ...] = ()
    groups: bool = False


def _parse_text(text: str, locale: str) -> str:
    return text.strip()


def _json_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("This must be a text."))
    return value


def _parse_integer(text: str, locale: str) -> int | None:
    value = _parse_decimal(text, locale)
    if value is not None and value != value.to_integral_value():
        raise ValueError(_("This must be a whole number."))
    return None if value is None else int(value)


def _json_integer(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(_("This must be a whole number."))
    if not -(2**63) <= value < 2**63:
        raise ValueError(_("This number is too large."))
    return value


def _parse_decimal(text: str, locale: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return money.parse_money(text, locale)[0]
    except ValueError:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]}) from None


def _json_decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(_("This must be a number."))
    try:
        number = value if type(value) is Decimal else Decimal(str(value))
    except InvalidOperation:
        raise ValueError(_("This must be a number.")) from None
    if not number.is_finite():
        raise ValueError(_("This must be a number."))
    if number and not -LONGEST_NUMBER < number.adjusted() < LONGEST_NUMBER:
        raise ValueError(_("This number is too large."))
    return number


def _plain_decimal(value: Any) -> str | None:
    return None if value is None else format(Decimal(value), "f")


def _parse_boolean(text: str, locale: str) -> bool:
    word = text.strip().casefold()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueError(_("This must be yes or no."))


def _json_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("This must be true or false."))
    return value


def _parse_date(text: str, locale: str) -> dt.date | None:
    text = text.strip()
    if not text:
        return None
    iso: dt.date | None = _iso(parse_iso_date, text)
    if iso is not None:
        return iso
    try:
        return dates.parse_date(text, "dmy")
    except ValueError:
        raise ValueError(_("“%(text)s” is not a date.") % {"text": text[:40]}) from None


def _iso(parser: Callable[[str], Any], text: str) -> Any:
    try:
        return parser(text)
    except ValueError:
        return None


def _json_date(value: Any) -> dt.date | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    parsed: dt.date | None = _iso(parse_iso_date, value) if isinstance(value, str) else None
    if parsed is None:
        raise ValueError(_("This must be a date such as 2026-03-31."))
    return parsed


def _json_datetime(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    parsed = value if isinstance(value, dt.datetime) else None
    if isinstance(value, str):
        parsed = _iso(parse_iso_datetime, value)
    if parsed is None:
        raise ValueError(_("This must be a time such as 2026-03-31T10:30:00Z."))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


def _parse_datetime(text: str, locale: str) -> dt.datetime | None:
    return _json_datetime(text.strip()) if text.strip() else None


def _plain_time(value: Any) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not dt.UTC:
        value = value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return dates.utc_text(value)


def _parse_link(text: str, locale: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValueError(_("Choose one of the list."))
    return _json_integer(int(text))


def _json_link(value: Any) -> int | None:
    return None if value is None else _json_integer(value)


def _json_links(value: Any) -> list[int]:
    if not isinstance(value, list | tuple):
        raise ValueError(_("This must be a list of ids."))
    return sorted({number for number in map(_json_integer, value) if number is not None})


def _parse_links(text: str, locale: str) -> list[int]:
    numbers = [_parse_link(part, locale) for part in text.split(",")]
    return sorted({number for number in numbers if number is not None})


def _json_lines(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError(_("This must be a list of objects."))
    return value


def _no_lines(text: str, locale: str) -> Any:
    raise ValueError(_("This cannot be read from a text."))


def _iso_or_none(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def _yes_no(value: Any, locale: str) -> str:
    return _("Yes") if value else _("No")


Text = Kind("text", TEXT_OPERATORS, _parse_text, _json_text)
LongText = Kind("longtext", TEXT_OPERATORS, lambda text, locale: text.replace("\r\n", "\n"), _json_text)
Email = Kind("email", TEXT_OPERATORS, _parse_text, _json_text)
Phone = Kind("phone", TEXT_OPERATORS, _parse_text, _json_text)
Url = Kind("url", TEXT_OPERATORS, _parse_text, _json_text)
Choice = Kind("choice", CHOICE_OPERATORS, _parse_text, _json_text, to_json=str, groups=True)
Country = Kind("country", CHOICE_OPERATORS, _parse_text, _json_text, groups=True)
Currency = Kind("currency", CHOICE_OPERATORS, _parse_text, _json_text, groups=True)
Colour = Kind("colour", CHOICE_OPERATORS, _parse_text, _json_text)
Boolean = Kind("boolean", ("is_true", "is_false"), _parse_boolean, _json_boolean, text=_yes_no, groups=True)
Integer = Kind(
    "integer",
    NUMBER_OPERATORS,
    _parse_integer,
    _json_integer,
    numeric=True,
    text=numbers.format_number,
    aggregates=("sum", "avg", "min", "max"),
)
Number = replace(
    Integer, name="number", parse=_parse_decimal, from_json=_json_decimal, to_json=_plain_decimal
)
Percent = replace(Number, name="percent", text=numbers.format_percent, aggregates=("avg", "min", "max"))
Money = replace(Number, name="money")
Date = Kind(
    "date",
    DATE_OPERATORS,
    _parse_date,
    _json_date,
    _iso_or_none,
    text=dates.format_date,
    aggregates=("min", "max"),
    groups=True,
)
DateTime = replace(
    Date,
    name="datetime",
    parse=_parse_datetime,
    from_json=_json_datetime,
    to_json=_plain_time,
    text=dates.format_datetime,
)
Link = Kind("link", LINK_OPERATORS, _parse_link, _json_link, groups=True)
Links = Kind("links", CHOICE_OPERATORS, _parse_links, _json_links)
LineItems = Kind("lines", (), _no_lines, _json_lines)

ALL = {
    kind.name: kind
    for kind in (
        Text,
        LongText,
        Email,
        Phone,
        Url,
        Choice,
        Country,
        Currency,
        Colour,
        Boolean,
        Integer,
        Number,
        Percent,
        Money,
        Date,
        DateTime,
        Link,
        Links,
        LineItems,
    )
}

_BY_FIELD: tuple[tuple[type[models.Field[Any, Any]], Kind], ...] = (
    (fields.MoneyField, Money),
    (fields.PercentField, Percent),
    (fields.PhoneField, Phone),
    (fields.CountryField, Country),
    (fields.CurrencyField, Currency),
    (fields.ColourField, Colour),
    (models.ManyToManyField, Links),
    (models.ForeignKey, Link),
    (models.BooleanField, Boolean),
    (models.EmailField, Email),
    (models.URLField, Url),
    (models.DateTimeField, DateTime),
    (models.DateField, Date),
    (models.DecimalField, Number),
    (models.IntegerField, Integer),
    (models.TextField, LongText),
    (models.CharField, Text),
)


def kind_of(field: models.Field[Any, Any]) -> Kind | None:
    """The kind of a model field, or None where the engine has nothing to say about it."""
    known = next((kind for cls, kind in _BY_FIELD if isinstance(field, cls)), None)
    return Choice if known is Text and field.choices else known
