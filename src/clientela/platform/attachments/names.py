"""Names of files as they may be kept and shown: no paths, no controls, no tricks with direction."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_LONGEST_ENDING = 12
# Reserved by Windows, where somebody will save the file.
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*/\\', "_"))


def clean_name(name: str) -> str:
    """The last part of a path without control, format and bidirectional characters (Unicode Cc, Cf, Cs, Co,
    Zl, Zp) nor those that no file system takes; at most LONGEST characters, its ending kept."""
    last = re.split(r"[/\\]", name)[-1]
    normal = unicodedata.normalize("NFC", last)
    plain = "".join(each for each in normal if unicodedata.category(each) not in _DROPPED)
    plain = re.sub(r"\s+", " ", plain.translate(_FORBIDDEN)).strip(" .")
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return _cut(plain) or "file"


_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _cut(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return name[:LONGEST].rstrip(" .")
    return stem[: LONGEST - len(ending) - 1].rstrip(" .") + dot + ending


def ending_of(name: str) -> str:
    """The ending of a name in lower case, "" where it has none."""
    _stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot else ""
