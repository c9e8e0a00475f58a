"""Ranges named from today, as filters, reports and the forecast store them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Range = tuple[date, date]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEPS = {"this": 0, "last": -1, "next": 1}
_FARTHEST = 36_500


def relative_range(name: str, today: date, first_weekday: int = 0) -> Range:
    """The first and the last day of a named range, both inclusive.

    name: one of RELATIVE_RANGES, the counted ones followed by ":" and their number ("last_n_days:30": that
    many days back and today; "next_n_days:7": today and that many days on). "overdue" runs from the first
    date there is to yesterday. first_weekday: 0 for Monday to 6 for Sunday. Raises ValueError for anything
    else.
    """
    key, _, count = name.partition(":")
    if key in _COUNTED:
        return _counted(key, count, today)
    if count or key not in RELATIVE_RANGES:
        raise ValueError(f"unknown range: {name}")
    if key in _NEAR:
        return _NEAR[key](today)
    step, _, unit = key.partition("_")
    if unit == "week":
        start = today - timedelta(days=(today.weekday() - first_weekday) % 7) + timedelta(weeks=_STEPS[step])
        return start, start + timedelta(days=6)
    return _months(today, _STEPS[step], _MONTHS[unit])


def _counted(key: str, count: str, today: date) -> Range:
    if not (count.isascii() and count.isdigit() and len(count) <= 5 and int(count) <= _FARTHEST):
        raise ValueError(f"{key} needs a number of days up to {_FARTHEST}")
    days = timedelta(days=int(count))
    return (today - days, today) if key == "last_n_days" else (today, today + days)


def _months(today: date, step: int, length: int) -> Range:
    """The period of `length` months, `step` periods from the one today is in."""
    first = today.year * 12 + (today.month - 1) // length * length + step * length
    return _first_of(first), _first_of(first + length) - timedelta(days=1)


def _first_of(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _one(offset: int) -> Callable[[date], Range]:
    return lambda today: (today + timedelta(days=offset), today + timedelta(days=offset))


_NEAR: dict[str, Callable[[date], Range]] = {
    "today": _one(0),
    "yesterday": _one(-1),
    "tomorrow": _one(1),
    "overdue": lambda today: (date.min, today - timedelta(days=1)),
}
_COUNTED = ("last_n_days", "next_n_days")
RELATIVE_RANGES: tuple[str, ...] = (
    *_NEAR,
    *(f"{step}_{unit}" for unit in ("week", *_MONTHS) for step in _STEPS),
    *_COUNTED,
)
