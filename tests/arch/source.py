"""The files of the repository, for the tests that look at them."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "clientela"
NOT_OURS = {".git", ".venv", "data", "node_modules", "__pycache__", "build", "dist", "built"}


def tracked() -> list[Path]:
    """Every file that git keeps; without git, every file that is not made by a tool."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
        return [path for path in paths if path.is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not NOT_OURS & set(path.parts)]


def python_files(folder: Path) -> list[Path]:
    """The Python files below a folder, without migrations, which are generated."""
    return sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def relative(path: Path) -> str:
    """A path as a reader of a failure wants it."""
    return path.relative_to(ROOT).as_posix()
