"""The one door to babel's locales: tags as Django, browsers and users write them."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError

NO_BREAK_SPACE = "\u00a0"
DEFAULT_LOCALE = "es"


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """The babel locale of a tag such as "es", "es-co" or "ca_ES"; an unknown tag falls back to its
    language, then Spanish."""
    for candidate in (tag, tag.replace("_", "-").split("-")[0]):
        try:
            return Locale.parse(candidate.replace("_", "-"), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(DEFAULT_LOCALE)


def decimal_mark(tag: str) -> str:
    """The locale's decimal mark, "," or "."."""
    return "," if _symbol(tag, "decimal") == "," else "."


def group_mark(tag: str) -> str:
    """The locale's thousands mark; narrow spaces become no-break spaces, which every font has."""
    mark = _symbol(tag, "group")
    return NO_BREAK_SPACE if mark.isspace() else mark


def _symbol(tag: str, name: str) -> str:
    symbols = locale_of(tag).number_symbols
    return str(symbols.get("latn", symbols).get(name, "."))
