"""Numbers as people write them: formatting by locale, reading with a known decimal mark, finding the mark
of a column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Literal

from clientela.kit.locales import NO_BREAK_SPACE, decimal_mark, group_mark, locale_of

DecimalMark = Literal[",", "."]
# Wide enough for any amount a database column holds; the default context would refuse past 28 digits.
WIDE = Context(prec=80)

_LONGEST = 64
_LARGEST_EXPONENT = 30
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009\u2007'’_")
_MINUS = str.maketrans("−–﹣－", "----")
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = {
    ",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", re.ASCII),
    ".": re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?", re.ASCII),
}
_NUMERIC = re.compile(r"[+-]?[\d.,]*\d[\d.,]*", re.ASCII)


class InvalidNumber(ValueError):
    """The text is not a number in the expected notation."""


def round_half_up(value: Decimal, places: int) -> Decimal:
    """The value with this many decimals, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)


def mark_thousands(locale: str) -> Callable[[str], str]:
    """A function that turns Python's "1,234.50" into the locale's notation."""
    table = str.maketrans({",": group_mark(locale), ".": decimal_mark(locale)})
    if (group_mark(locale), decimal_mark(locale)) == (",", "."):
        return str
    return lambda text: text.translate(table)


_marker_of = lru_cache(maxsize=256)(mark_thousands)


def format_number(value: int | float | Decimal, locale: str, decimals: int | None = None) -> str:
    """The number with the locale's marks, thousands always grouped. Without `decimals`, as many as the
    value has."""
    if decimals is not None:
        value = round_half_up(_decimal(value), decimals)
        value = value if value else abs(value)
    elif isinstance(value, float):
        value = _decimal(value)
    return _marker_of(locale)(f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}")


def _decimal(value: int | float | Decimal) -> Decimal:
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def format_percent(points: int | float | Decimal, locale: str, decimals: int | None = None) -> str:
    """Percentage points (70 for 70 %) with the locale's sign: "70 %" in Spanish and Catalan, "70%" in
    English."""
    return format_number(points, locale, decimals) + _percent_sign(locale)


@lru_cache(maxsize=256)
def _percent_sign(locale: str) -> str:
    pattern = locale_of(locale).percent_formats[None].pattern
    return "%" if pattern.endswith("0%") else NO_BREAK_SPACE + "%"


def parse_decimal(text: str, mark: DecimalMark) -> Decimal:
    """The number written with this decimal mark; the other mark and spaces may group thousands, and only by
    three.

    Also reads "1.234-", "(1.234)" and "1,5E+03". Raises InvalidNumber for anything else.
    """
    written = text.translate(_SPACES).translate(_MINUS)
    if len(written) > _LONGEST:
        raise InvalidNumber(text[:_LONGEST])
    written = _leading_sign(written)
    if _GROUPED[mark].fullmatch(written):
        written = written.replace("." if mark == "," else ",", "")
    plain = written.replace(",", ".") if mark == "," and "." not in written else written
    found = _PLAIN_NUMBER.fullmatch(plain)
    if (
        found is None
        or (mark == "," and "." in written)
        or abs(int((found[3] or "e0")[1:])) > _LARGEST_EXPONENT
    ):
        raise InvalidNumber(text)
    return Decimal(plain)


def _leading_sign(written: str) -> str:
    if written.startswith("(") and written.endswith(")"):
        return "-" + written[1:-1]
    return "-" + written[:-1] if written.endswith("-") else written


def decimal_mark_of(samples: Iterable[str]) -> DecimalMark | None:
    """The decimal mark of a column of numbers; None when nothing tells ("1.234" alone) or the evidence is
    even."""
    votes = Counter(vote for sample in samples if (vote := _vote(sample)))
    if not votes or votes[","] == votes["."]:
        return None
    return "," if votes[","] > votes["."] else "."


def _vote(sample: str) -> DecimalMark | None:
    written = sample.translate(_SPACES).translate(_MINUS).strip("()%€$£-")
    if not _NUMERIC.fullmatch(written):
        return None
    commas, points = written.count(","), written.count(".")
    if commas and points:
        return "," if written.rfind(",") > written.rfind(".") else "."
    if commas + points == 0:
        return None
    mark: DecimalMark = "," if commas else "."
    if commas + points > 1:
        return "." if mark == "," else ","
    whole, _, rest = written.lstrip("+").partition(mark)
    could_group = len(rest) == 3 and 1 <= len(whole) <= 3 and whole != "0"
    return None if could_group else mark
