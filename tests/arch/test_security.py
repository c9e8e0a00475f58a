"""docs/security.md answers every requirement of ASVS 5.0, levels 1 and 2, and names only what exists."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from tests.arch import source

DECISIONS = source.ROOT / "docs" / "reference" / "security-decisions.md"
PAGE = source.ROOT / "docs" / "security.md"
# The numbers of the requirements by section, from the standard's own table.
NUMBERS = source.ROOT / "tests" / "arch" / "asvs.txt"
STATES = {"met", "not applicable", "open"}
ROW = re.compile(r"^\| (V[\d.]+) \| ([12]) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
FILE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+|pyproject\.toml)(?:::\w+)?`")
TEST = re.compile(r"`(tests/[\w./-]+\.py)::(test_\w+)`")
# What the standard wants in writing, by the headings under which it stands.
WRITTEN = (
    "Ways in and guessing",
    "Words that no password is built on",
    "Sessions",
    "Input",
    "Limits",
    "Work that takes long",
    "Files",
    "Cryptography",
    "Connections",
    "TLS",
    "Kinds of data",
    "Logs",
    "Code of others",
)


def rows() -> list[tuple[str, str, str]]:
    """Number, state and words of each row."""
    text = PAGE.read_text(encoding="utf-8")
    return [(number, state.strip(), words) for number, _level, state, words in ROW.findall(text)]


def required() -> list[str]:
    sections = (line.split(": ") for line in NUMBERS.read_text(encoding="utf-8").splitlines())
    return [f"{section}.{number}" for section, numbers in sections for number in numbers.split()]


@lru_cache
def functions(file: str) -> frozenset[str]:
    """The test functions of a file."""
    path = source.ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_is_answered_once():
    assert len(required()) == 253
    assert [number for number, _state, _words in rows()] == required()


def test_every_answer_is_one_of_three_and_has_words():
    assert {state for _number, state, _words in rows()} <= STATES
    assert [number for number, _state, words in rows() if not words.strip()] == []


def test_files_that_are_named_exist():
    files = {file for _number, _state, words in rows() for file in FILE.findall(words)}
    assert sorted(file for file in files if not (source.ROOT / file).is_file()) == []


def test_what_is_met_names_code_and_tests_that_exist():
    met = {number: words for number, state, words in rows() if state == "met"}
    assert [number for number, words in met.items() if not TEST.search(words)] == []
    places = {number: FILE.findall(words) for number, words in met.items()}
    assert [
        number for number, files in places.items() if all(file.startswith("tests/") for file in files)
    ] == []
    named = sorted({pair for words in met.values() for pair in TEST.findall(words)})
    assert [f"{file}::{test}" for file, test in named if test not in functions(file)] == []


def test_what_is_open_or_does_not_apply_claims_no_test():
    assert [number for number, state, words in rows() if state != "met" and TEST.search(words)] == []


def test_decisions_are_written_down():
    """Each heading with something under it; every setting that a decision names exists."""
    parts = re.split(r"^## (.+)$", DECISIONS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    written = dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
    assert tuple(written) == WRITTEN
    assert [heading for heading, text in written.items() if len(text) < 200] == []
    settings = (source.ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(CLIENTELA_\w+)", "".join(written.values())))
    assert sorted(name for name in named if f"`{name}`" not in settings) == []
