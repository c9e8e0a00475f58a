"""Reading dates: one text with a known order of day, month and year, and the order that fits a whole
column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, Literal, get_args

from clientela.kit.dates.words import words_of
from clientela.kit.text import fold

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)

# POSIX's pivot for two-digit years: 00-68 is 2000-2068, 69-99 is 1969-1999.
_PIVOT = 69
_LONGEST = 60
_FIGURES = re.compile(r"(\d{1,4})([-/. ])\s?(\d{1,2})\2\s?(\d{4}|\d{1,2})(?!\d)", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)", re.ASCII)
_DAY_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]+(?:de |d')?([a-z]+)\.?,?[-/. ]+(?:de |del )?(\d{4}|\d{2})(?!\d)",
    re.ASCII,
)
_NAME_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)", re.ASCII)
_WEEKDAY = re.compile(r"^[a-z]{2,12}\.?,? (?=\d|[a-z]+\.? \d)", re.ASCII)
_CLOCK = re.compile(
    r"(?:,? |t|$)(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?([ap]\.? ?m\.?)?)?"
    r" ?(z|utc|gmt|[+-]\d{2}:?\d{2})?$",
    re.ASCII,
)


class InvalidDate(ValueError):
    """The text is not a date in the expected order."""


@dataclass(frozen=True, slots=True)
class DateOrder:
    """What a column of dates tells: `order` is the best one, None when its texts are no dates.

    `ambiguous` when the `alternatives` fit as well and would read other days: the user has to confirm.
    """

    order: Order | None
    ambiguous: bool = False
    alternatives: tuple[Order, ...] = ()


def parse_date(text: str, order: Order = "dmy") -> date:
    """The day in the text: ISO, figures in the given order, or with the month's name in es, ca or en.

    An hour after it is checked and dropped, the day kept as written. Raises InvalidDate.
    """
    if len(text) == 10 and text[4] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise InvalidDate(text) from error
    day, rest = _split_day(text, order)
    _clock(rest, text)
    return day


def parse_datetime(text: str, order: Order = "dmy", zone: tzinfo = UTC) -> datetime:
    """The moment in the text as an aware UTC datetime; texts without an offset are in `zone`, days without
    an hour start at midnight. Raises InvalidDate."""
    day, rest = _split_day(text, order)
    clock, offset = _clock(rest, text)
    try:
        return datetime.combine(day, clock, offset or zone).astimezone(UTC)
    except OverflowError as error:
        raise InvalidDate(text) from error


def _split_day(text: str, order: Order) -> tuple[date, str]:
    """The day, and what stands after it, folded."""
    if len(text) > _LONGEST:
        raise InvalidDate(text[:_LONGEST])
    written = fold(text)
    found = _FIGURES.match(written)
    if found and (parts := _in_order(found, order)):
        return _day(*parts, text), written[found.end() :]
    if found := _COMPACT.match(written):
        return _day(int(found[1]), int(found[2]), int(found[3]), text), written[found.end() :]
    return _named_day(written, text)


def _in_order(found: re.Match[str], order: Order) -> tuple[int, int, int] | None:
    first, middle, last = found[1], int(found[3]), found[4]
    if len(first) == 4:
        return (int(first), middle, int(last)) if len(last) <= 2 else None
    if len(first) > 2 or len(last) == 1:
        return None
    if order == "ymd":
        return (_century(first), middle, int(last)) if len(first) == len(last) == 2 else None
    day, month = (int(first), middle) if order == "dmy" else (middle, int(first))
    return _century(last), month, day


def _century(year: str) -> int:
    number = int(year)
    return number if len(year) == 4 else number + (2000 if number < _PIVOT else 1900)


def _named_day(written: str, text: str) -> tuple[date, str]:
    for bare in (written, _WEEKDAY.sub("", written)):
        for pattern, (day, month, year) in ((_DAY_NAMED, (1, 2, 3)), (_NAME_FIRST, (2, 1, 3))):
            found = pattern.match(bare)
            if found and found[month] in _month_numbers():
                number = _month_numbers()[found[month]]
                return _day(_century(found[year]), number, int(found[day]), text), bare[found.end() :]
    raise InvalidDate(text)


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InvalidDate(text) from error


def _clock(rest: str, text: str) -> tuple[time, tzinfo | None]:
    found = _CLOCK.fullmatch(rest)
    if found is None or (found[1] is None and rest):
        raise InvalidDate(text)
    hour, minute, second = (int(found[group] or 0) for group in (1, 2, 3))
    if found[5]:
        if not 1 <= hour <= 12:
            raise InvalidDate(text)
        hour = hour % 12 + (12 if found[5].startswith("p") else 0)
    micro = int((found[4] or "0").ljust(6, "0")[:6])
    try:
        return time(hour, minute, second, micro), _offset(found[6])
    except ValueError as error:
        raise InvalidDate(text) from error


def _offset(written: str | None) -> tzinfo | None:
    if not written or written in {"z", "utc", "gmt"}:
        return UTC if written else None
    length = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(-length if written[0] == "-" else length)


@lru_cache(maxsize=1)
def _month_numbers() -> dict[str, int]:
    """Folded month names and abbreviations in the three languages."""
    numbers: dict[str, int] = {"sept": 9, "gener": 1}
    for language in ("es", "ca", "en"):
        words = words_of(language)
        for names in (words.month_names, words.short_months):
            numbers |= {fold(name): month for month, name in enumerate(names) if name}
    numbers |= {
        name[:3]: month for name, month in tuple(numbers.items()) if name[:3] not in {"jun", "jul", "mar"}
    }
    return numbers


def own_order(locale: str) -> Order:
    """The order in which people of the locale write a date."""
    order = words_of(locale).order
    return "mdy" if order == "mdy" else "ymd" if order == "ymd" else "dmy"


def date_order_of(samples: Iterable[str], preferred: Order = "dmy") -> DateOrder:
    """The order that reads most of the column's texts; the preferred one where several read as many.

    Two-digit years in front (24-01-23) are only considered when neither day nor month first reads as much.
    """
    read = {
        order: _days(texts, order)
        for texts in ([text for text in samples if text.strip()],)
        for order in ORDERS
    }
    counts = {order: sum(day is not None for day in days) for order, days in read.items()}
    most = max(counts.values())
    if most == 0:
        return DateOrder(None)
    best = [order for order in (preferred, *ORDERS) if counts[order] == most]
    if all(read[order] == read["ymd"] for order in best) and "ymd" in best:
        return DateOrder("ymd")
    fitting: list[Order] = [order for order in dict.fromkeys(best) if order != "ymd"] or ["ymd"]
    others = tuple(order for order in fitting[1:] if read[order] != read[fitting[0]])
    return DateOrder(fitting[0], bool(others), others)


def _days(texts: list[str], order: Order) -> list[date | None]:
    return [_day_or_none(text, order) for text in texts]


def _day_or_none(text: str, order: Order) -> date | None:
    try:
        return parse_date(text.strip(), order)
    except InvalidDate:
        return None
