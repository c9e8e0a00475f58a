"""Which column goes to which field: by its heading in three languages, by custom elsewhere, by content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation

from clientela.access.actor import Actor
from clientela.kit import dates, numbers
from clientela.kit.tables import Cell, guess_kind, is_empty_marker, parse_boolean
from clientela.platform.transfer import headings
from clientela.platform.transfer.choices import choice_finder
from clientela.platform.transfer.targets import ID, Target, targets_of
from clientela.records import kinds, refs
from clientela.records.kinds import Kind
from clientela.records.spec import Spec

NUMERIC = (kinds.Money, kinds.Number, kinds.Percent, kinds.Integer)
SURE, PROBABLE, CONTENT, CHOSEN = "sure", "probable", "content", "chosen"
_LOOSE = 5
_BY_CONTENT = {"email": kinds.Email, "phone": kinds.Phone, "url": kinds.Url, "country": kinds.Country}


@dataclass
class ColumnMap:
    """One column: `target` is a path of `targets`, "" where the column is left. `how` it was found.

    `mark` and `order`: decimal mark and order of dates, for the whole column. `ambiguous`: other
    readings fit as well; `alternatives` holds them.
    """

    column: str
    position: int
    target: str = ""
    how: str = ""
    mark: str = ""
    order: str = ""
    ambiguous: bool = False
    alternatives: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    filled: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def recognise(
    spec: Spec,
    actor: Actor,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    saved: Mapping[str, str] | None = None,
) -> list[ColumnMap]:
    """The mapping of a file's columns, from its headings and a sample of its rows.

    `saved`: targets by heading chosen earlier; they win.
    """
    targets = targets_of(spec, actor)
    maps = [_column_map(place, column, rows) for place, column in enumerate(columns)]
    taken = _take_saved(maps, targets, saved or {})
    _take_by_heading(spec, maps, targets, taken, rows)
    _take_by_content(maps, targets, taken, rows)
    _tell_first_names(maps, targets, taken, rows)
    for each in maps:
        settle_formats(each, targets.get(each.target), rows, actor.language)
    return maps


def _column_map(place: int, column: str, rows: Sequence[Sequence[Cell]]) -> ColumnMap:
    texts = _texts(rows, place)
    distinct = list(dict.fromkeys(texts))[:3]
    return ColumnMap(column, place, samples=[text[:60] for text in distinct], filled=bool(texts))


def _texts(rows: Sequence[Sequence[Cell]], place: int) -> list[str]:
    cells = (str(row[place]).strip() for row in rows if place < len(row))
    return [text for text in cells if text and not is_empty_marker(text)]


def _take_saved(maps: list[ColumnMap], targets: Mapping[str, Target], saved: Mapping[str, str]) -> set[str]:
    taken: set[str] = set()
    for each in maps:
        path = saved.get(each.column, "")
        if path in targets and path not in taken:
            each.target, each.how = path, CHOSEN
            taken.add(path)
    return taken


def _take_by_heading(
    spec: Spec,
    maps: list[ColumnMap],
    targets: Mapping[str, Target],
    taken: set[str],
    rows: Sequence[Sequence[Cell]],
) -> None:
    """The best pairs first; a column with values before one without."""
    names = names_of(spec, targets)
    own = own_words(spec)
    exact = {each.column for each in maps}
    pairs = [
        (each.filled, score, -each.position, path)
        for each in maps
        if not each.target and headings.squash(each.column) not in headings.OWN_COLUMNS
        for path, score in _scores(each, names, own, exact)
    ]
    for _filled, score, place, path in sorted(pairs, reverse=True):
        each = maps[-place]
        if each.target or path in taken or not _plausible(targets[path], _texts(rows, each.position)):
            continue
        each.target, each.how = path, SURE if score >= 90 else PROBABLE
        taken.add(path)


def _tell_first_names(
    maps: list[ColumnMap], targets: Mapping[str, Target], taken: set[str], rows: Sequence[Sequence[Cell]]
) -> None:
    """A name beside last names is the first name, unless the last name stands in it too."""
    by_target = {each.target: each for each in maps}
    whole, last = by_target.get("name"), by_target.get("last_name")
    if whole is None or last is None or whole.how == CHOSEN:
        return
    if "first_name" in taken or "first_name" not in targets:
        return
    pairs = [(_text_at(row, whole.position), _text_at(row, last.position)) for row in rows]
    if not any(end and end in name for name, end in pairs):
        taken.add("first_name")
        taken.discard("name")
        whole.target = "first_name"


def _text_at(row: Sequence[Cell], place: int) -> str:
    return str(row[place]).strip() if place < len(row) else ""


def _scores(
    each: ColumnMap, names: Mapping[str, Mapping[str, float]], own: frozenset[str], columns: set[str]
) -> Iterator[tuple[str, float]]:
    if each.column in names["exact"]:
        yield from _exact(each, columns)
        return
    squashed = headings.squash(each.column)
    yield from names.get(squashed, {}).items()
    bare = headings.without(each.column, own)
    if bare == "":
        yield from ((path, score - 2 * _LOOSE) for path, score in names.get("", {}).items())
    elif bare != squashed:
        yield from ((path, score - _LOOSE) for path, score in names.get(bare, {}).items())


def _exact(each: ColumnMap, columns: set[str]) -> Iterator[tuple[str, float]]:
    """A machine name, as our own exports head their columns; a lone `id` is some other system's."""
    if each.column != ID:
        yield each.column, 101
    else:
        yield (ID if "external_id" in columns else "external_id"), 101


def names_of(spec: Spec, targets: Mapping[str, Target]) -> dict[str, dict[str, float]]:
    """Squashed heading to target paths with their scores; "exact" holds the machine names."""
    names: dict[str, dict[str, float]] = {"exact": dict.fromkeys(targets, 101.0)}

    def add(heading: str, path: str, score: float) -> None:
        known = names.setdefault(headings.squash(heading), {})
        known[path] = max(score, known.get(path, 0))

    for path, target in targets.items():
        for heading, score in _headings_of(spec, target):
            add(heading, path, score)
    if "external_id" in targets:
        add("Id", "external_id", 101)
    names.setdefault("", {})[spec.title] = 95
    return names


def _headings_of(spec: Spec, target: Target) -> Iterator[tuple[str, float]]:
    if target.is_line:
        yield from _line_headings(target)
        return
    if target.hint:
        yield from ((name, 97) for name in target.headings)
        return
    if target.by_id or target.path == ID:
        return
    yield target.path, 100
    yield from ((label, 98) for label in _labels(target.ref))
    given = spec.import_names.get(target.path, ())
    yield from ((name, 97 - place * 0.05) for place, name in enumerate(given))
    usual = headings.FIELD_NAMES.get(target.path, ())
    yield from ((name, 96 - place * 0.1) for place, name in enumerate(usual))
    if target.kind is kinds.Link and target.ref.target is not None:
        yield from _link_headings(target, target.ref.target)


def _labels(ref: refs.FieldRef) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield str(ref.label)


def _link_headings(target: Target, linked: Spec) -> Iterator[tuple[str, float]]:
    names = [target.path, *_labels(target.ref)]
    if target.path == linked.key:
        names += [*_record_labels(linked), *linked.import_names.get("", ())]
    for name in names:
        yield name, 95
        for form in ("{} id", "id {}", "{} name", "nombre {}", "codigo {}", "{} code", "associated {}"):
            yield form.format(name), 94


def _line_headings(target: Target) -> Iterator[tuple[str, float]]:
    assert target.field is not None
    usual = headings.FIELD_NAMES.get(target.line_field, ())
    fields = [target.line_field, *usual]
    kind_words = headings.LINE_KINDS.get(target.line_kind, (target.line_kind,))
    for kind_word in kind_words:
        if target.line_kind in headings.ALONE:
            yield kind_word, 93
        for place, name in enumerate(fields):
            yield f"{kind_word} {name}", 93 - place * 0.1
            yield f"{name} {kind_word}", 92 - place * 0.1


def _record_labels(spec: Spec) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield str(spec.label)


def own_words(spec: Spec) -> frozenset[str]:
    """Words that name the record itself and so say nothing in a heading of its file."""
    texts = [*_record_labels(spec), spec.key, *spec.import_names.get("", ())]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts.append(str(spec.label_plural))
    return frozenset(word for text in texts for word in headings.words(text))


def _plausible(target: Target, texts: Sequence[str]) -> bool:
    """Whether the column can hold this at all; an empty column can."""
    if not texts:
        return True
    if target.kind in NUMERIC:
        return sum(any(letter.isdigit() for letter in text) for text in texts) * 2 > len(texts)
    if target.kind in (kinds.Date, kinds.DateTime):
        return dates.date_order_of(texts[:200]).order is not None
    if target.kind is kinds.Choice:
        return _choice_share(target, texts) > 0
    return not target.hint or all(parse_boolean(text) is not None for text in texts)


def _choice_share(target: Target, texts: Sequence[str]) -> float:
    find = choice_finder(target)
    return sum(find(text) is not None for text in texts) / len(texts)


def _take_by_content(
    maps: list[ColumnMap], targets: Mapping[str, Target], taken: set[str], rows: Sequence[Sequence[Cell]]
) -> None:
    """What is left and plainly an e-mail, a telephone, a country or one of a field's choices."""
    for each in maps:
        texts = _texts(rows, each.position)
        if each.target or not texts or headings.squash(each.column) in headings.OWN_COLUMNS:
            continue
        path = _by_kind(targets, taken, _BY_CONTENT.get(guess_kind(texts[:200])))
        path = path or _by_choices(targets, taken, texts)
        if path:
            each.target, each.how = path, CONTENT
            taken.add(path)


def _by_kind(targets: Mapping[str, Target], taken: set[str], kind: Kind | None) -> str:
    fitting = (
        path
        for path, target in targets.items()
        if target.kind is kind and not target.is_line and path not in taken
    )
    return next(fitting, "") if kind is not None else ""


def _by_choices(targets: Mapping[str, Target], taken: set[str], texts: Sequence[str]) -> str:
    for path, target in targets.items():
        free = target.kind is kinds.Choice and not target.is_line and path not in taken
        if free and len(set(texts)) > 1 and _choice_share(target, texts) == 1:
            return path
    return ""


def settle_formats(
    each: ColumnMap, target: Target | None, rows: Sequence[Sequence[Cell]], language: str
) -> None:
    """Decide decimal mark and order of dates for the column, and say whether others fit as well."""
    each.mark, each.order, each.ambiguous, each.alternatives = "", "", False, []
    if target is None:
        return
    texts = [str(row[each.position]) for row in rows if _is_text(row, each.position)]
    if target.kind in NUMERIC and not target.by_id:
        mark = numbers.decimal_mark_of(texts)
        each.mark = mark or ("." if language == "en" else ",")
        each.ambiguous = mark is None and any("." in text or "," in text for text in texts)
        each.alternatives = [",", "."] if each.ambiguous else []
    elif target.kind in (kinds.Date, kinds.DateTime):
        found = dates.date_order_of(texts, dates.own_order(language))
        each.order = found.order or dates.own_order(language)
        each.ambiguous = found.ambiguous
        each.alternatives = [each.order, *found.alternatives] if found.ambiguous else []


def _is_text(row: Sequence[Cell], place: int) -> bool:
    return place < len(row) and isinstance(row[place], str) and not is_empty_marker(str(row[place]).strip())
