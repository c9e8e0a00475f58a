"""What public names must say of themselves, and what the lower rooms must not name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from clientela.records import registry
from tests.arch import source

# Names still without a docstring. It may only shrink: a name that gets one leaves the list.
OWED: frozenset[str] = frozenset()
LOWER_ROOMS = ("kit", "ui", "access", "records", "platform")
# Words of English and of the libraries that are also the name of a kind of record.
PLAIN_WORDS = {
    "currency": "a field beside every amount",
    "source": "through what a change came",
    "sources": "the same, several",
    "tag": "how a link is drawn",
    "tags": "groups of addresses in OpenAPI",
}
OTHER_SENSES = re.compile(r"time zone|company account", re.IGNORECASE)
EXAMPLE = re.compile(r"e\.g\. |`[a-z_]+`|account__")

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def undocumented() -> Iterator[str]:
    """Public functions and classes of the package's modules without a docstring."""
    for path in source.python_files(source.PACKAGE):
        for node in tree_of(path).body:
            if not isinstance(node, Documented) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None:
                yield f"{path.relative_to(source.PACKAGE).as_posix()} {node.name}"


def literals(path: Path) -> Iterator[ast.Constant]:
    """The texts of a module, without those that stand alone: docstrings and the like."""
    tree = tree_of(path)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def kinds_of_the_domain() -> set[str]:
    """Keys and plurals of the kinds of record that live above the platform."""
    specs = [spec for spec in registry.every() if spec.model.__module__.startswith("clientela.domain.")]
    names = {name for spec in specs for name in (spec.key, spec.plural)}
    return names | {name.replace("-", "_") for name in names}


def named() -> Iterator[str]:
    """Texts of the lower rooms that are the name of a kind of record, or hold it as a word."""
    kinds = kinds_of_the_domain() - set(PLAIN_WORDS)
    for room in LOWER_ROOMS:
        for path in source.python_files(source.PACKAGE / room):
            for node in literals(path):
                text = OTHER_SENSES.sub("", str(node.value))
                if kinds & set(re.split(r"[\s,;]+", text)) and not EXAMPLE.search(text):
                    yield f"{source.relative(path)}:{node.lineno} {node.value!r}"


def test_public_names_say_what_they_are():
    found = set(undocumented())

    assert sorted(found - OWED) == []
    assert sorted(OWED - found) == []


def test_the_lower_rooms_name_no_kind_of_record():
    assert list(named()) == []
