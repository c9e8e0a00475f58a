"""A role as its grid shows it: every right written out, read from rules or from the form, and back.

Rules keep only what differs (`access.rules`: kinds follow "*"); the grid shows what holds. So `of` writes
every right out and `rules_of` leaves out again what "*" says already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from clientela.access import ready_made, rules
from clientela.access.models import Role
from clientela.access.rules import (
    ALL,
    ANY,
    FIELD_LEVELS,
    NONE,
    READ,
    SCOPES,
    VERBS,
    WRITE,
    YES_NO_VERBS,
    Rules,
    Scope,
)
from clientela.platform.people import roles
from clientela.platform.rights import offered
from clientela.records.errors import Invalid
from clientela.records.spec import Spec

Value = Any
"""Of a scope, as rules keep it: a word, true or false, a condition, or a list of words and conditions."""


@dataclass
class Draft:
    """What a role allows. `scopes` by kind ("*": every other one) and verb; `fields`: only the named ones."""

    name: str = ""
    description: str = ""
    requires_mfa: bool = False
    modules: dict[str, bool] = field(default_factory=dict)
    scopes: dict[str, dict[str, Value]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    private: str = rules.HIDDEN
    actions: dict[str, dict[str, bool]] = field(default_factory=dict)

    def level_of(self, spec: Spec, name: str) -> str:
        """Whether a field is hidden, read or written."""
        return self.fields.get(spec.key, {}).get(name) or self.usual_level(spec, name)

    def usual_level(self, spec: Spec, name: str) -> str:
        """The same where nothing is said of this field."""
        return self.private if offered.is_confidential(spec, name) else WRITE


def keys() -> list[str]:
    """The rows of the grid: each kind, and the one for all others."""
    return [*(spec.key for spec in offered.kinds()), ANY]


# --- from the rules --------------------------------------------------------------------------------


def of(role: Role) -> Draft:
    """The role as it is kept."""
    draft = of_rules(roles.rules_of(role))
    draft.name, draft.description, draft.requires_mfa = role.label, role.description, role.requires_mfa
    return draft


def of_rules(data: Mapping[str, Any]) -> Draft:
    """Rules as an object, written out; rules that cannot be read allow nothing."""
    try:
        read = rules.parse(data)
    except rules.RulesError:
        read = Rules()
    return Draft(
        modules={
            label: read.has_module(label) for label in [*(label for label, _name in offered.modules()), ANY]
        },
        scopes={key: {verb: _held(read, key, verb) for verb in VERBS} for key in keys()},
        fields={key: dict(levels) for key, levels in read.fields.items()},
        private=read.private,
        actions={
            spec.key: {name: read.allows_action(spec.key, name) for name, _label in offered.actions(spec)}
            for spec in offered.kinds()
        },
    )


def _held(read: Rules, key: str, verb: str) -> Value:
    spec = offered.find(key)
    if spec is not None and spec.access.configuration and verb not in ("see", "export"):
        return value_of(read.named_scope(key, verb) or rules.NOTHING, key, verb)
    return value_of(read.scope(key, verb), key, verb)


def value_of(scope: Scope, key: str, verb: str) -> Value:
    """A scope as one word, conditions beside it; a word of a kind that nobody looks after is all of it."""
    if verb in YES_NO_VERBS:
        return bool(scope)
    words = [word for word in SCOPES if word in scope.words]
    widest = words[-1] if words else NONE
    if words and widest not in offered.levels_of(key, verb):
        widest = ALL
    conditions = [{"condition": json.loads(text)} for text in scope.conditions]
    if not conditions or widest == ALL:
        return widest
    parts = [*([widest] if words else []), *conditions]
    return parts if len(parts) > 1 else parts[0]


# --- from the form ---------------------------------------------------------------------------------


def posted(role: Role, given: QueryDict) -> Draft:
    """The grid as it was sent; a value that is none is as it was. Raises Invalid for a scope made up."""
    before = of(role)
    draft = Draft(
        name=given.get("name", "").strip(),
        description=given.get("description", "").strip(),
        requires_mfa="requires_mfa" in given,
        modules={label: f"module-{label}" in given for label in before.modules},
        scopes={key: {verb: _sent(given, key, verb) for verb in VERBS} for key in keys()},
        private=_level(given.get("private", ""), before.private),
    )
    for spec in offered.kinds():
        draft.fields[spec.key] = _sent_fields(spec, given, before)
        draft.actions[spec.key] = {
            name: f"action-{spec.key}-{name}" in given for name, _label in offered.actions(spec)
        }
    return draft


def _sent(given: QueryDict, key: str, verb: str) -> Value:
    name = f"scope-{key}-{verb}"
    if verb in YES_NO_VERBS:
        return name in given
    try:
        value = rules.decoded(given.get(name, '"none"'))
        read = rules.parse({"records": {key: {verb: value}}})
    except rules.RulesError as error:
        raise Invalid({"rules": [_("The reach of a right could not be read.")]}) from error
    return value_of(read.named_scope(key, verb) or rules.NOTHING, key, verb)


def _sent_fields(spec: Spec, given: QueryDict, before: Draft) -> dict[str, str]:
    """The named fields; the one to be added is read, where it is not the usual, else hidden."""
    known = [ref.path for ref in offered.fields(spec)]
    found = {
        name: _level(given.get(f"field-{spec.key}-{name}", ""), "")
        for name in known
        if given.get(f"field-{spec.key}-{name}")
    }
    added = given.get(f"add-{spec.key}", "")
    if added in known and added not in found:
        found[added] = READ
    kept = before.fields.get(spec.key, {})
    return {name: level for name, level in kept.items() if name not in known} | {
        name: level for name, level in found.items() if level
    }


def _level(word: str, otherwise: str) -> str:
    return word if word in FIELD_LEVELS else otherwise


# --- to the rules ----------------------------------------------------------------------------------


def values_of(role: Role, draft: Draft) -> dict[str, Any]:
    """What `people.roles.change` is given: a ready-made role that is as made again keeps no rules."""
    changed: dict[str, Any] = {
        "description": draft.description,
        "requires_mfa": draft.requires_mfa,
    }
    if draft.name != role.label:
        changed["name"] = draft.name
    if role.is_administrator:
        return changed
    if role.key in ready_made.ROLES and _rights(draft) == _rights(_as_made(role)):
        return {**changed, "rules": None}
    if _rights(draft) != _rights(of(role)):
        changed["rules"] = rules_of(draft, roles.rules_of(role))
    return changed


def _as_made(role: Role) -> Draft:
    return of_rules(rules.as_data(ready_made.ROLES[role.key or ""].rules))


def _rights(draft: Draft) -> tuple[Any, ...]:
    fields = {key: levels for key, levels in draft.fields.items() if levels}
    return draft.modules, draft.scopes, fields, draft.private, draft.actions


def rules_of(draft: Draft, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as an object; `kept`: the earlier ones, of which what the grid does not show stays."""
    shown = set(keys())
    records = {key: verbs for key, verbs in kept.get("records", {}).items() if key not in shown}
    records |= {key: verbs for key in keys() if (verbs := _named(draft, key)) or key == ANY}
    actions = {key: named for key, named in kept.get("actions", {}).items() if key not in shown}
    actions |= {
        key: {name: False for name, allowed in named.items() if not allowed}
        for key, named in draft.actions.items()
        if not all(named.values())
    }
    return {
        "modules": {
            label: on
            for label, on in draft.modules.items()
            if label == ANY or on != draft.modules.get(ANY, False)
        },
        "records": records,
        "fields": {key: levels for key, levels in draft.fields.items() if levels},
        "private": draft.private,
        "actions": actions,
    }


def _named(draft: Draft, key: str) -> dict[str, Value]:
    """The verbs in which a kind differs from all others."""
    others = draft.scopes[ANY]
    if key == ANY:
        return dict(others)
    configured = offered.find(key).access.configuration
    found = {}
    for verb, value in draft.scopes[key].items():
        usual = value_of(_scope(ANY, verb, others[verb]), key, verb)
        if configured and verb not in ("see", "export"):
            usual = False if verb in YES_NO_VERBS else NONE
        if value != usual:
            found[verb] = value
    return found


def _scope(key: str, verb: str, value: Value) -> Scope:
    return rules.parse({"records": {key: {verb: value}}}).named_scope(key, verb) or rules.NOTHING
