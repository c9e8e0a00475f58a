"""Lines of a file beside those that a record has: what is told again stays the same line."""

from __future__ import annotations

from typing import Any

Line = dict[str, Any]


def known_lines(before: list[Line], given: list[Line], main: str) -> list[Line]:
    """The given lines, each in the place of the one there is that it tells of: by its id, else by all that it
    says, else by its kind."""
    known: dict[int, Line] = {}
    fresh = given
    for alike in (_is_named, _says_nothing_new, _has_the_place):
        left = []
        for row in fresh:
            twins = (line for line in before if line["id"] not in known and alike(row, line, main))
            twin = next(twins, None)
            if twin is None:
                left.append(row)
            else:
                known[twin["id"]] = {**twin, **row, "id": twin["id"]}
        fresh = left
    return [known[line["id"]] for line in before if line["id"] in known] + fresh


def _is_named(row: Line, line: Line, _main: str) -> bool:
    return bool(row.get("id") == line["id"])


def _says_nothing_new(row: Line, line: Line, _main: str) -> bool:
    return all(line.get(name) == value for name, value in row.items())


def _has_the_place(row: Line, line: Line, main: str) -> bool:
    place = "kind" if row.get("kind") else main
    return bool(row.get(place)) and row[place] == line.get(place)


def merged_lines(before: list[Line], given: list[Line], by_kind: dict[str, Any], main: str) -> list[Line]:
    """The lines there are, those of a given kind replaced, the rest kept."""
    kept = [line for line in before if line.get("kind") not in by_kind]
    if any(line.get(main) for line in given):
        kept = [line for line in kept if not line.get(main)]
    return [*given, *kept]
