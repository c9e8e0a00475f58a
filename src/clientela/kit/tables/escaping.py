"""Cells of a CSV file that no spreadsheet program takes for a formula.

A cell that begins with = + - @, a tab or a line break is a formula to spreadsheet programs (OWASP, "CSV
injection"). In CSV such a text gets an apostrophe in front, and so does a text that already has apostrophes
before such a sign; reading takes exactly one away. Plain numbers ("-5,20") and phones ("+34976550182") stay
as they are: they cannot run anything. In XLSX texts are written as texts, so nothing needs escaping.
"""

from __future__ import annotations

import re

_RUNS = "=+\\-@\t\r\n＝＋－＠"
_DANGEROUS = re.compile(f"'*[{_RUNS}]")
_ESCAPED = re.compile(f"'+[{_RUNS}]")
_HARMLESS = re.compile(r"-?\d+(?:[.,]\d+)*|\+\d{6,15}", re.ASCII)


def escaped(text: str) -> str:
    """The text as it may stand in a CSV cell."""
    return f"'{text}" if _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text) else text


def unescaped(text: str) -> str:
    """The text an escaped cell stands for: the inverse of `escaped`."""
    return text[1:] if _ESCAPED.match(text) else text
