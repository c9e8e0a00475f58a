"""docs/security.md answers every requirement of ASVS 5.0, levels 1 and 2, and names only what exists."""

from __future__ import annotations

import re

from tests.arch import source

PAGE = source.ROOT / "docs" / "security.md"
# The numbers of the requirements by section, from the standard's own table.
NUMBERS = source.ROOT / "tests" / "arch" / "asvs.txt"
STATES = {"met", "not applicable", "open"}
ROW = re.compile(r"^\| (V[\d.]+) \| ([12]) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
FILE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+|pyproject\.toml)`")


def rows() -> list[tuple[str, str, str]]:
    """Number, state and words of each row."""
    text = PAGE.read_text(encoding="utf-8")
    return [(number, state.strip(), words) for number, _level, state, words in ROW.findall(text)]


def required() -> list[str]:
    sections = (line.split(": ") for line in NUMBERS.read_text(encoding="utf-8").splitlines())
    return [f"{section}.{number}" for section, numbers in sections for number in numbers.split()]


def is_test(file: str) -> bool:
    return file.startswith("tests/")


def test_every_requirement_is_answered_once():
    assert len(required()) == 253
    assert [number for number, _state, _words in rows()] == required()


def test_every_answer_is_one_of_three_and_has_words():
    assert {state for _number, state, _words in rows()} <= STATES
    assert [number for number, _state, words in rows() if not words.strip()] == []


def test_what_is_met_names_files_that_exist():
    named = {number: FILE.findall(words) for number, state, words in rows() if state == "met"}
    assert [number for number, files in named.items() if not files] == []
    assert [number for number, files in named.items() if not any(map(is_test, files))] == []
    files = {file for _number, _state, words in rows() for file in FILE.findall(words)}
    assert sorted(file for file in files if not (source.ROOT / file).is_file()) == []
