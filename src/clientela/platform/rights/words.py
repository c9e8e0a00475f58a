"""Rights in words: how far they reach, what they let one do, and what a change of them changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clientela.access.rules import ALL, ANY, HIDDEN, NONE, OWN, READ, TEAM, TEAM_BELOW, VERBS, WRITE
from clientela.platform.lists import chips
from clientela.platform.rights import offered
from clientela.platform.rights.draft import Draft, Value
from clientela.records.display import Reader
from clientela.records.spec import Spec

VERB_WORDS = {
    "see": pgettext_lazy("right", "See"),
    "create": pgettext_lazy("right", "Create"),
    "change": pgettext_lazy("right", "Change"),
    "delete": pgettext_lazy("right", "Delete"),
    "export": pgettext_lazy("right", "Export"),
    "import": pgettext_lazy("right", "Import"),
    "bulk": pgettext_lazy("right", "In bulk"),
}
SCOPE_WORDS = {
    NONE: pgettext_lazy("reach", "none"),
    OWN: pgettext_lazy("reach", "own"),
    TEAM: pgettext_lazy("reach", "team"),
    TEAM_BELOW: pgettext_lazy("reach", "team and below"),
    ALL: pgettext_lazy("reach", "all"),
    offered.CONDITION: pgettext_lazy("reach", "by condition"),
}
SCOPE_HELP = {
    NONE: gettext_lazy("Not a single record"),
    OWN: gettext_lazy("The records the person looks after, and nobody's"),
    TEAM: gettext_lazy("Those of anybody in the team, and nobody's"),
    TEAM_BELOW: gettext_lazy("Also those of the teams below"),
    ALL: gettext_lazy("Those of the whole company"),
    offered.CONDITION: gettext_lazy("Those that meet a sentence"),
}
LEVEL_WORDS = {
    HIDDEN: pgettext_lazy("field right", "hidden"),
    READ: pgettext_lazy("field right", "read"),
    WRITE: pgettext_lazy("field right", "write"),
}


def level_of(value: Value) -> str:
    """The level of a scope: a word of `offered.LEVELS`."""
    if isinstance(value, bool):
        return ALL if value else NONE
    return value if isinstance(value, str) else offered.CONDITION


def parts_of(value: Value) -> tuple[str, list[dict[str, Any]]]:
    """The word in a scope ("none" where there is none) and its conditions."""
    parts = value if isinstance(value, list) else [value]
    words = [part for part in parts if isinstance(part, str)]
    return (words[0] if words else NONE), [part["condition"] for part in parts if isinstance(part, dict)]


def of_value(value: Value) -> str:
    """A scope in a word or two."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        word, _conditions = parts_of(value)
        return _("%(reach)s, and by condition") % {"reach": SCOPE_WORDS[word]}
    return str(SCOPE_WORDS[level_of(value)])


def sentence(spec: Spec, value: Value, reader: Reader) -> str:
    """The conditions of a scope as one sentence; "" where it has none."""
    _word, conditions = parts_of(value)
    return f" {_('or')} ".join(chips.sentence_of(spec, tree, reader) for tree in conditions)


def kind(key: str) -> str:
    """The words of a row of the grid."""
    return _("Every other kind") if key == ANY else str(offered.find(key).label_plural)


def differences(before: Draft, after: Draft) -> list[str]:
    """What saving would change, a sentence each."""
    return [line for tell in _TELLERS for line in tell(before, after)]


def _told(what: str, was: Any, now: Any) -> str:
    return _("%(what)s: %(before)s → %(after)s") % {"what": what, "before": was, "after": now}


def _role(before: Draft, after: Draft) -> Iterator[str]:
    if before.name != after.name:
        yield _told(_("Name"), before.name, after.name)
    if before.description != after.description:
        yield _("Another description")
    if before.requires_mfa != after.requires_mfa:
        yield _told(_("A second factor is asked for"), *_yes_no(before.requires_mfa, after.requires_mfa))


def _modules(before: Draft, after: Draft) -> Iterator[str]:
    names = {**dict(offered.modules()), ANY: _("New modules")}
    for label, on in after.modules.items():
        if before.modules.get(label) != on:
            words = (_("on"), _("off")) if not on else (_("off"), _("on"))
            yield _told(names.get(label, label), *words)


def _scopes(before: Draft, after: Draft) -> Iterator[str]:
    for key, verbs in after.scopes.items():
        for verb in VERBS:
            was, now = before.scopes[key][verb], verbs[verb]
            if was != now and of_value(was) == of_value(now):
                yield _("%(kind)s, %(verb)s: another condition") % _names(key, verb)
            elif was != now:
                yield _told(_("%(kind)s, %(verb)s") % _names(key, verb), of_value(was), of_value(now))


def _names(key: str, verb: str) -> dict[str, str]:
    return {"kind": kind(key), "verb": str(VERB_WORDS[verb]).lower()}


def _fields(before: Draft, after: Draft) -> Iterator[str]:
    if before.private != after.private:
        yield _told(_("Confidential fields"), LEVEL_WORDS[before.private], LEVEL_WORDS[after.private])
    for spec in offered.kinds():
        for ref in offered.fields(spec):
            was, now = before.level_of(spec, ref.path), after.level_of(spec, ref.path)
            named = {
                before.fields.get(spec.key, {}).get(ref.path),
                after.fields.get(spec.key, {}).get(ref.path),
            }
            if was != now and named != {None}:
                yield _told(f"{spec.label} · {ref.label}", LEVEL_WORDS[was], LEVEL_WORDS[now])


def _actions(before: Draft, after: Draft) -> Iterator[str]:
    for spec in offered.kinds():
        for name, label in offered.actions(spec):
            was, now = before.actions[spec.key].get(name), after.actions[spec.key].get(name)
            if was != now:
                yield _told(f"{spec.label} · {label}", *_yes_no(bool(was), bool(now)))


def _yes_no(was: bool, now: bool) -> tuple[str, str]:
    return of_value(was), of_value(now)


_TELLERS: tuple[Callable[[Draft, Draft], Iterator[str]], ...] = (_role, _modules, _scopes, _fields, _actions)
