"""Amounts: always a Decimal and an ISO 4217 currency, never a float. Rounding is half up, away from zero."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from babel.core import get_global
from babel.numbers import (
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
    get_territory_currencies,
)

from clientela.kit.locales import NO_BREAK_SPACE, decimal_mark, locale_of
from clientela.kit.numbers import (
    WIDE,
    DecimalMark,
    InvalidNumber,
    decimal_mark_of,
    mark_thousands,
    parse_decimal,
    round_half_up,
)

Decimals = Literal["full", "auto", "none"]

_SYMBOLS = {
    "€": "EUR", "£": "GBP", "US$": "USD", "U$S": "USD", "MX$": "MXN", "COL$": "COP", "R$": "BRL",
    "S/": "PEN", "S/.": "PEN", "¥": "JPY", "₡": "CRC", "₲": "PYG", "Bs": "BOB", "Bs.": "BOB",
    "RD$": "DOP", "CA$": "CAD", "Q": "GTQ", "L": "HNL", "C$": "NIO", "euro": "EUR", "euros": "EUR",
}  # fmt: skip
_AMOUNT = re.compile(
    r"^(?P<before>-?[^\d+.,\-]*)(?P<number>[-+]?[\d.,'’\s]*\d[\d.,'’\s]*-?)(?P<after>[^\d]*)$"
)
_MAGNITUDES = {"k": 3, "K": 3, "M": 6, "mm": 6, "MM": 6}
_MAGNITUDE = re.compile(r"^(k|K|mm|MM|M)(?![A-Za-z])")


_LONGEST = 80


class InvalidAmount(InvalidNumber):
    """The text is not an amount of money."""


@lru_cache(maxsize=1)
def currency_codes() -> tuple[str, ...]:
    """The ISO codes of the currencies in use today somewhere, in alphabetical order."""
    territories = get_global("territory_currencies")
    return tuple(sorted({code for territory in territories for code in get_territory_currencies(territory)}))


@lru_cache(maxsize=2048)
def currency_name(code: str, locale: str) -> str:
    """The currency's name in the language: "euro", "peso colombiano"; the code itself when unknown."""
    return get_currency_name(code, locale=locale_of(locale))


@lru_cache(maxsize=512)
def minor_units(currency: str) -> int:
    """How many decimals the currency has (CLDR): EUR 2, CLP 0, TND 3."""
    return get_currency_precision(currency)


@lru_cache(maxsize=512)
def _smallest(currency: str) -> Decimal:
    return Decimal(1).scaleb(-minor_units(currency))


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """The amount to the currency's minor unit, ROUND_HALF_UP (halves away from zero)."""
    return amount.quantize(_smallest(currency), ROUND_HALF_UP, WIDE)


def format_money(amount: Decimal, currency: str, locale: str, decimals: Decimals = "full") -> str:
    """The amount as DESIGN.md shows it: "1.234,50 €", "$ 1.234,50" in Latin America, "€1,234.50" in English.

    decimals: "full" always shows the minor units (forms, invoices), "auto" leaves out zero ones (lists:
    "9.900 €"), "none" rounds to whole units (totals of a board).
    """
    return _formatter(locale, currency, decimals)(amount)


@lru_cache(maxsize=1024)
def _formatter(locale: str, currency: str, decimals: Decimals) -> Callable[[Decimal], str]:
    """Everything that depends on locale and currency alone, worked out once: a list formats thousands of
    amounts."""
    before, after = _affixes(locale, currency)
    marked = mark_thousands(locale)
    smallest = Decimal(1) if decimals == "none" else _smallest(currency)
    zeros = f"{Decimal(0).quantize(smallest)}"[1:] if decimals == "auto" else ""

    def formatted(amount: Decimal) -> str:
        rounded = amount.quantize(smallest, ROUND_HALF_UP, WIDE)
        sign = "-" if rounded < 0 else ""
        digits = f"{abs(rounded):,f}"
        if zeros and digits.endswith(zeros):
            digits = digits[: -len(zeros)]
        return f"{sign}{before}{marked(digits)}{after}"

    return formatted


def _affixes(locale: str, currency: str) -> tuple[str, str]:
    """What stands before and after the digits, its no-break space included."""
    symbol = get_currency_symbol(currency, locale=locale_of(locale))
    if not _symbol_first(locale):
        return "", NO_BREAK_SPACE + symbol
    spaced = locale_of(locale).language != "en" or symbol[-1].isalpha()
    return symbol + (NO_BREAK_SPACE if spaced else ""), ""


@lru_cache(maxsize=256)
def _symbol_first(locale: str) -> bool:
    pattern: str = locale_of(locale).currency_formats["standard"].pattern
    return pattern.lstrip().startswith("¤")


def format_money_short(amount: Decimal, currency: str, locale: str) -> str:
    """The amount in little room (charts, column heads): "9.900 €", "1.129 k€", "12 M€", "COP 188 M"."""
    size = abs(amount)
    power, unit = (6, "M") if size >= 10_000_000 else (3, "k") if size >= 10_000 else (0, "")
    if not unit:
        return format_money(amount, currency, locale, "none")
    digits = mark_thousands(locale)(f"{round_half_up(amount.scaleb(-power, WIDE), 0):,f}")
    symbol = get_currency_symbol(currency, locale=locale_of(locale))
    if symbol[-1].isalpha() or (_symbol_first(locale) and locale_of(locale).language != "en"):
        return f"{symbol}{NO_BREAK_SPACE}{digits}{NO_BREAK_SPACE}{unit}"
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    return (
        f"{sign}{symbol}{digits}{unit}"
        if _symbol_first(locale)
        else f"{sign}{digits}{NO_BREAK_SPACE}{unit}{symbol}"
    )


def parse_money(text: str, locale: str) -> tuple[Decimal, str | None]:
    """The amount and the currency named in the text, None when it names none: "1.234,50 €", "USD 300",
    "12k", "(50)".

    A lone mark that can only be a decimal one ("1.5" typed in Spanish) is read so; "1.234" is read by the
    locale. "$" is the locale's own currency if that is a peso or dollar, else none. Raises InvalidAmount.
    """
    written = text.strip().replace("−", "-")
    if written.startswith("(") and written.endswith(")"):  # an accountant's negative
        written = "-" + written[1:-1].strip()
    found = _AMOUNT.match(written)
    if found is None or len(written) > _LONGEST:
        raise InvalidAmount(text)
    power, after = _magnitude(found["after"].strip())
    before = found["before"].strip()
    currency = _currency_named(before.lstrip("-").strip(), after, locale, text)
    number = ("-" if before.startswith("-") else "") + found["number"].strip()
    mark: DecimalMark = decimal_mark_of([number]) or ("," if decimal_mark(locale) == "," else ".")
    try:
        return parse_decimal(number, mark) * 10**power, currency
    except InvalidNumber as error:
        raise InvalidAmount(text) from error


def _magnitude(after: str) -> tuple[int, str]:
    found = _MAGNITUDE.match(after)
    return (_MAGNITUDES[found[1]], after[found.end() :].strip()) if found else (0, after)


def _currency_named(before: str, after: str, locale: str, text: str) -> str | None:
    words = [word for word in (before, after) if word]
    if len(words) == 2 and words[0] == "$":  # "$ 300 USD": the code says which dollar
        words = words[1:]
    if not words:
        return None
    if len(words) > 1:
        raise InvalidAmount(text)
    word = words[0]
    if word == "$":
        return _own_dollar(locale)
    code = _SYMBOLS.get(word) or _SYMBOLS.get(word.lower()) or word.upper()
    if code not in currency_codes():
        raise InvalidAmount(text)
    return code


@lru_cache(maxsize=256)
def _own_dollar(locale: str) -> str | None:
    territory = locale_of(locale).territory
    codes = get_territory_currencies(territory) if territory else []
    return next((code for code in codes if get_currency_symbol(code, locale=locale_of(locale)) == "$"), None)
