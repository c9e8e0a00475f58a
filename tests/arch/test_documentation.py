"""The reference names everything that can be set."""

from __future__ import annotations

import re

from clientela.config import environment
from tests.arch import source

SETTINGS_PAGE = source.ROOT / "docs" / "reference" / "settings.md"
# Folders and tools of the tests have variables of their own, described in CONTRIBUTING.md.
FOR_TESTS = "CLIENTELA_TEST_"


def documented() -> dict[str, str]:
    """Each variable of the page's table with the default it gives."""
    rows = re.findall(
        r"^\| `(CLIENTELA_\w+)` \| (.*?) \|", SETTINGS_PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: default.strip("` ") for name, default in rows}


def test_every_setting_is_documented_with_its_default():
    page = documented()
    assert sorted(page) == sorted(environment.VARIABLES)
    wrong = [name for name, default in environment.VARIABLES.items() if default and page[name] != default]
    assert wrong == []


def test_no_setting_is_read_without_being_in_the_table():
    used = {
        name
        for path in source.python_files(source.PACKAGE)
        for name in re.findall(r"\bCLIENTELA_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert sorted(used - set(environment.VARIABLES)) == []


def test_every_variable_of_the_tests_is_described():
    guide = (source.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    used = {
        name
        for folder in ("tests", "scripts")
        for path in sorted((source.ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".sh"}
        for name in re.findall(rf"\b{FOR_TESTS}[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert sorted(name for name in used if name not in guide) == []
