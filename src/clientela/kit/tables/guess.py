"""What a column holds, guessed from a sample of its texts; and the texts that stand for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

from clientela.kit.countries import country_code_of
from clientela.kit.dates import date_order_of
from clientela.kit.identifiers import InvalidIdentifier, normalise_email
from clientela.kit.money import InvalidAmount, parse_money
from clientela.kit.text import fold

Kind = Literal["email", "phone", "date", "datetime", "money", "number", "boolean", "url", "country", "text"]

_MOST = 0.9
_NOTHING = frozenset((
    "", "null", "(null)", "none", "(none)", "nil", "n/a", "n.a.", "n/d", "n.d.", "#n/a", "#n/d", "#null!",
    "nan", "\\n", "-", "--", "---", "–", "—", "(vacio)", "(en blanco)", "(buit)", "(empty)", "(blank)",
    "undefined", "<null>",
))  # fmt: skip
_YES = frozenset(
    ("true", "t", "yes", "y", "si", "s", "sí", "verdadero", "cierto", "veritable", "cert", "1", "x", "on")
)
_NO = frozenset(("false", "f", "no", "n", "falso", "fals", "0", "off"))
_SURE_YES_NO = (_YES | _NO) - {"1", "0", "x", "t", "f", "s", "n", "y"}
_URL = re.compile(
    r"(https?://|www\.)\S+\.\S+|[\w-]+(\.[\w-]+)*\.(com|es|cat|org|net|eu|co|mx|cl|ar|pe|io)(/\S*)?"
)
_PHONE = re.compile(r"(\+|00)?[\d (][\d .()/-]{6,22}( ?(ext|x)\.? ?\d{1,6})?", re.IGNORECASE)
_SPANISH_PHONE = re.compile(r"[679]\d{8}|[89]\d{8}")
_NUMBER = re.compile(
    r"[-(]?(\d+([.,]\d+)*[.,]?|\d{1,3}([ '\u00a0\u202f]\d{3})+([.,]\d+)?|[.,]\d+)(e[+-]?\d+)?[)%-]?",
    re.IGNORECASE,
)
_DATE_SHAPE = re.compile(r"\d{1,4}([-/. ]|\s?de\s|\s?d')|[a-z]{3,}\.? \d{1,2},|[a-z]{3,10}, ", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_CURRENCY = re.compile(r"[€$£¥₡₲]|\b[A-Z]{3}\b|euros?$", re.IGNORECASE)


def is_empty_marker(text: str) -> bool:
    """Whether the text stands for nothing: "", null, N/A, -, #N/D, (vacío)..."""
    return len(text) <= 20 and fold(text) in _NOTHING


def parse_boolean(text: str) -> bool | None:
    """Yes or no in es, ca or en, also 1 and 0; None when it is neither."""
    word = fold(text)
    return True if word in _YES else False if word in _NO else None


def guess_kind(samples: Iterable[str]) -> Kind:
    """The kind nine in ten of the filled samples fit; "text" when none."""
    texts = [text.strip() for text in samples if not is_empty_marker(text)]
    if not texts:
        return "text"
    for kind, fits in _TESTS:
        if sum(fits(text) for text in texts) >= len(texts) * _MOST:
            return kind
    return _dates_or_more(texts)


def _dates_or_more(texts: list[str]) -> Kind:
    if _share(texts, _looks_a_date) and date_order_of(texts).order is not None and _mostly_dates(texts):
        clocks = sum(bool(_CLOCK.search(text)) for text in texts)
        return "datetime" if clocks * 2 > len(texts) else "date"
    if set(texts) == {"0", "1"} or _share(texts, lambda text: fold(text) in _SURE_YES_NO):
        return "boolean"
    if _share(texts, lambda text: bool(_SPANISH_PHONE.fullmatch(text.replace(" ", "")))):
        return "phone"
    if _share(texts, lambda text: bool(_NUMBER.fullmatch(text))):
        return "number"
    if _share(texts, _is_money):
        return "money"
    if _share(texts, _is_phone):
        return "phone"
    return "country" if _share(texts, lambda text: country_code_of(text) is not None) else "text"


def _share(texts: list[str], fits: Callable[[str], bool]) -> bool:
    return sum(fits(text) for text in texts) >= len(texts) * _MOST


def _mostly_dates(texts: list[str]) -> bool:
    order = date_order_of(texts).order
    return (
        sum(date_order_of([text], order or "dmy").order is not None for text in texts) >= len(texts) * _MOST
    )


def _looks_a_date(text: str) -> bool:
    return bool(_DATE_SHAPE.match(text))


def _is_email(text: str) -> bool:
    try:
        return bool(normalise_email(text))
    except InvalidIdentifier:
        return False


def _is_money(text: str) -> bool:
    if not _CURRENCY.search(text) or len(text) > 40:
        return bool(_NUMBER.fullmatch(text))
    try:
        parse_money(text, "es")
    except InvalidAmount:
        return False
    return True


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and 7 <= sum(letter.isdigit() for letter in text) <= 17


_TESTS: tuple[tuple[Kind, Callable[[str], bool]], ...] = (
    ("email", _is_email),
    ("url", lambda text: bool(_URL.fullmatch(text.lower()))),
)
