"""Builds what a browser is sent: one small stylesheet, small modules, one sprite.

Run with `python -m clientela.ui.bundle` at install. The output lands in `static/built/` and is not
committed; without it pages use the sources (stylesheets and modules as written, icons drawn in place).
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import rjsmin

from clientela.ui import icons

STATIC = icons.PACKAGE / "static" / "ui"
BUILT = icons.BUILT
ENTRIES = ("clientela.css", "extra.css")

_IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'("[^"]*")')
_TIGHT = re.compile(r"\s*([{};,>])\s*")


def stylesheet(entry: Path) -> str:
    """The stylesheets the entry names, joined in its order and layers, minified."""
    text = _COMMENT.sub("", _read(entry))
    imports = list(_IMPORT.finditer(text))
    joined = [
        f"@layer {layer} {{{''.join(_read(entry.parent / found[1]) for found in files)}}}"
        for layer, files in groupby(imports, key=lambda found: found[2])
    ]
    head, tail = text[: imports[0].start()], text[imports[-1].end() :]
    return minify_css(head + "".join(joined) + tail)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def minify_css(text: str) -> str:
    """The same rules without comments and spare white space; quoted strings stay as they are."""
    parts = _STRING.split(_COMMENT.sub("", text))
    parts[::2] = [_squeeze_css(part) for part in parts[::2]]
    return "".join(parts).strip()


def _squeeze_css(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = _TIGHT.sub(r"\1", text)
    return re.sub(r":\s+", ":", text).replace(";}", "}")


def build(target: Path = BUILT) -> list[Path]:
    """Write the stylesheet, the modules and the sprite under a folder; returns the files."""
    outputs = {"i.svg": icons.sprite(icons.names_in_use(icons.PACKAGE.parent))}
    for name in ENTRIES:
        outputs[name] = stylesheet(STATIC / "css" / name)
    for module in sorted((STATIC / "js").glob("*.js")):
        outputs[f"js/{module.name}"] = rjsmin.jsmin(_read(module))
    return [_write(target / name, text) for name, text in outputs.items()]


def _write(path: Path, text: str) -> Path:
    """Only what changed: the program's own folder may belong to somebody else than who runs it."""
    if not path.is_file() or _read(path) != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    for built in build():
        print(f"{built.stat().st_size:>7} {built.relative_to(icons.PACKAGE)}")
