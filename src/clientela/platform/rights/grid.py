"""The grid of one role as its page draws it: switches, rows of cells, fields and actions of each kind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.access import ready_made
from clientela.access.models import Role
from clientela.access.rules import ANY, FIELD_LEVELS, HIDDEN, READ, WRITE, YES_NO_VERBS
from clientela.platform.rights import offered, words
from clientela.platform.rights.draft import Draft, of
from clientela.records import registry, urlnames
from clientela.records.display import Reader, reader_for
from clientela.records.spec import Spec

ORDER = ("see", "change", "delete", "export", "bulk", "create", "import")
"""The verbs as columns: those with a reach first."""


@dataclass(frozen=True)
class Cell:
    """One verb of one kind. `level`: place in `offered.LEVELS`; `value`: the scope as JSON."""

    key: str
    verb: str
    level: int
    text: str
    value: str
    label: str
    levels: str
    is_yes_no: bool
    is_changed: bool


@dataclass(frozen=True)
class FieldRight:
    """A field whose right is said, with the three levels in words."""

    path: str
    label: str
    level: str


@dataclass(frozen=True)
class Row:
    """A kind of record. `addable`: fields that could be said something of, as (path, label)."""

    key: str
    label: str
    icon: str
    cells: tuple[Cell, ...]
    sentences: tuple[tuple[str, str, str], ...] = ()
    fields: tuple[FieldRight, ...] = ()
    addable: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, str, bool], ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    """Rows of the grid under one heading."""

    label: str
    rows: tuple[Row, ...]


def context(role: Role, draft: Draft, actor: Any, opened: Iterable[str] = ()) -> dict[str, Any]:
    """What rights/role.html draws of a draft; `opened`: kinds whose details are shown."""
    before = of(role)
    changes = words.differences(before, draft)
    people = role.people.filter(is_active=True)
    count = people.count()
    return {
        "role": role,
        "draft": draft,
        "told": told(role),
        "verbs": [(verb, words.VERB_WORDS[verb]) for verb in ORDER],
        "grid": [] if role.is_administrator else _groups(before, draft, reader_for(actor)),
        "switches": [
            *((label, name, draft.modules[label]) for label, name in offered.modules()),
            (ANY, _("New modules"), draft.modules.get(ANY, False)),
        ],
        "level_words": [(level, words.LEVEL_WORDS[level]) for level in FIELD_LEVELS],
        "opened": set(opened),
        "changes": changes,
        "effect": _effect(count),
        "people": list(people.order_by("name")[:5]),
        "people_count": count,
        "people_url": urlnames.list_url(registry.get("user"), filter=json.dumps(_who_has(role))),
    }


def told(role: Role) -> str:
    """What a role is for, in its own words or those it was made with."""
    ready = ready_made.ROLES.get(role.key or "")
    return role.description or (str(ready.description) if ready is not None else "")


def _who_has(role: Role) -> dict[str, Any]:
    return {"field": "roles", "op": "in", "value": [role.pk]}


def _effect(count: int) -> str:
    if not count:
        return _("Nobody has this role yet.")
    told = ngettext("It changes for %(num)s person at once.", "It changes for %(num)s people at once.", count)
    return told % {"num": count}


def _groups(before: Draft, draft: Draft, reader: Reader) -> list[Group]:
    found = [
        Group(group.label, tuple(_row(spec, before, draft, reader) for spec in group.specs))
        for group in offered.groups()
    ]
    others = Row(ANY, words.kind(ANY), "ellipsis", _cells(ANY, before, draft))
    return [*found, Group(_("Whatever is not named above"), (others,))]


def _row(spec: Spec, before: Draft, draft: Draft, reader: Reader) -> Row:
    named = draft.fields.get(spec.key, {})
    refs = offered.fields(spec)
    fields = tuple(FieldRight(ref.path, str(ref.label), named[ref.path]) for ref in refs if ref.path in named)
    actions = tuple((name, label, draft.actions[spec.key][name]) for name, label in offered.actions(spec))
    return Row(
        spec.key,
        words.kind(spec.key),
        spec.icon,
        _cells(spec.key, before, draft),
        tuple(_sentences(spec, draft, reader)),
        fields,
        tuple((ref.path, str(ref.label)) for ref in refs if ref.path not in named),
        actions,
        _detail(fields, actions),
    )


def _cells(key: str, before: Draft, draft: Draft) -> tuple[Cell, ...]:
    return tuple(_cell(key, verb, before, draft) for verb in ORDER)


def _cell(key: str, verb: str, before: Draft, draft: Draft) -> Cell:
    value = draft.scopes[key][verb]
    text = words.of_value(value)
    is_changed = before.scopes[key][verb] != value
    label = f"{words.kind(key)}, {words.VERB_WORDS[verb]}: {text}"
    levels = " ".join(str(offered.LEVELS.index(level)) for level in offered.levels_of(key, verb))
    return Cell(
        key,
        verb,
        offered.LEVELS.index(words.level_of(value)),
        text,
        json.dumps(value, ensure_ascii=False),
        f"{label} ({_('not saved')})" if is_changed else label,
        levels,
        verb in YES_NO_VERBS,
        is_changed,
    )


def _sentences(spec: Spec, draft: Draft, reader: Reader) -> Iterable[tuple[str, str, str]]:
    """(verb, its words, the condition) of each cell by condition."""
    for verb in ORDER:
        said = words.sentence(spec, draft.scopes[spec.key][verb], reader)
        if said:
            yield verb, str(words.VERB_WORDS[verb]), said


def _detail(fields: tuple[FieldRight, ...], actions: tuple[tuple[str, str, bool], ...]) -> str:
    """The last column: how many fields and actions differ from the record."""
    counts = {level: sum(1 for each in fields if each.level == level) for level in FIELD_LEVELS}
    refused = sum(1 for _name, _label, allowed in actions if not allowed)
    told = [
        ngettext("%(num)s hidden", "%(num)s hidden", counts[HIDDEN]) % {"num": counts[HIDDEN]},
        ngettext("%(num)s to read", "%(num)s to read", counts[READ]) % {"num": counts[READ]},
        ngettext("%(num)s to write", "%(num)s to write", counts[WRITE]) % {"num": counts[WRITE]},
        ngettext("%(num)s action less", "%(num)s actions less", refused) % {"num": refused},
    ]
    numbers = (counts[HIDDEN], counts[READ], counts[WRITE], refused)
    return ", ".join(text for text, number in zip(told, numbers, strict=True) if number)


def people_with(roles: Iterable[Role]) -> dict[int, int]:
    """How many active people have each of these roles: one query."""
    counted = Count("people", filter=Q(people__is_active=True))
    rows = Role.objects.filter(pk__in=[role.pk for role in roles]).order_by().annotate(_people=counted)
    return dict(rows.values_list("pk", "_people"))
