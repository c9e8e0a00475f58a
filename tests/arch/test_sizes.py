"""Files, functions and descriptions stay small enough to read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.arch import source

FILE_LINES = 400
FUNCTION_LINES = 50
ENGINE_LINES = 4_000
DESCRIPTION_LINES = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


def all_python() -> list[Path]:
    folders = ("src", "tests", "scripts", "bench")
    return [path for folder in folders for path in source.python_files(source.ROOT / folder)]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def length(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def descriptions(path: Path) -> Iterator[ast.ClassDef]:
    """The classes based on `Record[...]`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and any("Record[" in ast.unparse(base) for base in node.bases):
            yield node


def test_no_file_is_longer_than_four_hundred_lines():
    scripts = [path for path in source.PACKAGE.rglob("static/**/*.js") if "built" not in path.parts]
    long = {source.relative(path): lines(path) for path in [*all_python(), *scripts]}
    assert {name: count for name, count in long.items() if count > FILE_LINES} == {}


def test_no_function_is_longer_than_fifty_lines():
    long = [
        f"{source.relative(path)}:{node.lineno} {node.name} ({length(node)})"
        for path in all_python()
        for node in functions(path)
        if length(node) > FUNCTION_LINES
    ]
    assert long == []


def test_the_engine_fits_in_four_thousand_lines():
    files = source.python_files(source.PACKAGE / "records")
    assert files
    assert sum(lines(path) for path in files) <= ENGINE_LINES


def test_a_description_fits_on_a_screen():
    long = [
        f"{source.relative(path)} {node.name} ({length(node)})"
        for path in source.python_files(source.PACKAGE)
        if path.name == "records.py" or path.parent.name == "records"
        for node in descriptions(path)
        if length(node) > DESCRIPTION_LINES
    ]
    assert long == []
