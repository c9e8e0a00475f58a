"""By what a person is recognised in texts that are not her own: full names, e-mails, telephones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from clientela.kit.text import fold
from clientela.records import kinds, values
from clientela.records.spec import Spec

GONE = "…"
"""Stands where she was named."""
_NUMBER = re.compile(r"\+?\d[\d\s().\-/]{5,}\d")
_WORD = re.compile(r"\w+")
SHORTEST, SIGNIFICANT = 7, 9
"""Digits of a telephone: fewer are no telephone; more than these are its country (ITU-T E.164)."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What names one person, as it was and as it is. `names` have two words or more: one alone is anybody's.

    `phones`: their last digits, without the country.
    """

    names: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.names or self.emails or self.phones)

    def names_her(self, text: str) -> bool:
        """Whether the text has any of it as it stands."""
        return self.cut(text) != text

    def cut(self, text: str) -> str:
        """The text without it: nothing where there was nothing else, a mark in its place elsewhere."""
        left = text
        for words in (*self.emails, *self.names):
            left = _without(left, words)
        if self.phones:
            left = _NUMBER.sub(lambda found: GONE if self._is_hers(found[0]) else found[0], left)
        return left if left.strip(f" {GONE}") or left == text else ""

    def cut_json(self, value: Any) -> Any:
        """The same for every text inside a JSON value."""
        if isinstance(value, str):
            return self.cut(value)
        if isinstance(value, list):
            return [self.cut_json(each) for each in value]
        if isinstance(value, dict):
            return {name: self.cut_json(each) for name, each in value.items()}
        return value

    def in_row(self, text: str) -> bool:
        """Whether a row of a table is about her: the words of a name may stand in several cells."""
        folded = fold(text)
        if any(fold(email) in folded for email in self.emails):
            return True
        if any(self._is_hers(found) for found in _NUMBER.findall(text)):
            return True
        words = set(_WORD.findall(folded))
        return any(words.issuperset(_WORD.findall(fold(name))) for name in self.names)

    def forms(self) -> list[str]:
        """How these may be spelled in a column of texts or of JSON, for a search in the database.

        JSON may have letters outside ASCII escaped (RFC 8259 §7); case is the database's only in ASCII.
        """
        plain = {*self.names, *self.emails, *(each for phone in self.phones for each in _grouped(phone))}
        cases = {each for words in plain for each in (words, words.lower(), words.upper(), words.title())}
        return sorted(cases | {json.dumps(words)[1:-1] for words in cases})

    def q(self, *columns: str) -> Q:
        """Rows that may name her in any of these columns; more than do, so each has to be looked at."""
        found = Q(pk__in=[])
        for form in self.forms():
            for column in columns:
                found |= Q(**{f"{column}__icontains": form})
        return found

    def _is_hers(self, number: str) -> bool:
        return _significant(number) in self.phones


def _without(text: str, words: str) -> str:
    """Whole words only, in any case."""
    lowered, wanted, at = text.lower(), words.lower(), 0
    if len(lowered) != len(text):
        return text if wanted not in lowered else ""
    made: list[str] = []
    while (found := lowered.find(wanted, at)) >= 0:
        end = found + len(wanted)
        whole = not (text[found - 1 : found].isalnum() or text[end : end + 1].isalnum())
        made += [text[at:found], GONE if whole else text[found:end]]
        at = end
    return "".join([*made, text[at:]])


def _grouped(phone: str) -> Iterator[str]:
    """Digits as people write them: together, by threes, or three and then by twos."""
    yield phone
    yield " ".join((phone[:3], phone[3:6], phone[6:]))
    yield " ".join((phone[:3], phone[3:5], phone[5:7], phone[7:]))


def _significant(number: str) -> str:
    digits = "".join(filter(str.isdecimal, number))
    return digits[-SIGNIFICANT:] if len(digits) >= SHORTEST else ""


def gather(spec: Spec, kept: Iterable[Mapping[str, Any]]) -> Traces:
    """What names the person of whom these are JSON values, present and past."""
    found: dict[str, set[str]] = {"name": set(), "email": set(), "phone": set()}
    for row in kept:
        for what, text in _told(spec, row):
            found[what].add(" ".join(text.split()))
    return Traces(
        frozenset(name for name in found["name"] if len(_WORD.findall(name)) > 1),
        frozenset(email for email in found["email"] if "@" in email),
        frozenset(filter(None, map(_significant, found["phone"]))),
    )


def _told(spec: Spec, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    fields = values.kept_fields(spec)
    kinds_of = {kinds.Email: "email", kinds.Phone: "phone"}
    for name, value in row.items():
        ref = fields.get(name)
        if ref is None or not value:
            continue
        if name == spec.title:
            yield "name", str(value)
        elif ref.lines is not None:
            yield from _told_by_lines(values.line_fields(spec, ref.lines), value)
        elif ref.kind in kinds_of:
            yield kinds_of[ref.kind], str(value)


def _told_by_lines(fields: Mapping[str, tuple[Any, Any]], rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, list) else ():
        for name, (_field, kind) in fields.items():
            if kind in (kinds.Email, kinds.Phone) and row.get(name):
                yield kind.name, str(row[name])
