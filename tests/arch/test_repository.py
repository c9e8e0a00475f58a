"""What the repository must not hold, and what it must."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command

from scripts import messages
from tests.arch import source

# Written in pieces, or this file would be the first to fail.
FORBIDDEN = {
    "a package registry": re.compile(
        "|".join(
            ("pypi" r"\.org", "python" r"hosted\.", "npm" r"js\.", "un" r"pkg\.com", "jsdeliv" r"r\.net")
        )
    ),
    "a path of one machine": re.compile(
        "|".join((r"(?<![\w.])/wor" r"k/", r"(?<![\w.])/roo" r"t/", r"/home/" r"[a-z]"))
    ),
}


def texts() -> list[tuple[str, str]]:
    found = []
    for path in source.tracked():
        try:
            found.append((source.relative(path), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("what", sorted(FORBIDDEN))
def test_no_tracked_file_names(what):
    guilty = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        for name, text in texts()
        for match in FORBIDDEN[what].finditer(text)
    ]
    assert guilty == []


def test_compiled_and_local_files_are_not_tracked():
    names = [source.relative(path) for path in source.tracked()]
    assert [
        name for name in names if name.endswith((".mo", ".pyc", ".sqlite3")) or "node_modules" in name
    ] == []


def test_requirements_are_locked_by_hash():
    for name in ("base", "dev", "tools"):
        lock = (source.ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        packages = re.findall(r"^[a-z0-9].*==.*$", lock, flags=re.MULTILINE)
        assert packages
        assert [line for line in packages if not line.rstrip().endswith("\\")] == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    output = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1, stdout=output)
    except SystemExit:
        pytest.fail(output.getvalue())
    assert "No changes detected" in output.getvalue()


def test_every_word_is_translated():
    assert list(messages.problems()) == []
