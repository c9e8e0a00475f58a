"""`make audit ADVISORIES=FILE`: do the locked versions have known weaknesses?

FILE is a folder or zip of advisories as JSON in the OSV format (https://ossf.github.io/osv-schema/), such as
the Python Package Index's own list or a company's mirror of it; it is downloaded by whoever runs this, so
that nothing here calls anybody. Prints one line for each weakness that holds; ends with 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
Advisory = dict[str, Any]


def locked(paths: Iterable[Path]) -> dict[str, set[str]]:
    """The versions that requirement files lock, by the normal form of the name (PEP 503)."""
    found: dict[str, set[str]] = {}
    for path in paths:
        for name, version in _LOCKED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def advisories(path: Path) -> Iterator[Advisory]:
    """Every advisory of a folder or a zip that was not taken back."""
    if path.is_dir():
        texts: Iterable[bytes] = (each.read_bytes() for each in sorted(path.rglob("*.json")))
    else:
        archive = zipfile.ZipFile(path)
        texts = (archive.read(name) for name in sorted(archive.namelist()) if name.endswith(".json"))
    for text in texts:
        advisory = json.loads(text)
        if not advisory.get("withdrawn"):
            yield advisory


def weaknesses(versions: dict[str, set[str]], known: Iterable[Advisory]) -> list[str]:
    """One line for each locked version that an advisory names."""
    found = {
        f"{name} {version}: {advisory['id']} {advisory.get('summary', '')}".strip()
        for advisory in known
        for affected in advisory.get("affected", ())
        if affected.get("package", {}).get("ecosystem") == "PyPI"
        for name in [canonicalize_name(affected["package"]["name"])]
        for version in versions.get(name, ())
        if holds(affected, version)
    }
    return sorted(found)


def holds(affected: dict[str, Any], version: str) -> bool:
    """Whether a version is among those listed, or inside a range (OSV schema, "evaluation algorithm")."""
    if version in affected.get("versions", ()):
        return True
    ranges = (each for each in affected.get("ranges", ()) if each.get("type") == "ECOSYSTEM")
    return any(_inside(each["events"], Version(version)) for each in ranges)


def _inside(events: Iterable[dict[str, str]], version: Version) -> bool:
    inside = False
    for event in sorted(events, key=_place):
        what, at = next(iter(event)), _place(event)
        if what == "introduced" and version >= at:
            inside = True
        elif (what == "fixed" and version >= at) or (what == "last_affected" and version > at):
            inside = False
    return inside


def _place(event: dict[str, str]) -> Version:
    try:
        return Version(next(iter(event.values())))
    except InvalidVersion:
        return Version("0")


def main(arguments: list[str] | None = None) -> int:
    """Compare, and say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("advisories", type=Path, help="folder or zip of advisories in the OSV format")
    parser.add_argument("requirements", type=Path, nargs="*", default=[ROOT / "requirements" / "base.txt"])
    given = parser.parse_args(arguments)
    versions = locked(given.requirements)
    found = weaknesses(versions, advisories(given.advisories))
    print("\n".join(found) or f"{len(versions)} libraries, none with a known weakness")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
