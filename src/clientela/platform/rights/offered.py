"""What the grid of a role speaks of: kinds of record by module, their verbs, fields and actions."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.access.rules import ALL, ANY, NONE, OWN, TEAM, TEAM_BELOW, VERBS, YES_NO_VERBS
from clientela.records import refs, registry
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

SCOPED_VERBS = tuple(verb for verb in VERBS if verb not in YES_NO_VERBS)
CONDITION = "condition"
LEVELS = (NONE, OWN, TEAM, TEAM_BELOW, ALL, CONDITION)
"""How far a verb reaches; the place of each is its key and its number of bars."""
_TECHNICAL = frozenset({"id", "version"})


@dataclass(frozen=True)
class KindGroup:
    """Kinds of record under one heading."""

    label: str
    specs: tuple[Spec, ...]


def kinds() -> list[Spec]:
    """The kinds that a role may speak of; people, teams, roles and shares are the administrators' own."""
    return [spec for spec in registry.every() if spec.module or not spec.access.configuration]


def groups() -> list[KindGroup]:
    """The same by module, then what belongs to every record, then the lists of values."""
    plain = sorted((spec for spec in kinds() if not spec.access.configuration), key=attrgetter("menu"))
    found = [
        KindGroup(label, tuple(spec for spec in plain if spec.module == module))
        for module, label in modules()
    ]
    found.append(KindGroup(_("On every record"), tuple(spec for spec in plain if not spec.module)))
    values = sorted((spec for spec in kinds() if spec.access.configuration), key=lambda each: str(each.label))
    found.append(KindGroup(_("Lists of values"), tuple(values)))
    return [group for group in found if group.specs]


def modules() -> list[tuple[str, str]]:
    """Apps that can be switched off, with their names."""
    labels = dict.fromkeys(spec.module for spec in kinds() if spec.module)
    return [(label, str(apps.get_app_config(label).verbose_name)) for label in labels]


def levels_of(key: str, verb: str) -> tuple[str, ...]:
    """How far the verb may reach with records of this kind; nobody's records have no owner to ask about."""
    if verb in YES_NO_VERBS:
        return (NONE, ALL)
    if key == ANY:
        return LEVELS[:-1]
    spec = registry.get(key)
    return LEVELS if spec.access.owner else (NONE, ALL, CONDITION)


def fields(spec: Spec) -> list[FieldRef]:
    """The fields that a role may hide or keep from being written."""
    hidden = {*_TECHNICAL, spec.title, *spec.exclude}
    return [ref for name, ref in refs.fields_of(spec).items() if name not in hidden]


def actions(spec: Spec) -> list[tuple[str, str]]:
    """Names and words of what can be done to a record beside changing it."""
    own = [(action.name, str(action.label)) for action in spec.actions]
    merges = [("merge", pgettext("verb", "Merge"))] if spec.duplicates.exact or spec.duplicates.name else []
    shares = [] if spec.access.configuration or spec.visible else [("share", pgettext("verb", "Share"))]
    return [*own, *merges, *shares]


def is_confidential(spec: Spec, name: str) -> bool:
    """Whether the description marks the field as private."""
    return name in spec.access.private


def find(key: str) -> Any:
    """The kind with this key if a role may speak of it; None else."""
    spec = registry.find(key)
    return spec if spec is not None and spec in kinds() else None
