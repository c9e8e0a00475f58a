"""A change in words: who did what, and each value before and after as its reader would write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.kit import countries, identifiers, money
from clientela.platform.audit.models import Change
from clientela.platform.timeline.titles import Titles
from clientela.records import changes, kinds, refs, registry, rights, values
from clientela.records.conditions import is_hidden
from clientela.records.display import Reader
from clientela.records.refs import FieldRef
from clientela.records.spec import Lines, Spec

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that changed: its label, and its value before and after, as written."""

    label: str
    before: str
    after: str


def told_fields(spec: Spec, change: Change, reader: Reader) -> list[FieldRef]:
    """The fields of a change that are told: neither hidden from the reader nor kept by services only."""
    fields = refs.fields_of(spec)
    names = dict.fromkeys((*change.after, *change.before))
    return [
        ref
        for name in names
        if (ref := fields.get(name)) is not None and not ref.read_only and not is_hidden(ref, reader.actor)
    ]


def linked_ids(ref: FieldRef, change: Change) -> Iterator[tuple[Spec, int]]:
    """Every record that the change names in this field."""
    for value in (change.before.get(ref.path), change.after.get(ref.path)):
        if ref.lines is not None:
            yield from _linked_by_lines(ref.spec, ref.lines, value or ())
        elif ref.target is not None and value is not None:
            yield from ((ref.target, each) for each in (value if isinstance(value, list) else [value]))


def _linked_by_lines(
    spec: Spec, lines: Lines, rows: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Spec, int]]:
    for name, target in _line_targets(spec, lines).items():
        yield from ((target, row[name]) for row in rows if row.get(name) is not None)


def _line_targets(spec: Spec, lines: Lines) -> dict[str, Spec]:
    found = {
        name: registry.of_model(field.related_model)
        for name, (field, _kind) in values.line_fields(spec, lines).items()
        if field.is_relation
    }
    return {name: target for name, target in found.items() if target is not None}


def differences(spec: Spec, change: Change, reader: Reader, titles: Titles) -> list[Difference]:
    """Each told field before and after, in words."""
    told = (
        Difference(
            str(ref.label),
            _words(ref, change.before.get(ref.path), change.before | change.after, reader, titles),
            _words(ref, change.after.get(ref.path), change.after, reader, titles),
        )
        for ref in told_fields(spec, change, reader)
        if not _names_unseen(ref, change, reader, titles)
    )
    return [each for each in told if each.before != each.after]


def _names_unseen(ref: FieldRef, change: Change, reader: Reader, titles: Titles) -> bool:
    """Whether it names a record that the reader does not see: then nothing of the field is told."""
    return any(
        (target.key, each) not in titles and not rights.sees_all(target, reader.actor)
        for target, each in linked_ids(ref, change)
    )


def sentence(change: Change, told: list[Difference]) -> str:
    """What was done, for a line in which the person's name comes first."""
    if change.undoes is not None:
        return _("undid “%(what)s”") % {"what": change.label} if change.label else _("undid a change")
    if change.verb == changes.CREATE:
        return _("imported it") if change.source == "import" else _("created it")
    if change.verb == changes.DELETE:
        return _("deleted it")
    if len(told) == 1:
        return _one(told[0])
    if change.label:
        return str(change.label)
    return ngettext("changed %(count)d field", "changed %(count)d fields", len(told)) % {"count": len(told)}


def _one(told: Difference) -> str:
    words = {"field": told.label, "before": told.before, "after": told.after}
    if not told.before:
        return _("set %(field)s to %(after)s") % words
    if not told.after:
        return _("emptied %(field)s, which was %(before)s") % words
    return _("changed %(field)s from %(before)s to %(after)s") % words


def through(change: Change) -> str:
    """Through what it came, where that is not a page."""
    words = {
        "api": _("by the API"),
        "import": _("by an import"),
        "rule": _("by a rule"),
        "merge": _("by a merge"),
        "hand-over": _("by a hand-over"),
        "undo": _("by an undo"),
    }
    return words.get(change.source, "")


def _words(ref: FieldRef, value: Any, beside: Mapping[str, Any], reader: Reader, titles: Titles) -> str:
    if value in (None, "", []):
        return ""
    if ref.lines is not None:
        return Truncator(_lines_words(ref.spec, ref.lines, value, reader, titles)).chars(LONGEST)
    if ref.target is not None:
        ids = value if isinstance(value, list) else [value]
        return ", ".join(titles.get((ref.target.key, each), "…") for each in ids)
    if ref.kind is kinds.Money:
        currency = beside.get(ref.currency) or settings.BASE_CURRENCY
        return money.format_money(kinds.Money.from_json(value), currency, reader.locale, "auto")
    if ref.choices:
        return str(ref.choices.get(value, value))
    return Truncator(_plain(ref.kind, value, reader)).chars(LONGEST)


def _plain(kind: kinds.Kind, value: Any, reader: Reader) -> str:
    try:
        python = kind.from_json(value)
    except ValueError:  # kept before the field became of another kind
        return str(value)
    if kind is kinds.Country:
        return countries.country_name(python, reader.locale)
    if kind is kinds.Phone:
        return identifiers.format_phone(python, settings.DEFAULT_COUNTRY)
    if isinstance(python, dt.datetime):
        python = python.astimezone(reader.zone)
    return kind.text(python, reader.locale)


def _lines_words(
    spec: Spec, lines: Lines, rows: Iterable[Mapping[str, Any]], reader: Reader, titles: Titles
) -> str:
    fields = values.line_fields(spec, lines)
    targets = _line_targets(spec, lines)

    def word(name: str, value: Any) -> str:
        field, kind = fields[name]
        if name in targets:
            return titles.get((targets[name].key, value), "…")
        return str(dict(field.flatchoices).get(value, "")) if field.choices else _plain(kind, value, reader)

    return "; ".join(
        " ".join(
            word(name, row[name])
            for name in fields
            if row.get(name) not in (None, "") and not isinstance(row[name], bool)
        )
        for row in rows
    )
