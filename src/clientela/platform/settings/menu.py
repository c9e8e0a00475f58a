"""The pages of the settings, by group: those that rooms add, and the words of every kind there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.urls import reverse

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.settings.page import COMPANY, WORDS, Group, added
from clientela.records import registry, urlnames
from clientela.records.spec import Spec


@dataclass(frozen=True)
class Entry:
    """A page in the settings' menu."""

    key: str
    label: str
    icon: str
    url: str
    text: str = ""


def groups(actor: Actor) -> list[tuple[str, list[Entry]]]:
    """What stands in the settings for `actor`, in order."""
    found: list[tuple[Group, Entry]] = [
        (page.group, Entry(page.key, str(page.label), page.icon, reverse(page.url_name), str(page.text)))
        for page in added()
    ]
    found += [(_group_of(spec), _entry(spec)) for spec in _configured(actor)]
    found.sort(key=lambda pair: pair[0][0])
    return [
        (str(group[1]), [entry for _group, entry in pairs])
        for group, pairs in ((key, list(each)) for key, each in _grouped(found))
    ]


def _grouped(found: Iterable[tuple[Group, Entry]]) -> Any:
    return groupby(found, key=lambda pair: pair[0])


def _configured(actor: Actor) -> list[Spec]:
    replaced = {key for page in added() for key in page.replaces}
    specs = [
        spec
        for spec in registry.every()
        if spec.access.configuration and spec.key not in replaced and policy.may(actor, "change", spec)
    ]
    return sorted(specs, key=attrgetter("menu"))


def _group_of(spec: Spec) -> Group:
    """Words may be written in their lists; people and teams may not, they belong to the company."""
    return WORDS if spec.inline else COMPANY


def _entry(spec: Spec) -> Entry:
    return Entry(spec.plural, str(spec.label_plural), spec.icon, urlnames.list_url(spec))
