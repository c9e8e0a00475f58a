"""Countries by ISO 3166 code: their names in a language, and the code behind what people write."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from clientela.kit.locales import locale_of
from clientela.kit.text import fold

# CLDR lists these two-letter regions too, but they are no countries.
_NOT_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)
_NAME_LANGUAGES = ("es", "ca", "en", "fr", "pt", "de", "it")
_ALSO = {
    "eeuu": "US", "ee uu": "US", "us of a": "US", "united states of america": "US",
    "estados unidos de america": "US", "uk": "GB", "inglaterra": "GB", "england": "GB", "anglaterra": "GB",
    "gran bretana": "GB", "great britain": "GB", "escocia": "GB", "scotland": "GB", "gales": "GB",
    "wales": "GB", "irlanda del norte": "GB", "holanda": "NL", "holland": "NL", "chequia": "CZ",
    "republica checa": "CZ", "czech republic": "CZ", "corea": "KR", "corea del sur": "KR",
    "south korea": "KR", "corea del norte": "KP", "rusia": "RU", "russia": "RU", "mejico": "MX",
    "republica mexicana": "MX", "brasil": "BR", "republica dominicana": "DO", "turquia": "TR",
    "turkey": "TR", "emiratos arabes": "AE", "bielorrusia": "BY", "costa de marfil": "CI", "espana": "ES",
    "reino de espana": "ES", "hong kong": "HK", "macao": "MO", "macau": "MO", "macedonia": "MK",
    "birmania": "MM", "cote d'ivoire": "CI", "cabo verde": "CV", "palestina": "PS", "kosovo": "XK",
    "taiwan": "TW", "suazilandia": "SZ",
}  # fmt: skip


@lru_cache(maxsize=64)
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Every country as (code, name), by name in the locale's order without accents."""
    named = _territories(locale_of(locale)).items()
    return tuple(sorted(named, key=lambda entry: fold(entry[1])))


def country_name(code: str, locale: str) -> str:
    """The country's name in the language; the code itself when unknown."""
    return _territories(locale_of(locale)).get(code.upper(), code)


@lru_cache(maxsize=64)
def _territories(locale: Locale) -> dict[str, str]:
    return {
        code: name
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }


def country_code_of(text: str) -> str | None:
    """The ISO code of a country named in any of seven languages, or by its two or three-letter code; else
    None."""
    return _codes().get(_plain(text))


def _plain(text: str) -> str:
    return " ".join(fold(text).replace(".", "").replace(",", " ").split())


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Folded names and codes. Later languages never overrule earlier ones, nor names the codes."""
    codes: dict[str, str] = {}
    aliases = get_global("territory_aliases")
    known = _territories(locale_of("en"))
    codes |= {code.lower(): code for code in known}
    codes |= {
        alias.lower(): codes_meant[0]
        for alias, codes_meant in aliases.items()
        if len(alias) == 3 and alias.isalpha() and len(codes_meant) == 1 and codes_meant[0] in known
    }
    for language in _NAME_LANGUAGES:
        for code, name in _territories(locale_of(language)).items():
            codes.setdefault(_plain(name), code)
    return _ALSO | codes
