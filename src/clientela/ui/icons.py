"""Icons: lucide's drawings, one sprite of those in use, single drawings for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from lucide import IconDoesNotExist
from lucide.jinja import lucide

PACKAGE = Path(__file__).resolve().parent
BUILT = PACKAGE / "static" / "built"
SPRITE = BUILT / "i.svg"

_RELATIVE_START = re.compile(r"m([-+]?\d*\.?\d+[ ,]*[-+]?\d*\.?\d+)")
_NUMBER_STARTS = frozenset("0123456789+-.")
_NAMED = re.compile(r"""(?:\b|_)icon["']?\s*[(=:]\s*["']([a-z][a-z0-9-]*)["']""")
_OTHERWISE = re.compile(r"""(?:\b|_)icon\([^()]*\belse\s+["']([a-z][a-z0-9-]*)["']""")
_FIRST = re.compile(
    r"""\bui\.(?:icon_button|callout|empty_state|timeline_item)\(\s*["']([a-z][a-z0-9-]*)["']"""
)
_SECOND = re.compile(
    r"""\b(?:ui\.)?(?:button|menu_item)\((?:_\([^()]*\)|[^,()]+),\s*["']([a-z][a-z0-9-]*)["']"""
)


def names_in(text: str) -> set[str]:
    """Icon names a template or module mentions: `icon("x")`, `icon="x"`, or by place in a macro of `ui`."""
    return {name for pattern in (_NAMED, _OTHERWISE, _FIRST, _SECOND) for name in pattern.findall(text)}


def names_in_use(root: Path) -> set[str]:
    """Icon names mentioned anywhere under a source folder, in templates and in Python."""
    return {name for path in _sources(root) for name in names_in(path.read_text(encoding="utf-8"))}


def _sources(root: Path) -> Iterator[Path]:
    yield from root.rglob("*.html")
    yield from root.rglob("*.py")


def _drawing(name: str) -> ElementTree.Element:
    return ElementTree.fromstring(lucide(name, size=None))  # noqa: S314 - our own dependency's file


def exists(name: str) -> bool:
    """Whether lucide draws an icon of that name."""
    try:
        _drawing(name)
    except IconDoesNotExist:
        return False
    return True


@lru_cache(maxsize=512)
def shapes(name: str) -> str:
    """The inside of one icon's drawing, without the svg element. Raises IconDoesNotExist."""
    return "".join(ElementTree.tostring(node, encoding="unicode").strip() for node in _drawing(name))


def sprite(names: Iterable[str]) -> str:
    """One SVG document holding a symbol for each name, sorted, names unknown to lucide left out."""
    document = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg")
    for name in sorted(filter(exists, set(names))):
        symbol = ElementTree.SubElement(document, "symbol", id=name, viewBox="0 0 24 24")
        strokes = [node.get("d", "") for node in _drawing(name) if node.tag == "path"]
        if strokes:
            ElementTree.SubElement(symbol, "path", d="".join(map(_from_origin, strokes)))
        for node in _drawing(name):
            if node.tag != "path":
                ElementTree.SubElement(symbol, node.tag, node.attrib)
    return ElementTree.tostring(document, encoding="unicode").replace(" />", "/>")


def _from_origin(path: str) -> str:
    """A path that means the same after another one: its first move absolute, what follows still relative."""
    moved = _RELATIVE_START.match(path)
    if moved is None:
        return path
    rest = path[moved.end() :].lstrip(" ,")
    return f"M{moved[1]}{'l' if rest[:1] in _NUMBER_STARTS else ''}{rest}"


@lru_cache(maxsize=1)
def names_in_sprite() -> frozenset[str]:
    """Names the built sprite holds; empty where it has not been built, and icons are drawn in place."""
    if not SPRITE.exists():
        return frozenset()
    return frozenset(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))
