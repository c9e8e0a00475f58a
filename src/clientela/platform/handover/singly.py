"""Exceptions: single records that go to somebody else than the rules say, or stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.handover.planning import STAY, Plan, Share
from clientela.records import conditions, refs
from clientela.records.spec import Spec

LISTED = 25


@dataclass(frozen=True)
class Single:
    """A record with whom it goes to. `chosen`: the exception made for it, "" for none."""

    spec: Spec
    id: int
    title: str
    chosen: str
    now: str

    @property
    def name(self) -> str:
        """Of its control in the form."""
        return f"one-{self.spec.key}-{self.id}"


def listed(plan: Plan, opened: str, text: str) -> dict[str, Any]:
    """Context of the exceptions: those that were made, then the first of the kind `opened` that hold `text`.

    A query for each kind of which there are exceptions, one more for the opened one.
    """
    people = _people(plan)
    made = [each for share in plan.shares for each in _made(share, plan, people)]
    share = next((each for each in plan.shares if each.kind.key == opened and each.open), None)
    more = list(_of_kind(share, plan, text, people)) if share is not None else []
    return {
        "opened": opened if share is not None else "",
        "find": text,
        "kinds": [each.kind for each in plan.shares if each.open],
        "singles": [*made, *more[:LISTED]],
        "more_singles": len(more) > LISTED,
        "choices": [
            ("", _("By the rule")),
            *((str(pk), _("To %(name)s") % {"name": name}) for pk, name in people.items()),
            (STAY, _("Stays for now")),
        ],
    }


def _people(plan: Plan) -> dict[int, str]:
    """Those to choose from: who receives by the rules, and who was named for single records."""
    wish = plan.wish
    ids = {person for share in plan.shares for person in share.given}
    ids |= {int(value) for value in (*wish.own.values(), *wish.single.values()) if value.isdigit()}
    ids |= {person.pk for person in (*wish.receivers, *wish.others)}
    rows = User.objects.filter(pk__in=ids).order_by("name", "pk").values_list("pk", "name")
    return {pk: str(name) for pk, name in rows}


def _made(share: Share, plan: Plan, people: dict[int, str]) -> Iterable[Single]:
    key = share.kind.key
    ids = [pk for kind, pk in plan.wish.single if kind == key]
    return _singles(share, plan, Q(pk__in=ids), people, len(ids)) if ids else ()


def _of_kind(share: Share, plan: Plan, text: str, people: dict[int, str]) -> Iterable[Single]:
    chosen = [pk for kind, pk in plan.wish.single if kind == share.kind.key]
    wanted = ~Q(pk__in=chosen)
    if text.strip():
        title = refs.fields_of(share.kind.spec)[share.kind.spec.title]
        wanted &= conditions.containing(title, text.replace("\x00", "").strip())
    return _singles(share, plan, wanted, people, LISTED + 1)


def _singles(share: Share, plan: Plan, wanted: Q, people: dict[int, str], most: int) -> Iterable[Single]:
    kind, spec = share.kind, share.kind.spec
    now = {pk: person for person, ids in share.given.items() for pk in ids}
    rows = spec.model._default_manager.filter(**{kind.owner: plan.wish.leaver.pk}).filter(wanted)
    rows = rows.filter(pk__in=[*now, *share.undecided]).order_by(spec.title, "pk")
    for pk, title in rows.values_list("pk", spec.title)[:most]:
        stays = _("stays with %(name)s") % {"name": plan.wish.leaver.name}
        chosen = plan.wish.single.get((kind.key, pk), "")
        yield Single(spec, pk, str(title), chosen, people[now[pk]] if pk in now else stays)
