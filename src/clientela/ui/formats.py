"""Money, numbers and dates as the reader's language writes them: the filters of every template.

Each gives nothing for no value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone, translation

from clientela.kit import dates, numbers
from clientela.kit import money as amounts

DEFAULT_LANGUAGE = "es"
Number = Decimal | int | float


def language() -> str:
    """Code of the language of this request: es, ca or en."""
    return (translation.get_language() or DEFAULT_LANGUAGE).split("-")[0]


def money(amount: Decimal | None, currency: str, decimals: amounts.Decimals = "full") -> str:
    """An amount with its currency; decimals as in `kit.money.format_money` ("auto" in lists)."""
    return "" if amount is None else amounts.format_money(amount, currency, language(), decimals)


def money_short(amount: Decimal | None, currency: str) -> str:
    """An amount in little room, as "1.129 k€"."""
    return "" if amount is None else amounts.format_money_short(amount, currency, language())


def number(value: Number | None, decimals: int | None = None) -> str:
    """A number with the marks of the language."""
    return "" if value is None else numbers.format_number(value, language(), decimals)


def percent(points: Number | None, decimals: int | None = None) -> str:
    """Percentage points (70 for 70 %)."""
    return "" if points is None else numbers.format_percent(points, language(), decimals)


def day(value: date | None) -> str:
    """A date in figures."""
    return "" if value is None else dates.format_date(value, language())


def relative_day(value: date | None) -> str:
    """A date as seen from today: "yesterday", "31 Mar", then in figures."""
    return "" if value is None else dates.format_short_date(value, timezone.localdate(), language())


def day_heading(value: date | None) -> str:
    """A date as the heading of what happened that day."""
    return "" if value is None else dates.format_day_heading(value, timezone.localdate(), language())


def month(value: date | None) -> str:
    """The month and year of a date."""
    return "" if value is None else dates.format_month(value, language())


def moment(value: datetime | None) -> str:
    """A moment in the reader's time zone."""
    return "" if value is None else dates.format_datetime(timezone.localtime(value), language())


def relative_moment(value: datetime | None) -> str:
    """A moment as seen from now, in the reader's time zone."""
    if value is None:
        return ""
    return dates.format_short_datetime(timezone.localtime(value), timezone.localtime(), language())


def clock(value: datetime | None) -> str:
    """The hour of a moment in the reader's time zone."""
    return "" if value is None else dates.format_time(timezone.localtime(value))


def ago(value: datetime | None) -> str:
    """How long ago a moment was."""
    return "" if value is None else dates.format_ago(value, timezone.now(), language())


def duration(length: timedelta | int | float | None) -> str:
    """A length of time; a number is in the unit of `kit.dates.format_duration`."""
    return "" if length is None else dates.format_duration(length)


FILTERS: dict[str, Callable[..., str]] = {
    "ago": ago,
    "clock": clock,
    "date": day,
    "datetime": moment,
    "day_heading": day_heading,
    "duration": duration,
    "money": money,
    "money_short": money_short,
    "month": month,
    "number": number,
    "percent": percent,
    "relative_datetime": relative_moment,
    "relative_day": relative_day,
}
