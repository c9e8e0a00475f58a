"""How a filter stands in an address: short, since a page of a list names its own address some thirty times.

Conditions that all must hold are written as rows, `[["stage","in",[3]],["name","contains","obra"]]`; every
other tree is written as `records.conditions` has it. Both are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

PLAIN = ":,"
"""May stand in a query as they are (RFC 3986, section 3.4)."""
LEAF = ("field", "op", "value")


def query(parameters: Mapping[str, Any]) -> str:
    """The query string of these parameters."""
    return urlencode(parameters, safe=PLAIN)


def written(condition: Mapping[str, Any]) -> str:
    """A filter as an address has it."""
    rows = _rows(condition)
    return json.dumps(condition if rows is None else rows, ensure_ascii=False, separators=(",", ":"))


def _rows(condition: Mapping[str, Any]) -> list[list[Any]] | None:
    """The parts of the condition as rows; None where they are more than parts that all must hold."""
    parts = condition.get("all")
    if len(condition) != 1 or not parts or not isinstance(parts, list | tuple):
        return None
    rows = [_row(part) for part in parts]
    return None if [] in rows else rows


def _row(part: Any) -> list[Any]:
    names = LEAF[: len(part)] if isinstance(part, Mapping) else ()
    whole = len(names) > 1 and set(part) == set(names)
    return [part[name] for name in names] if whole else []


def condition(text: str) -> Mapping[str, Any] | None:
    """The filter that an address has; None for what is none."""
    try:
        tree = json.loads(text or "{}")
        json.dumps(tree, ensure_ascii=False).encode()  # half a character, as \\ud83d, is no text
    except (ValueError, RecursionError):
        return None
    if tree and isinstance(tree, list):
        tree = {"all": [_part(row) for row in tree]}
    return tree if isinstance(tree, dict) else None


def _part(row: Any) -> Any:
    """What is no row of a field, an operator and a value stays as it is, for the engine to refuse."""
    fits = isinstance(row, list) and 2 <= len(row) <= len(LEAF)
    return dict(zip(LEAF, row, strict=False)) if fits else row
