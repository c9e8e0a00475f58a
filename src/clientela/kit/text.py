"""Text made comparable: folding, initials, company names without their legal form, trigram likeness,
excerpts."""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from typing import Final, Literal, NamedTuple, get_args

Colour = Literal["gray", "red", "orange", "amber", "green", "teal", "blue", "violet", "pink", "brown"]
COLOURS: Final[tuple[Colour, ...]] = get_args(Colour)

# Letters that Unicode does not decompose into a plain letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i",
                        "æ": "ae", "œ": "oe", "þ": "th", "·": None, "’": "'", "‘": "'"})  # fmt: skip
_DROPPED: Final = frozenset({"Mn", "Mc", "Me", "Cf"})
_WORD: Final = re.compile(r"[^\W_]+")
_PARTICLES: Final = frozenset((
    "a", "al", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "els",
    "en", "i", "la", "las", "les", "lo", "los", "of", "the", "und", "van", "von", "y", "and", "et",
))  # fmt: skip


class _FoldedLetters(dict[int, str]):
    """What each letter folds to, worked out when first met: str.translate then runs at the speed of C."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_letter(chr(code))
        return folded


def _fold_letter(letter: str) -> str:
    """The letter without its marks; compatibility letters (℡, ﬃ, Ⅷ) unfold in more than one step."""
    before = ""
    while letter != before:
        before = letter
        spread = unicodedata.normalize("NFKD", letter.casefold()).casefold()
        letter = "".join(part for part in spread if unicodedata.category(part) not in _DROPPED).translate(
            _PLAIN
        )
    return letter


_FOLDED = _FoldedLetters()


def fold(text: str) -> str:
    """Text for comparing: lower case, without accents or invisible characters, single spaces.

    ñ becomes n, l·l becomes ll. Deterministic and idempotent, so that it may serve as an indexed SQL
    function.
    """
    folded = text.lower() if text.isascii() else text.translate(_FOLDED)
    return " ".join(folded.split())


# What turns the direction of the text that follows, or breaks the line: a name with it shows as another one.
# Marks that only say the direction of their neighbours (U+200E, U+200F, U+061C) are in honest names.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def is_plain_name(name: str) -> bool:
    """Whether a name shows as it is written: no control characters, nothing that turns the text round
    (CVE-2021-42574), and no half characters."""
    return not any(
        letter in _TURNING or unicodedata.category(letter) in ("Cc", "Cs") for letter in name if letter != " "
    )


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Two capital letters for an avatar, from the first two words that carry meaning; "?" when there are no
    letters."""
    words: list[str] = _WORD.findall(fold(name))
    telling = [word for word in words if word not in _PARTICLES] or words
    if not telling:
        return "?"
    letters = telling[0][:2] if len(telling) == 1 else telling[0][0] + telling[1][0]
    return letters.upper()


@lru_cache(maxsize=4096)
def colour_of(key: str) -> Colour:
    """A colour that stays the same for the same key (a name, an id) in every process and version."""
    return COLOURS[zlib.crc32(fold(key).encode("utf-8", "replace")) % len(COLOURS)]


# Letters of each legal form; dots, spaces and commas between them are optional. Longest first.
_LEGAL_FORMS: Final = (
    "s de rl de cv", "sapi de cv", "sab de cv", "sa de cv", "s de rl mi", "s de rl", "sc de rl de cv",
    "sc de rl", "sociedad limitada unipersonal", "sociedad anonima unipersonal",
    "sociedad limitada laboral", "sociedad limitada profesional", "sociedad limitada",
    "sociedad anonima", "societat limitada", "societat anonima", "sociedad cooperativa",
    "societat cooperativa", "comunidad de bienes", "comunitat de bens", "gmbh co kg", "gmbh",
    "sociedade limitada", "sociedad civil", "unipessoal lda", "coop v", "s coop and", "s coop mad",
    "s coop", "sccl", "scoop", "slne", "slp", "sll", "slu", "sal", "sau", "sat", "sad", "sl", "sa",
    "scp", "sc", "cb", "aie", "ute", "srl", "sarl", "sasu", "sas", "eirl", "eurl", "spa", "snc",
    "sicav", "saic", "sacif", "saci", "sapi", "ca", "ltda", "lda", "limitada", "incorporated", "inc",
    "corporation", "corp", "company", "co", "llc", "llp", "lp", "limited", "ltd", "plc", "pty", "ag",
    "kg", "ohg", "ug", "se", "bv", "nv", "oy", "ab", "aps", "as", "sp z o o", "sro", "eireli", "me",
    "epp",
)  # fmt: skip
_ABBREVIATION_LENGTH: Final = 5


def _loose(form: str) -> str:
    words = form.split(" ")
    return " ?".join(" ?".join(word) if len(word) <= _ABBREVIATION_LENGTH else word for word in words)


_LEGAL_ENDING = re.compile(
    r"(?<=\w) (?:" + "|".join(_loose(form) for form in _LEGAL_FORMS) + r")(?: en liquidacion)?$"
)


@lru_cache(maxsize=4096)
def bare_company_name(name: str) -> str:
    """A company's name folded, without punctuation nor legal form: "Áridos Jalón, S.L.U." becomes "aridos
    jalon".

    A name that consists of nothing else ("S.A.") stays as it is, folded.
    """
    bare = " ".join(_WORD.findall(fold(name).replace("'", "")))
    while shorter := _LEGAL_ENDING.sub("", bare):
        if shorter == bare:
            break
        bare = shorter
    return bare


@lru_cache(maxsize=4096)
def trigrams(text: str) -> frozenset[str]:
    """The trigrams of each word of the folded text, padded as PostgreSQL's pg_trgm does: two spaces before,
    one after."""
    return frozenset(
        padded[start : start + 3]
        for word in _WORD.findall(fold(text))
        for padded in (f"  {word} ",)
        for start in range(len(padded) - 2)
    )


def similarity(one: str, other: str) -> float:
    """Shared trigrams over all trigrams, 0 to 1, as pg_trgm's similarity()."""
    first, second = trigrams(one), trigrams(other)
    if not first or not second:
        return 0.0
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared)


class Snippet(NamedTuple):
    """An excerpt in three parts, so that a template can mark the middle one."""

    before: str
    match: str
    after: str

    def __str__(self) -> str:
        return self.before + self.match + self.after


def snippet(text: str, query: str, width: int = 160) -> Snippet:
    """About `width` characters of the text around the query's first match, whatever its accents; ellipses
    where cut.

    Without a match, the beginning of the text, with an empty match.
    """
    flat = " ".join(text.split())
    start, end = _find_folded(flat, query)
    left = max(0, min(start - width // 3, len(flat) - width))
    left = flat.find(" ", left, start) + 1 or left if left else 0
    right = max(end, min(len(flat), left + width))
    before = ("…" if left else "") + flat[left:start]
    return Snippet(before, flat[start:end], flat[end:right] + ("…" if right < len(flat) else ""))


def _find_folded(text: str, query: str) -> tuple[int, int]:
    """Where the query stands in the text: offsets in the text as written; (0, 0) when it does not."""
    wanted = fold(query)
    folded, origins = "", []
    for position, letter in enumerate(text):
        plain = " " if letter == " " else fold(letter)
        folded += plain
        origins += [position] * len(plain)
    found = folded.find(wanted) if wanted else -1
    return (0, 0) if found < 0 else (origins[found], origins[found + len(wanted) - 1] + 1)
