"""What somebody looks after, by kind, with its number: for her page, and before she is deactivated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.handover import work
from clientela.records import conditions, query, urlnames
from clientela.records.spec import Panel, Spec
from clientela.records.views.base import actor_from


@dataclass(frozen=True)
class Owned:
    """How many records of a kind somebody looks after, of them open, and the lists that show them."""

    spec: Spec
    all: int
    open: int
    url: str
    open_url: str


def of_person(person: User, reader: Actor) -> list[Owned]:
    """By kind, what `person` looks after and `reader` may see: one query a kind."""
    return [
        _owned(kind, person, reader)
        for kind in work.kinds()
        if policy.may(reader, "see", kind.spec) and kind.owner not in policy.hidden_fields(reader, kind.spec)
    ]


def _owned(kind: work.Kind, person: User, reader: Actor) -> Owned:
    mine = {"field": kind.owner, "op": "in", "value": [person.pk]}
    is_open = conditions.compile_condition(kind.spec, dict(kind.work.open), reader)
    rows = query.visible(kind.spec, reader).filter(**{kind.owner: person.pk})
    counted = rows.aggregate(all=Count("pk"), open=Count("pk", filter=is_open or Q(pk__isnull=False)))
    opened = {"all": [mine, dict(kind.work.open)]} if kind.work.open else mine
    return Owned(kind.spec, counted["all"], counted["open"], _url(kind, mine), _url(kind, opened))


def _url(kind: work.Kind, condition: Mapping[str, Any]) -> str:
    text = json.dumps(condition, ensure_ascii=False, separators=(",", ":"))
    return urlnames.list_url(kind.spec, view="all", filter=text)


def open_work(person: User, actor: Actor) -> int:
    """How many open records somebody looks after, whoever may see them."""
    return sum(kind.of(kind.open_rows(actor), person).count() for kind in work.kinds())


def _context(request: HttpRequest, instance: Any) -> dict[str, Any]:
    found = of_person(instance, actor_from(request))
    return {"owned": found, "total": sum(each.all for each in found)}


PANEL = Panel("portfolio", _("Portfolio"), "handover/_portfolio.html", _context)
