"""What the code never does (docs/security.md names each of these)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.arch import source

CODE = source.ROOT / "src" / "clientela"
SCRIPTS = sorted((CODE / "ui" / "static" / "ui" / "js").rglob("*.js"))
TEMPLATES = sorted(CODE.rglob("jinja2/**/*.html"))
RUNS_CODE = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "yaml", "dill", "telnetlib", "ftplib"}
ASKS_THE_NETWORK = {"requests", "urllib.request", "http.client", "socket", "httpx", "smtplib"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(CODE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(CODE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call with what it calls: "eval", "subprocess.run"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def test_nothing_written_by_people_is_run():
    assert [(file, name) for file, tree in trees() for name, _call in calls(tree) if name in RUNS_CODE] == []


def test_nothing_is_read_that_could_make_objects():
    assert [
        (file, imported(tree) & UNSAFE_MODULES) for file, tree in trees() if imported(tree) & UNSAFE_MODULES
    ] == []


def test_processes_are_started_by_the_command_line_only_and_without_a_shell():
    starting = {file for file, tree in trees() if "subprocess" in imported(tree)}
    # ... and the company's virus scanner, with the path of a file that is named by us.
    scanning = {"platform/attachments/scanning.py"}
    assert {file for file in starting if not file.startswith("config/cli/")} == scanning
    shells = [
        (file, name)
        for file, tree in trees()
        for name, call in calls(tree)
        if name in ("os.system", "os.popen") or any(each.arg == "shell" for each in call.keywords)
    ]
    assert shells == []


def test_patterns_are_written_in_the_code():
    """A pattern made from a value would let it command the matching, or take for ever."""
    made = [
        (file, ast.unparse(call))
        for file, tree in trees()
        for name, call in calls(tree)
        if re.fullmatch(r"re\.(compile|search|match|fullmatch|sub|split|findall|finditer)", name)
        and not is_fixed(call.args[0])
    ]
    assert [file for file, _pattern in made] == ["kit/text.py"]  # its own list of legal forms


def is_fixed(pattern: ast.expr) -> bool:
    """Literal text, constants by name, and joins of the two."""
    if isinstance(pattern, ast.JoinedStr):
        return all(is_fixed(part) for part in pattern.values)
    if isinstance(pattern, ast.FormattedValue):
        return is_fixed(pattern.value)
    if isinstance(pattern, ast.BinOp):
        return is_fixed(pattern.left) and is_fixed(pattern.right)
    return isinstance(pattern, ast.Constant | ast.Name)


def test_texts_say_in_which_characters_they_are():
    """An answer that is text names its characters, or a browser would guess them."""
    told = [
        (file, word.value.value)
        for file, tree in trees()
        for _name, call in calls(tree)
        for word in call.keywords
        if word.arg == "content_type" and isinstance(word.value, ast.Constant)
    ]
    texts = [each for each in told if str(each[1]).startswith("text/")]
    assert len(texts) > 5
    assert [each for each in texts if not str(each[1]).endswith("; charset=utf-8")] == []


def test_texts_with_places_are_written_in_the_code():
    made = [
        (file, ast.unparse(call))
        for file, tree in trees()
        for name, call in calls(tree)
        if name.endswith((".format", ".format_map"))
        and isinstance(call.func, ast.Attribute)
        and not isinstance(call.func.value, ast.Constant | ast.Name)
    ]
    assert {file for file, _call in made} <= {"kit/dates/formatting.py", "kit/tables/table.py"}  # own tables


def test_the_network_is_asked_in_few_places():
    """Mail by Django, company accounts by allauth's session, and the demo that waits for its own server."""
    asking = {file for file, tree in trees() if imported(tree) & ASKS_THE_NETWORK}
    assert asking == {"config/cli/demo.py", "platform/signing/provider.py", "platform/signing/tasks.py"}


def test_weak_hashes_and_chance_protect_nothing():
    """SHA-1 is the spelling of the list of leaked passwords; `random` makes the demo's invented company."""
    weak = [
        (file, name) for file, tree in trees() for name, _call in calls(tree) if re.search(r"md5|sha1$", name)
    ]
    assert weak == [("platform/signing/passwords.py", "hashlib.sha1")]
    assert {file for file, tree in trees() if "random" in imported(tree)} <= {"config/demo/loading.py"}


def test_xml_is_read_from_our_own_dependency_only():
    reading = {
        file for file, tree in trees() if any(name.startswith(("xml.", "lxml")) for name in imported(tree))
    }
    assert reading == {"ui/icons.py"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_make_no_code_and_keep_nothing(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML\s*=", text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.", text)
    assert not re.search(r"postMessage|onmessage|__proto__|\.constructor\b", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_compare_and_write_strictly(path: Path):
    """No comparison that changes types; what comes from elsewhere names no place to write to.

    passkey.js copies the parts of a key by names that it lists itself; list.js writes by number.
    """
    text = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`]*`|//[^\n]*", "''", path.read_text(encoding="utf-8"))
    assert re.findall(r"[^=!<>]==[^=]|!=[^=]", text) == []
    assert re.findall(r"Object\.(setPrototypeOf|defineProperty)|structuredClone|\bmerge\(", text) == []
    written = re.findall(r"[\w\)]\[([^\]'\n]+)\]\s*=[^=>]", text)
    assert written == {"passkey.js": ["name"], "list.js": ["at"]}.get(path.name, [])


def test_scripts_write_html_only_from_our_own_templates():
    writing = {
        path.name for path in SCRIPTS if re.search(r"innerHTML\s*=[^=]", path.read_text(encoding="utf-8"))
    }
    assert writing <= {"history.js", "lines.js"}


def test_templates_escape_everything_but_our_drawings():
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES}
    unescaped = {name for name, text in texts.items() if re.search(r"\|\s*safe\b|autoescape\s+false", text)}
    assert unescaped == {"icon.html", "_figures.html"}
    marking = [(file, name) for file, tree in trees() for name, _call in calls(tree)]
    assert [each for each in marking if each[1] in ("mark_safe", "format_html")] == []
