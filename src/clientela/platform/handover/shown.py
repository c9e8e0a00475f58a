"""Hand-overs as their pages show them: who gets what in words, and how each one's load changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.kit import dates
from clientela.platform.handover import planning, portfolio, running, work
from clientela.platform.handover.models import HandOver
from clientela.platform.handover.planning import FOLLOW, STAY, TERRITORY, TURNS, Plan, Share
from clientela.platform.people import directory, territories
from clientela.records import registry

LISTED = 12


@dataclass
class Row:
    """A kind of record in the table: its rule, the rules there are for it, and what becomes of it."""

    share: Share
    rules: list[tuple[str, str]]
    chosen: str
    words: str


@dataclass
class Receiver:
    """Somebody who gets something. `before` and `after`: percent of the heaviest load there will be."""

    person: User
    number: int = 0
    parts: list[str] = field(default_factory=list)
    had: int = 0
    amount: Any = 0
    before: int = 0
    after: int = 0
    undone: int = 0

    @property
    def has(self) -> int:
        return self.had + self.number


@dataclass
class Place:
    """A territory in which the leaver has something, with the people it goes to."""

    territory: Any
    number: int
    people: list[User]


def plan(made: Plan) -> dict[str, Any]:
    """Context of the page that shares out."""
    people = _people_of(made)
    receivers = _receivers(made, people)
    return {
        "plan": made,
        "wish": made.wish,
        "rules": _cards(),
        "rows": [_row(share, made, people) for share in made.shares if share.open or share.closed],
        "receivers": receivers,
        "not_yet_in": [str(person) for person in _not_yet_in(receivers)],
        "places": _places(made),
        "seen": made.fingerprint(),
        "base": settings.BASE_CURRENCY,
    }


def _people_of(made: Plan) -> dict[int, User]:
    ids = {person for share in made.shares for person in share.given}
    ids |= {int(rule) for rule in (*made.wish.own.values(), *made.wish.single.values()) if rule.isdigit()}
    ids |= {person.pk for person in made.wish.receivers}
    return {person.pk: person for person in User.objects.filter(pk__in=ids).order_by("name", "pk")}


def _territory_word() -> str:
    found = territories.every()
    return str(found[0].spec.label).lower() if found else ""


def _cards() -> list[tuple[str, str, str]]:
    cards = [(planning.ONE, _("All to one person"), _("Quick. Whoever gets it decides later."))]
    word = _territory_word()
    if word:
        cards.append(
            (
                TERRITORY,
                _("By %(territory)s") % {"territory": word},
                _("To the people of each one, in turns; the rest to those chosen."),
            )
        )
    return [*cards, (TURNS, _("In turns"), _("One to each of those chosen, so that all get as many."))]


def _row(share: Share, made: Plan, people: dict[int, User]) -> Row:
    kind, followed = share.kind, share.kind.work.follows
    rules = [("", _("As chosen above"))]
    if followed:
        label = str(kind.spec.model._meta.get_field(followed[0]).verbose_name).lower()  # type: ignore[union-attr]
        rules = [(FOLLOW, _("With its %(record)s") % {"record": label})]
    if planning.territory_of(kind) is not None:
        rules.append((TERRITORY, _("By %(territory)s") % {"territory": _territory_word()}))
    rules.append((TURNS, _("In turns")))
    rules += [(str(pk), _("To %(name)s") % {"name": person.name}) for pk, person in people.items()]
    rules.append((STAY, _("Stays for now")))
    chosen = made.wish.own.get(kind.key) or (FOLLOW if followed else "")
    return Row(share, rules, chosen, _who_gets(share, people))


def _who_gets(share: Share, people: dict[int, User]) -> str:
    parts = [
        f"{people[person].name} {len(ids)}"
        for person, ids in sorted(share.given.items(), key=lambda each: -len(each[1]))
    ]
    more = len(parts) - 4
    if more > 0:
        parts = [*parts[:4], _("%(n)s more") % {"n": more}]
    if share.undecided:
        parts.append(
            ngettext("%(n)s undecided", "%(n)s undecided", len(share.undecided)) % {"n": len(share.undecided)}
        )
    return " · ".join(parts)


def _receivers(made: Plan, people: dict[int, User]) -> list[Receiver]:
    found = [_receiver(person, made) for person in people.values() if _takes_part(person, made)]
    heaviest = max((each.has for each in found), default=0) or 1
    for each in found:
        each.before, each.after = each.had * 100 // heaviest, each.has * 100 // heaviest
    return sorted(found, key=lambda each: -each.number)


def _not_yet_in(receivers: Iterable[Receiver]) -> Iterable[User]:
    """Those who get something and were invited, but have not come yet."""
    ids = [each.person.pk for each in receivers if each.number]
    return User.objects.filter(directory.is_invited(), pk__in=ids).order_by("name", "pk")


def _takes_part(person: User, made: Plan) -> bool:
    return person in made.wish.receivers or any(person.pk in share.given for share in made.shares)


def _receiver(person: User, made: Plan) -> Receiver:
    loads = made.loads.get(person.pk, {})
    shown = Receiver(person, had=sum(loads.values()))
    for share in made.shares:
        number = len(share.given.get(person.pk, ()))
        if number:
            shown.parts.append(_counted(share.kind, number, loads.get(share.kind.key, 0)))
        shown.number += number
        shown.amount += share.amounts.get(person.pk) or 0
    return shown


def _counted(kind: work.Kind, number: int, had: int) -> str:
    words = {"what": str(kind.spec.label_plural), "n": number, "before": had, "after": had + number}
    return _("%(what)s: %(n)s, from %(before)s to %(after)s") % words


def _places(made: Plan) -> list[Place]:
    """The territories that matter for the plan, most first: one query a kind of territory."""
    if not any(
        made.wish.rule_for(share.kind) == TERRITORY or _falls_back(share, made) for share in made.shares
    ):
        return []
    counted: dict[str, dict[int, int]] = {}
    for share in made.shares:
        place = planning.territory_of(share.kind)
        if place is not None:
            numbers = counted.setdefault(place.record, {})
            for each, number in share.by_territory.items():
                numbers[each] = numbers.get(each, 0) + number
    found = [each for key, numbers in counted.items() for each in _places_of(key, numbers, made.wish.leaver)]
    return sorted(found, key=lambda each: -each.number)


def _falls_back(share: Share, made: Plan) -> bool:
    return made.wish.rule_for(share.kind) == FOLLOW and made.wish.rule == TERRITORY


def _places_of(key: str, numbers: dict[int, int], leaver: User) -> Iterable[Place]:
    territory = territories.of_record(key)
    assert territory is not None
    rows = territory.spec.model._default_manager.filter(pk__in=numbers).prefetch_related(territory.people)
    for each in rows:
        people = [one for one in getattr(each, territory.people).all() if one.is_active and one != leaver]
        yield Place(each, numbers[each.pk], people)


# --- what came of it -------------------------------------------------------------------------------


def result(job: HandOver, actor: Actor) -> dict[str, Any]:
    """Context of the page of a hand-over that was begun."""
    gone = {} if job.is_moving or not job.has_begun else running.taken_back(job)
    numbers: dict[int, dict[str, int]] = {}
    for key, receivers in job.plan.items():
        for receiver, ids in receivers.items():
            numbers.setdefault(int(receiver), {})[key] = len(ids)
    people = User.objects.in_bulk(list(numbers))
    receivers = [_received(people[pk], numbers[pk], gone.get(pk, 0)) for pk in numbers]
    job.leaver.refresh_from_db()
    return {
        "job": job,
        "leaver": job.leaver,
        "stale": job.is_stale,
        "words": words_of(job) if job.has_begun else due_words(job),
        "receivers": sorted(receivers, key=lambda each: -each.number),
        "all_undone": bool(gone) and sum(gone.values()) >= job.total - len(job.left),
        "open_left": portfolio.open_work(job.leaver, actor),
        "left": [(_label(key), title, reason) for key, _pk, title, reason in job.left[:LISTED]],
    }


def _received(person: User, numbers: dict[str, int], undone: int) -> Receiver:
    parts = [f"{_label(key)}: {number}" for key, number in numbers.items()]
    return Receiver(person, number=sum(numbers.values()), parts=parts, undone=undone)


def _label(key: str) -> str:
    spec = registry.find(key)
    return str(spec.label_plural) if spec is not None else key


def due_words(job: HandOver) -> str:
    """When one that is planned is done, or by whom it was cancelled."""
    if job.cancelled_by is not None:
        return _("Cancelled by %(name)s") % {"name": job.cancelled_by.name}
    assert job.due_at is not None
    day = job.due_at.astimezone(ZoneInfo(job.by.time_zone)).date()
    return _("It is done on %(day)s") % {"day": dates.format_date(day, translation.get_language() or "es")}


def words_of(job: HandOver) -> str:
    """What came of it, in words."""
    given = job.done - len(job.left)
    return ngettext("%(n)s record handed over", "%(n)s records handed over", given) % {"n": given}
