"""What one role allows, as plain data: the JSON kept in `Role.rules`, read strictly.

    {"modules": {"*": true, "sales": false},
     "records": {"*": {"see": "team_below", "create": true, "change": "own", "delete": "none",
                       "export": "own", "import": false, "bulk": "own"},
                 "account": {"see": ["own", {"condition":
                     {"field": "zone__people", "op": "in", "value": ["me"]}}]}},
     "fields": {"opportunity": {"amount": "read", "description": "hidden"}},
     "private": "hidden",
     "actions": {"opportunity": {"win": false}}}

`modules`: app labels; one that is not named is as "*", and off where there is no "*". `records`: by key;
a verb that is not named is as in "*", and nothing where it is not there either. A scope is a word of
`SCOPES`, true (all) or false (none), a condition, or a list of these, which add up. `fields`: those not
named may be written; `private` says the same of the fields that a description marks as private.
`actions`: those not named, nor under "*", are allowed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

NONE, OWN, TEAM, TEAM_BELOW, ALL = "none", "own", "team", "team_below", "all"
SCOPES = (NONE, OWN, TEAM, TEAM_BELOW, ALL)
VERBS = ("see", "create", "change", "delete", "export", "import", "bulk")
YES_NO_VERBS = frozenset({"create", "import"})
"""Verbs without a record to look at: they are allowed or not."""
HIDDEN, READ, WRITE = "hidden", "read", "write"
FIELD_LEVELS = (HIDDEN, READ, WRITE)
ANY = "*"
PARTS = ("modules", "records", "fields", "private", "actions")


class RulesError(ValueError):
    """The rules cannot be read; the words say where."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The records that a verb reaches: `words` of `SCOPES`, and `conditions` as JSON texts; they add up."""

    words: frozenset[str] = frozenset()
    conditions: tuple[str, ...] = ()

    def __or__(self, other: Scope) -> Scope:
        conditions = dict.fromkeys((*self.conditions, *other.conditions))
        return Scope(self.words | other.words, tuple(conditions))

    def __bool__(self) -> bool:
        return bool(self.words or self.conditions)

    @property
    def is_all(self) -> bool:
        return ALL in self.words


NOTHING, EVERYTHING = Scope(), Scope(frozenset({ALL}))


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules of a role. Compared by identity: the same text gives the same object (see `load`)."""

    modules: Mapping[str, bool] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, Scope]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    private: str = HIDDEN
    actions: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def has_module(self, module: str) -> bool:
        """Whether the app is on; "" is the platform, which always is."""
        return not module or self.modules.get(module, self.modules.get(ANY, False))

    def scope(self, key: str, verb: str) -> Scope:
        """The records of the kind `key` that `verb` reaches."""
        named = self.named_scope(key, verb)
        return self.records.get(ANY, {}).get(verb, NOTHING) if named is None else named

    def named_scope(self, key: str, verb: str) -> Scope | None:
        """The same where the rules name the kind and the verb; None where they do not."""
        return self.records.get(key, {}).get(verb)

    def field(self, key: str, name: str, *, private: bool) -> str:
        """One of `FIELD_LEVELS`."""
        return self.fields.get(key, {}).get(name, self.private if private else WRITE)

    def allows_action(self, key: str, name: str) -> bool:
        named = (self.actions.get(record, {}).get(action) for record in (key, ANY) for action in (name, ANY))
        return next((allowed for allowed in named if allowed is not None), True)


def parse(data: Any) -> Rules:
    """The rules that `data` (decoded JSON) describes. Raises RulesError for anything unknown."""
    given = _object(data, "")
    _only(given, PARTS, "")
    private = given.get("private", HIDDEN)
    _one_of(private, FIELD_LEVELS, "private")
    return Rules(
        modules=_booleans(given.get("modules", {}), "modules"),
        records={
            key: _verbs(verbs, f"records.{key}")
            for key, verbs in _object(given.get("records", {}), "records").items()
        },
        fields={
            key: _levels(levels, f"fields.{key}")
            for key, levels in _object(given.get("fields", {}), "fields").items()
        },
        private=private,
        actions={
            key: _booleans(allowed, f"actions.{key}")
            for key, allowed in _object(given.get("actions", {}), "actions").items()
        },
    )


def decoded(text: str) -> Any:
    """JSON that a page sent. Raises RulesError for what is none, is nested too deeply, or has half a
    character, which nothing could show or keep."""
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RulesError(_("The reach of a right could not be read.")) from error
    return found


@lru_cache(maxsize=1024)
def load(text: str) -> Rules:
    """The rules kept as `text`; rules that cannot be read allow nothing."""
    try:
        return parse(json.loads(text))
    except ValueError:
        return Rules()


def dump(data: Any) -> str:
    """The text in which rules are kept: the same rules always give the same. Raises RulesError."""
    parse(data)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    decoded(text)
    return text


def _object(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise RulesError(_("“%(where)s” must be an object.") % {"where": where or "rules"})
    return data


def _only(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in given:
        _one_of(name, known, where)


def _one_of(word: Any, known: tuple[str, ...], where: str) -> None:
    if not isinstance(word, str) or word not in known:
        raise RulesError(
            _("“%(word)s” is not known in “%(where)s”.") % {"word": str(word)[:60], "where": where or "rules"}
        )


def _booleans(data: Any, where: str) -> dict[str, bool]:
    given = _object(data, where)
    for name, allowed in given.items():
        if not isinstance(allowed, bool):
            raise RulesError(_("“%(where)s” must be true or false.") % {"where": f"{where}.{name}"})
    return given


def _levels(data: Any, where: str) -> dict[str, str]:
    given = _object(data, where)
    for level in given.values():
        _one_of(level, FIELD_LEVELS, where)
    return given


def _verbs(data: Any, where: str) -> dict[str, Scope]:
    given = _object(data, where)
    _only(given, VERBS, where)
    return {verb: _scope(value, verb, f"{where}.{verb}") for verb, value in given.items()}


def _scope(value: Any, verb: str, where: str) -> Scope:
    if isinstance(value, bool):
        return EVERYTHING if value else NOTHING
    if verb in YES_NO_VERBS:
        raise RulesError(_("“%(where)s” must be true or false.") % {"where": where})
    found = NOTHING
    for part in value if isinstance(value, list) else [value]:
        found |= _scope_part(part, where)
    return found


def _scope_part(part: Any, where: str) -> Scope:
    if isinstance(part, dict):
        _only(part, ("condition",), where)
        tree = _object(part.get("condition"), f"{where}.condition")
        if not set(tree) - {"version"}:
            raise RulesError(_("“%(where)s” needs a condition.") % {"where": where})
        return Scope(conditions=(json.dumps(tree, ensure_ascii=False, sort_keys=True),))
    _one_of(part, SCOPES, where)
    return NOTHING if part == NONE else Scope(frozenset({part}))


def as_data(text: str) -> dict[str, Any]:
    """The object that a kept text holds; an empty one where it cannot be read."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def conditions_of(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each condition in rules that can be read, with the key of its kind of record."""
    for key, verbs in parse(data).records.items():
        for scope in verbs.values():
            for text in scope.conditions:
                yield key, json.loads(text)
