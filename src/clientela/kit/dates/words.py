"""The words and shapes of dates in each locale, worked out once from CLDR and a small table of our own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from clientela.kit.locales import locale_of


@dataclass(frozen=True, slots=True)
class DateWords:
    """What formatting needs of a locale. Months count from 1 (index 0 is empty), weekdays from Monday = 0."""

    today: str
    yesterday: str
    tomorrow: str
    now: str
    ago: str  # "hace {}"
    months: tuple[str, ...]  # as they stand after a day: "de marzo", "d’abril", "March"
    month_names: tuple[str, ...]  # standing alone: "marzo"
    short_months: tuple[str, ...]  # "mar"
    weekdays: tuple[str, ...]
    short_weekdays: tuple[str, ...]
    numeric: str  # "{d:02d}/{m:02d}/{y:04d}"
    order: str  # "dmy", "mdy" or "ymd"
    year_joint: str  # between month and year: " de "
    month_first: bool


_RELATIVE = {
    "es": ("hoy", "ayer", "mañana", "ahora", "hace {}", " de "),
    "ca": ("avui", "ahir", "demà", "ara", "fa {}", " de "),
    "en": ("today", "yesterday", "tomorrow", "now", "{} ago", " "),
}


@lru_cache(maxsize=256)
def words_of(tag: str) -> DateWords:
    """The date words of a locale tag. English without a region writes day before month, as the rest of the
    product."""
    locale = locale_of(tag)
    today, yesterday, tomorrow, now, ago, joint = _RELATIVE.get(locale.language, _RELATIVE["en"])
    order = _order(locale)
    month_first = order == "mdy" and locale.language == "en"
    wide = locale.months["format"]["wide"]
    return DateWords(
        today,
        yesterday,
        tomorrow,
        now,
        ago,
        ("", *(_after_day(wide[month], locale.language) for month in range(1, 13))),
        ("", *(locale.months["stand-alone"]["wide"][month] for month in range(1, 13))),
        ("", *(_short_month(locale, month) for month in range(1, 13))),
        tuple(locale.days["format"]["wide"][day] for day in range(7)),
        tuple(locale.days["stand-alone"]["abbreviated"][day].rstrip(".") for day in range(7)),
        _numeric(order, locale),
        order,
        ", " if month_first else joint,
        month_first,
    )


def _after_day(month: str, language: str) -> str:
    return f"de {month}" if language == "es" else month


def _short_month(locale: Locale, month: int) -> str:
    """CLDR's abbreviation without its full stop; Spanish "sep" as in the mock-ups, not "sept"."""
    short = str(locale.months["stand-alone"]["abbreviated"][month].rstrip("."))
    return "sep" if short == "sept" and locale.language == "es" else short


def _order(locale: Locale) -> str:
    if locale.language == "en" and locale.territory is None:
        return "dmy"
    pattern = locale.date_formats["short"].pattern.lower()
    return "".join(sorted("dmy", key=pattern.find))


def _numeric(order: str, locale: Locale) -> str:
    parts = {"d": "{d:02d}", "m": "{m:02d}", "y": "{y:04d}"}
    mark = "-" if order == "ymd" else "." if "." in locale.date_formats["short"].pattern else "/"
    return mark.join(parts[letter] for letter in order)
