"""`make audit` names the locked versions that an advisory names, and no others."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("advisories", ROOT / "scripts" / "advisories.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def advisory(name: str, **affected: Any) -> dict[str, Any]:
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": f"X-{name}", "summary": "Bad", "affected": [{"package": package, **affected}]}


def ranges(*events: dict[str, str]) -> list[dict[str, Any]]:
    return [{"type": "ECOSYSTEM", "events": list(events)}]


@pytest.mark.parametrize(
    ("version", "inside"),
    [
        ("0.9", False),
        ("1.0", True),
        ("1.9.9", True),
        ("2.0", False),
        ("3.1", True),
        ("3.2", True),
        ("3.10", False),
    ],
)
def test_ranges_are_read_as_versions_and_not_as_texts(version: str, inside: bool, script) -> None:
    told = ranges({"introduced": "1.0"}, {"fixed": "2.0"}, {"introduced": "3.0"}, {"last_affected": "3.2"})
    assert script.holds({"ranges": told}, version) is inside


def test_a_weak_version_is_named_and_ends_with_one(script, tmp_path: Path, capsys) -> None:
    # given
    lock = tmp_path / "base.txt"
    lock.write_text("some-thing==1.2 \\\n    --hash=sha256:00\nother==4.0 ; python_version > '3'\n")
    told = [
        advisory("Some_Thing", ranges=ranges({"introduced": "0"}, {"fixed": "1.3"})),
        advisory("other", versions=["3.9"]),
        advisory("absent", versions=["1.0"]),
        advisory("other", versions=["4.0"]) | {"withdrawn": "2026-01-01T00:00:00Z"},
    ]
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number, each in enumerate(told):
            archive.writestr(f"{number}.json", json.dumps(each))
    # then
    assert script.main([str(tmp_path / "all.zip"), str(lock)]) == 1
    assert capsys.readouterr().out == "some-thing 1.2: X-Some_Thing Bad\n"


def test_our_own_lock_is_read_whole(script, tmp_path: Path, capsys) -> None:
    lock = ROOT / "requirements" / "base.txt"
    names = script.locked([lock])
    assert {"django", "granian", "django-allauth"} <= set(names)
    assert sum("==" in line[:60] for line in lock.read_text().splitlines() if line[:1].isalnum()) == sum(
        len(each) for each in names.values()
    )
    assert script.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(f"{len(names)} libraries")
