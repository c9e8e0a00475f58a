"""What a browser is sent stays small, and means what the sources say."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from clientela.ui import bundle

STYLESHEET_LIMIT = 20_000  # DESIGN.md: compressed
FIRST_VISIT_LIMIT = 150_000  # leaves 50 kB of the 200 for the page itself
FIRST_VISIT_COMPRESSED_LIMIT = 50_000
MODULES = sorted((bundle.STATIC / "js").glob("*.js"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built")
    bundle.build(target)
    return target


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def htmx() -> bytes:
    found = finders.find("django_htmx/htmx-2.min.js")
    assert found is not None
    return Path(found).read_bytes()


def test_the_stylesheets_are_under_their_budget_together(built: Path) -> None:
    sheets = b"".join((built / name).read_bytes() for name in bundle.ENTRIES)
    assert compressed(sheets) <= STYLESHEET_LIMIT


def imported(folder: Path, name: str) -> set[str]:
    """A module with all it imports before it runs (what it asks for later is not counted)."""
    text = (folder / name).read_text(encoding="utf-8")
    return {name}.union(
        *(imported(folder, other) for other in re.findall(r"(?:from|import) ?'\./([^']+)'", text))
    )


def test_the_first_visit_of_a_list_stays_under_its_budget(built: Path) -> None:
    modules = imported(built / "js", "app.js") | imported(built / "js", "columns.js")
    parts = [htmx(), (built / "clientela.css").read_bytes(), (built / "i.svg").read_bytes()]
    parts += [(built / "js" / name).read_bytes() for name in modules]
    assert sum(map(len, parts)) <= FIRST_VISIT_LIMIT
    assert sum(map(compressed, parts)) <= FIRST_VISIT_COMPRESSED_LIMIT


def test_every_stylesheet_is_named_by_an_entry() -> None:
    css = bundle.STATIC / "css"
    named = {
        found[1]
        for entry in bundle.ENTRIES
        for found in re.finditer(r'url\("([^"]+)"\)', (css / entry).read_text(encoding="utf-8"))
    }
    written = {path.relative_to(css).as_posix() for path in css.rglob("*.css")}
    assert written - set(bundle.ENTRIES) == named


def test_a_stylesheet_keeps_strings_and_calculations(tmp_path: Path) -> None:
    (tmp_path / "one.css").write_text(
        'a  >  b { content: "a ;  b"; /* note */ width: calc(1px + 2px) ; c :is(d, e) { top: 0 } }',
        encoding="utf-8",
    )
    entry = tmp_path / "entry.css"
    entry.write_text('@layer base;\n@import url("one.css") layer(base);\n', encoding="utf-8")
    assert bundle.stylesheet(entry) == (
        '@layer base;@layer base{a>b{content:"a ;  b";width:calc(1px + 2px);c :is(d,e){top:0}}}'
    )


def test_layers_keep_the_order_of_the_entry(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.css").write_text(f".{name} {{ color: red; }}", encoding="utf-8")
    entry = tmp_path / "entry.css"
    entry.write_text(
        '@layer base, late;\n@import url("one.css") layer(base);\n@import url("two.css") layer(base);\n'
        '@import url("three.css") layer(late);\n.last { color: blue; }',
        encoding="utf-8",
    )
    assert bundle.stylesheet(entry) == (
        "@layer base,late;@layer base{.one{color:red}.two{color:red}}@layer late{.three{color:red}}"
        ".last{color:blue}"
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_keeps_its_words_and_strings(module: Path, built: Path) -> None:
    source = re.sub(r"(?m)^\s*//.*$|/\*.*?\*/|\s//\s.*$", "", module.read_text(encoding="utf-8"))
    sent = (built / "js" / module.name).read_text(encoding="utf-8")
    assert re.findall(r"[\w$]+", sent) == re.findall(r"[\w$]+", source)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_import_only_one_another(module: Path) -> None:
    wanted = re.findall(r"""(?:from|import\(?)\s*['"]([^'"]+)['"]""", module.read_text(encoding="utf-8"))
    assert {name for name in wanted if not (module.parent / name).exists()} == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    """The name of a file that is served holds a hash of what it imports, so a circle has no end."""
    asks = {
        path.name: set(re.findall(r"""(?:from|import\(?)\s*'\./([^']+)'""", path.read_text(encoding="utf-8")))
        for path in MODULES
    }
    while free := {name for name, others in asks.items() if not others & asks.keys()}:
        asks = {name: others for name, others in asks.items() if name not in free}
    assert asks == {}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_write_no_html_and_run_no_text(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert re.findall(r"outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", text) == []
