"""Dates and times in words, by DESIGN.md §9. Formatters are built once per locale: no CLDR lookup per
cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from clientela.kit.dates.words import words_of

# Within half a year either way "31 mar" can mean one day only, so the year is left out.
_WITHOUT_YEAR = 182
_WEEKDAY_DAYS = 6


def format_date(day: date, locale: str) -> str:
    """The whole date in figures: "31/03/2026"."""
    return _numeric(locale)(day.year, day.month, day.day)


@lru_cache(maxsize=256)
def _numeric(locale: str) -> Callable[[int, int, int], str]:
    pattern = words_of(locale).numeric
    if pattern == "{d:02d}/{m:02d}/{y:04d}":
        return lambda year, month, day: f"{day:02d}/{month:02d}/{year:04d}"
    return lambda year, month, day: pattern.format(y=year, m=month, d=day)


def format_short_date(day: date, today: date, locale: str) -> str:
    """The date in little room, seen from `today`: "hoy", "ayer", "mañana", "jue 19" in the next six days,
    "31 mar" within half a year either way, else "31/03/2026"."""
    return _short(locale)(day, today)


@lru_cache(maxsize=256)
def _short(locale: str) -> Callable[[date, date], str]:
    words = words_of(locale)
    near = {0: words.today, -1: words.yesterday, 1: words.tomorrow}
    months, weekdays, numeric, month_first = (
        words.short_months,
        words.short_weekdays,
        _numeric(locale),
        words.month_first,
    )

    def short(day: date, today: date) -> str:
        distance = day.toordinal() - today.toordinal()
        if -1 <= distance <= 1:
            return near[distance]
        if 1 < distance <= _WEEKDAY_DAYS:
            return f"{weekdays[day.weekday()]} {day.day}"
        if -_WITHOUT_YEAR <= distance <= _WITHOUT_YEAR:
            month = months[day.month]
            return f"{month} {day.day}" if month_first else f"{day.day} {month}"
        return numeric(day.year, day.month, day.day)

    return short


def format_time(moment: time | datetime) -> str:
    """The hour on a 24-hour clock, "09:32", as in the mock-ups in every language."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def format_datetime(moment: datetime, locale: str, zone: tzinfo | None = None) -> str:
    """Date and hour in figures, "31/03/2026 17:30", moved to the zone first when one is given (moment aware
    then)."""
    local = moment.astimezone(zone) if zone else moment
    return f"{format_date(local, locale)} {format_time(local)}"


def format_short_datetime(moment: datetime, now: datetime, locale: str, zone: tzinfo | None = None) -> str:
    """For a timeline: "09:32" today, "ayer 16:58", "12 mar 10:00" within half a year, else the date alone."""
    local, here = (moment.astimezone(zone), now.astimezone(zone)) if zone else (moment, now)
    distance = local.toordinal() - here.toordinal()
    if distance == 0:
        return format_time(local)
    day = format_short_date(local, here, locale)
    return f"{day} {format_time(local)}" if abs(distance) <= _WITHOUT_YEAR else day


def format_day_heading(day: date, today: date, locale: str) -> str:
    """The heading over a day's entries: "Hoy", "Ayer", "Mañana", "Jueves, 12 de marzo", with its year in
    another year."""
    words = words_of(locale)
    distance = day.toordinal() - today.toordinal()
    if -1 <= distance <= 1:
        return (words.today, words.tomorrow, words.yesterday)[distance].capitalize()
    weekday, month = words.weekdays[day.weekday()].capitalize(), words.months[day.month]
    text = f"{weekday}, {month} {day.day}" if words.month_first else f"{weekday}, {day.day} {month}"
    return text if day.year == today.year else f"{text}{words.year_joint}{day.year}"


def format_month(day: date, locale: str) -> str:
    """The month and year a report's axis or a group needs: "marzo de 2026", "March 2026"."""
    words = words_of(locale)
    joint = " " if words.month_first else words.year_joint
    return f"{words.month_names[day.month]}{joint}{day.year}"


def format_duration(length: timedelta | int | float) -> str:
    """A length of time (a timedelta or seconds) by its two largest units: "1 h 12 min", "3 d 4 h", "45 s".

    The signs are the same in the three languages. Negative lengths carry "-".
    """
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    parts: list[tuple[int, str]] = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, size)
        parts.append((count, unit))
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    shown = [f"{count} {unit}" for count, unit in parts[first : first + 2] if count]
    return sign + (" ".join(shown) or "0 s")


def format_ago(moment: datetime, now: datetime, locale: str) -> str:
    """How long ago, in one unit: "ahora", "hace 5 min", "hace 3 h", "hace 21 d". A moment to come counts as
    now."""
    words = words_of(locale)
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return words.now
    size, unit = next(
        (size, unit) for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")) if seconds >= size
    )
    return words.ago.format(f"{seconds // size} {unit}")


@lru_cache(maxsize=64)  # thousands of records are written in one moment
def utc_text(moment: datetime) -> str:
    """A moment in UTC as JSON has it: 2026-03-31T10:30:00Z."""
    return moment.isoformat()[:-6] + "Z"
