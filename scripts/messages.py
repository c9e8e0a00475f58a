"""Message catalogues of every app: `update`, `compile` and `check`.

Each app under src/clientela owns `locale/<language>/LC_MESSAGES/django.po`. `update` extracts the words of
the app's Python and Jinja files into them, `compile` makes of all of them one .mo for each language, `check`
says what is not translated, no longer used or wrongly translated, and fails if there is anything. `update`
and `check` take the names of apps (as `sales`) to leave the others alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parents[1] / "src" / "clientela"
LANGUAGES = ("es", "ca", "en")
# English is what the code says already, so its catalogue may stay empty.
TRANSLATED = ("es", "ca")
METHODS = [("**/jinja2/**.html", "jinja2"), ("**/jinja2/**.txt", "jinja2"), ("**.py", "python")]
OPTIONS = {
    "**/jinja2/**.html": {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.do"},
    "**/jinja2/**.txt": {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.do"},
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def apps(names: Sequence[str] = ()) -> list[Path]:
    """The folders of the apps (those with an apps.py), or of the named ones only."""
    folders = sorted(path.parent for path in SOURCE.rglob("apps.py"))
    return [folder for folder in folders if not names or folder.name in names]


def owner(file: Path, folders: list[Path]) -> Path | None:
    """The innermost app that holds a file."""
    inside = [folder for folder in folders if file.is_relative_to(folder)]
    return max(inside, key=lambda folder: len(folder.parts)) if inside else None


def extract(app: Path) -> Catalog:
    """The words of one app, not those of the apps inside it."""
    template = Catalog(project="Clientela", charset="utf-8", fuzzy=False)
    folders = apps()
    found = extract_from_dir(app, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",))
    for name, line, message, comments, context in found:
        if owner(app / name, folders) != app or "/migrations/" in f"/{name}":
            continue
        location = (app / name).relative_to(SOURCE).as_posix()
        template.add(message, locations=[(location, line)], auto_comments=comments, context=context)
    return template


def catalogue_path(app: Path, language: str) -> Path:
    """Where the catalogue of an app in a language lives."""
    return app / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    """A catalogue, empty when there is no file yet."""
    if not path.exists():
        return Catalog(locale=language, project="Clientela", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(names: Sequence[str] = ()) -> int:
    """Bring the catalogues up to date with the code; keeps what is translated."""
    for app in apps(names):
        template = extract(app)
        if not len(template):
            continue
        for language in LANGUAGES:
            path = catalogue_path(app, language)
            catalogue = read(path, language)
            catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
            catalogue.obsolete.clear()
            _write(path, catalogue)
    return 0


def _write(path: Path, catalogue: Catalog) -> None:
    """Without Babel's own header: its dates and placeholders would change with every run."""
    body = BytesIO()
    write_po(body, catalogue, width=100, sort_output=True, omit_header=True, include_lineno=False)
    header = HEADER.format(language=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + body.getvalue())


def compile_all(_names: Sequence[str] = ()) -> int:
    """Make the .mo of each language that is missing or older than a .po.

    One for all apps: Django keeps a catalogue for each file and asks them in turn for every word.
    """
    for language in LANGUAGES:
        sources = sorted(SOURCE.rglob(f"locale/{language}/LC_MESSAGES/django.po"))
        target = catalogue_path(SOURCE / "config", language).with_suffix(".mo")
        newest = max(source.stat().st_mtime for source in sources)
        if not target.exists() or target.stat().st_mtime < newest:
            _compile(sources, language, target)
    return 0


def _compile(sources: Sequence[Path], language: str, target: Path) -> None:
    """The words of all sources in one file; that of each app alone, from before, goes away."""
    whole = Catalog(locale=language, project="Clientela", charset="utf-8", fuzzy=False)
    for source in sources:
        source.with_suffix(".mo").unlink(missing_ok=True)
        for message in read(source, language):
            if message.id and not message.fuzzy:
                whole.add(message.id, message.string, context=message.context)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_mo(file, whole)


def problems(names: Sequence[str] = ()) -> Iterator[str]:
    """One line for each word that a Spanish or Catalan reader would see in English, or broken."""
    for app in apps(names):
        template = extract(app)
        for language in TRANSLATED:
            yield from _problems_of(app, language, template)
    for language in TRANSLATED:
        yield from clashes(language)


def clashes(language: str) -> Iterator[str]:
    """Words that two apps translate differently: Django keeps one for all, so they need a context."""
    known: dict[tuple[object, object], dict[str, str]] = {}
    for app in apps():
        for message in read(catalogue_path(app, language), language):
            if message.id and _complete(message.string):
                by_app = known.setdefault((message.context, message.id), {})
                by_app[app.relative_to(SOURCE).as_posix()] = str(message.string)
    for (_context, words), by_app in known.items():
        if len(set(by_app.values())) > 1:
            yield f"[{language}]: translated differently: {words!r}: {by_app}"


def _problems_of(app: Path, language: str, template: Catalog) -> Iterator[str]:
    name = f"{app.relative_to(SOURCE).as_posix()} [{language}]"
    catalogue = read(catalogue_path(app, language), language)
    for message in template:
        if not message.id:
            continue
        translated = catalogue.get(message.id, message.context)
        if translated is None or not _complete(translated.string):
            yield f"{name}: not translated: {message.id!r}"
        elif translated.fuzzy:
            yield f"{name}: fuzzy: {message.id!r}"
        else:
            yield from (f"{name}: {error}: {message.id!r}" for error in translated.check(catalogue))
    for message in catalogue:
        if message.id and template.get(message.id, message.context) is None:
            yield f"{name}: no longer used: {message.id!r}"


def _complete(text: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(text) and (isinstance(text, str) or all(text or ()))


def check(names: Sequence[str] = ()) -> int:
    """Print the problems; 1 when there are any."""
    found = list(problems(names))
    for problem in found:
        print(problem)
    return 1 if found else 0


COMMANDS = {"update": update, "compile": compile_all, "check": check}


def main() -> int:
    """Run one of the three commands."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("apps", nargs="*")
    given = parser.parse_args()
    return COMMANDS[given.command](given.apps)


if __name__ == "__main__":
    sys.exit(main())
