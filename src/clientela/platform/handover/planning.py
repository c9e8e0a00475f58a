"""Who gets what of a leaver's work, by the rules that were chosen. Reads only; nothing is changed here."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, IntegerField, Sum, Value

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.handover.work import Kind
from clientela.platform.people import territories
from clientela.records import refs

ONE, TERRITORY, TURNS = "one", "territory", "turns"
FOLLOW, STAY = "follow", "stay"
RULES = (ONE, TERRITORY, TURNS)


@dataclass(frozen=True)
class Wish:
    """What was chosen. `receivers`: in the order in which they take turns; the first gets all by `ONE`.

    `own`: by key of a kind, a rule of its own: `FOLLOW`, `TERRITORY`, `TURNS`, `STAY` or the id of a person.
    `single`: by (key, id) of a record, whom it goes to whatever the rules say: the id of a person, or `STAY`.
    `others`: people who take no turns but may be given single records.
    """

    leaver: User
    receivers: tuple[User, ...] = ()
    rule: str = TURNS
    own: Mapping[str, str] = field(default_factory=dict)
    single: Mapping[tuple[str, int], str] = field(default_factory=dict)
    others: tuple[User, ...] = ()

    def rule_for(self, kind: Kind) -> str:
        return self.own.get(kind.key) or (FOLLOW if kind.work.follows else self.rule)


@dataclass
class Share:
    """What becomes of one kind of record.

    `given`: by id of the receiver, the ids in their order; `undecided`: the ids of those that stay for now;
    `closed`: how many stay because they are closed.
    """

    kind: Kind
    rule: str
    given: dict[int, list[int]] = field(default_factory=dict)
    undecided: list[int] = field(default_factory=list)
    closed: int = 0
    amounts: dict[int, Any] = field(default_factory=dict)
    amount: Any = None
    by_territory: Counter[int] = field(default_factory=Counter)

    @property
    def open(self) -> int:
        return sum(map(len, self.given.values())) + len(self.undecided)


@dataclass
class Plan:
    """All of it, by kind. `loads`: by id of a person and key, how many open records they have now."""

    wish: Wish
    shares: list[Share]
    loads: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(len(ids) for share in self.shares for ids in share.given.values())

    @property
    def undecided(self) -> int:
        return sum(len(share.undecided) for share in self.shares)

    @property
    def closed(self) -> int:
        return sum(share.closed for share in self.shares)

    def as_data(self) -> dict[str, dict[str, list[int]]]:
        """As `HandOver.plan` keeps it."""
        return {
            share.kind.key: {str(receiver): ids for receiver, ids in share.given.items()}
            for share in self.shares
            if share.given
        }

    def fingerprint(self) -> str:
        """Changes with what would be done: who confirms must have seen this very plan."""
        text = json.dumps([self.as_data(), {share.kind.key: share.undecided for share in self.shares}])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class Turns:
    """Each next one goes to whoever has been given fewest, the first named of them."""

    def __init__(self, people: Iterable[int]) -> None:
        self.counts = dict.fromkeys(people, 0)

    def next(self) -> int | None:
        if not self.counts:
            return None
        chosen = min(self.counts, key=lambda person: self.counts[person])
        self.counts[chosen] += 1
        return chosen


def make(wish: Wish, kinds: Sequence[Kind], actor: Actor) -> Plan:
    """The plan of a hand-over: two queries a kind, one a kind of territory."""
    places = {each.record: _people_of(each, wish.leaver) for each in territories.every()}
    shares: list[Share] = []
    owners: dict[tuple[str, int], int] = {}
    for kind in kinds:
        share = _share(kind, wish, actor, owners, places)
        owners |= {(kind.key, pk): person for person, ids in share.given.items() for pk in ids}
        shares.append(share)
    return Plan(wish, shares)


def _people_of(territory: territories.Territory, leaver: User) -> dict[int, list[int]]:
    """Who is active in each territory, but the leaver: by its id, in the order of their names."""
    path = territory.people
    rows = territory.spec.model._default_manager.filter(**{f"{path}__is_active": True})
    found: dict[int, list[int]] = {}
    for place, person in rows.order_by("pk", f"{path}__name", f"{path}__pk").values_list("pk", f"{path}__pk"):
        if person != leaver.pk:
            found.setdefault(place, []).append(person)
    return found


def _share(
    kind: Kind,
    wish: Wish,
    actor: Actor,
    owners: Mapping[tuple[str, int], int],
    places: Mapping[str, Mapping[int, list[int]]],
) -> Share:
    share = Share(kind, wish.rule_for(kind), closed=kind.of(kind.closed_rows(actor), wish.leaver).count())
    links = _links(kind)
    place = territory_of(kind)
    people = places.get(place.record, {}) if place is not None else {}
    chooser = _Chooser(share.rule, wish, people)
    for pk, amount, where, *linked in _rows(kind, wish, actor, links):
        exception = wish.single.get((kind.key, pk), "")
        if exception:
            receiver = None if exception == STAY else int(exception)
        else:
            followed = _followed(links, linked, owners, wish.leaver.pk) if share.rule == FOLLOW else None
            receiver = followed or chooser.choose(where)
        if where is not None:
            share.by_territory[where] += 1
        if receiver is None:
            share.undecided.append(pk)
            continue
        share.given.setdefault(receiver, []).append(pk)
        if amount is not None:
            share.amounts[receiver] = share.amounts.get(receiver, 0) + amount
    return share


class _Chooser:
    """By the rule of a kind, for what does not go along with another record."""

    def __init__(self, rule: str, wish: Wish, places: Mapping[int, list[int]]) -> None:
        self.rule = wish.rule if rule == FOLLOW else rule
        chosen = [person.pk for person in wish.receivers]
        if self.rule == ONE:
            chosen = chosen[:1]
        elif self.rule.isdigit():
            chosen = [int(self.rule)]
        elif self.rule == STAY:
            chosen = []
        self.turns = Turns(chosen)
        self.places = {place: Turns(people) for place, people in places.items()}

    def choose(self, place: int | None) -> int | None:
        if self.rule == TERRITORY and place in self.places:
            return self.places[place].next()
        return self.turns.next()


Links = Sequence[tuple[str, str]]


def _links(kind: Kind) -> list[tuple[str, str]]:
    """Path and key of the kind of each link that its records go along with."""
    known = refs.fields_of(kind.spec)
    targets = ((name, known[name].target) for name in kind.work.follows)
    return [(name, target.key) for name, target in targets if target is not None and target.access.owner]


def territory_of(kind: Kind) -> territories.Territory | None:
    """The kind of territory that its records lie in, where one is declared."""
    if not kind.work.territory:
        return None
    target = refs.resolve(kind.spec, kind.work.territory).target
    return territories.of_record(target.key) if target is not None else None


def _rows(kind: Kind, wish: Wish, actor: Actor, links: Links) -> Any:
    """Tuples of id, amount, territory, then id, owner and whether active of each link."""
    known = refs.fields_of(kind.spec)
    paths: list[str] = []
    for name, _key in links:
        target = known[name].target
        assert target is not None
        owner = f"{name}__{target.access.owner}"
        paths += [f"{name}_id", f"{owner}_id", f"{owner}__is_active"]
    nothing = Value(None, output_field=IntegerField())
    amount = F(kind.work.amount) if kind.work.amount else nothing
    place = F(f"{kind.work.territory}_id") if kind.work.territory else nothing
    rows = kind.of(kind.open_rows(actor), wish.leaver).order_by("pk")
    return rows.annotate(_amount=amount, _place=place).values_list("pk", "_amount", "_place", *paths)


def _followed(
    links: Links, linked: Sequence[Any], owners: Mapping[tuple[str, int], int], leaver: int
) -> int | None:
    """Whoever gets, or has, the first linked record that somebody looks after from now on."""
    for place, (_name, key) in enumerate(links):
        record, owner, is_active = linked[place * 3 : place * 3 + 3]
        if record is None:
            continue
        if (key, record) in owners:
            return owners[key, record]
        if owner is not None and owner != leaver and is_active:
            return int(owner)
    return None


def with_loads(plan: Plan, actor: Actor) -> Plan:
    """The plan with what its receivers have now, and what the leaver's open work is worth."""
    receivers = {person for share in plan.shares for person in share.given}
    receivers |= {person.pk for person in plan.wish.receivers}
    for share in plan.shares:
        kind = share.kind
        rows = kind.open_rows(actor).filter(**{f"{kind.owner}__in": receivers})
        counted = rows.values_list(f"{kind.owner}_id").annotate(n=Count("pk")).order_by()
        for person, number in counted:
            plan.loads.setdefault(person, {})[kind.key] = number
        if kind.work.amount:
            mine = kind.of(kind.open_rows(actor), plan.wish.leaver)
            share.amount = mine.aggregate(sum=Sum(kind.work.amount))["sum"]
    return plan
