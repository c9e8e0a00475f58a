"""Who works here, as the settings list them: by team in the order of the tree, or by name, a page at a time.

A fixed number of queries however many people and teams there are: teams are counted, the page's part of the
tree is found, and only its people are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.access.models import Team, User
from clientela.kit.text import fold
from clientela.platform.audit.models import SecurityEvent
from clientela.platform.signing import factors, throttle
from clientela.platform.signing.models import Invitation
from clientela.records import conditions, refs, registry

SIZE = 100
ALL, INVITED, NO_FACTOR, OFF = "all", "invited", "no-factor", "off"
TABS = (ALL, INVITED, NO_FACTOR, OFF)
ACTIVE, LOCKED = "active", "locked"
COLORS = {ACTIVE: "green", INVITED: "blue", LOCKED: "red", OFF: "gray"}
KEY, CODE, MISSING, NONE = "key", "code", "missing", "none"


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    tab: str = ALL
    text: str = ""
    by_name: bool = False
    page: int = 1


@dataclass
class Entry:
    """A person in the list. `factor`: how she shows who she is; `state` with its words."""

    person: User
    roles: list[str]
    factor: str
    state: str
    words: str
    invitation: Invitation | None = None

    @property
    def color(self) -> str:
        return COLORS[self.state]


@dataclass
class Group:
    """A team with its people on this page; `team` None for those without one. `count`: all that it has."""

    team: Team | None
    level: int
    count: int
    managers: str = ""
    entries: list[Entry] = field(default_factory=list)


def people(asked: Asked) -> QuerySet[User]:
    """The people that a tab and a search show."""
    rows = _of_tab(User.objects.order_by(), asked.tab)
    known = refs.fields_of(registry.get("user"))
    texts = [known["name"], known["email"]]
    parts = (reduce(or_, (conditions.containing(ref, word) for ref in texts)) for word in asked.text.split())
    return rows.filter(*parts)


def _of_tab(rows: QuerySet[User], tab: str) -> QuerySet[User]:
    if tab == OFF:
        return rows.filter(is_active=False)
    rows = rows.filter(is_active=True)
    if tab == INVITED:
        return rows.filter(is_invited())
    return rows.filter(~has_factor(), ~is_invited()) if tab == NO_FACTOR else rows


def is_invited() -> Exists:
    """Whether a person was asked in and has not come yet."""
    return Exists(Invitation.objects.filter(user=OuterRef("pk"), accepted_at=None, revoked_at=None))


def has_factor() -> Exists:
    """Whether a person is asked for more than a password."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=factors.MAIN))


def counts() -> dict[str, int]:
    """How many people each tab shows, and `required`: those who lack a factor that a role asks for."""
    active, lacking = Q(is_active=True), Q(~has_factor(), ~is_invited(), is_active=True)
    found: dict[str, int] = User.objects.aggregate(
        all=Count("pk", filter=active),
        invited=Count("pk", filter=active & Q(is_invited())),
        lacking=Count("pk", filter=lacking),
        off=Count("pk", filter=Q(is_active=False)),
    )
    asking = User.roles.through.objects.filter(user=OuterRef("pk"), role__requires_mfa=True)
    required = User.objects.filter(lacking, Exists(asking)).count()
    return {ALL: found["all"], INVITED: found["invited"], NO_FACTOR: found["lacking"], OFF: found["off"]} | {
        "required": required
    }


def by_name(asked: Asked) -> tuple[list[Entry], int]:
    """The people of a page in the order of their names, and how many pages there are."""
    rows = people(asked)
    pages = _pages(rows.count())
    start = (min(asked.page, pages) - 1) * SIZE
    return entries(rows.select_related("team").order_by("name", "pk")[start : start + SIZE]), pages


def by_team(asked: Asked) -> tuple[list[Group], int]:
    """The part of the tree that a page shows, and how many pages there are.

    Every team and every person takes a line; a team that goes on from the page before stands there again.
    Where something is searched for, teams in which nobody was found are left out.
    """
    rows = people(asked)
    numbers: dict[int | None, int] = dict(rows.values_list("team").annotate(Count("pk")))
    whole = asked.tab == ALL and not asked.text
    groups = [group for group in _tree(numbers) if group.count or (whole and group.team is not None)]
    pages = _pages(sum(1 + group.count for group in groups))
    start = (min(asked.page, pages) - 1) * SIZE
    shown, before, number = _on_page(groups, start)
    _fill(shown, rows, before, number)
    return shown, pages


def _pages(lines: int) -> int:
    return max(1, -(-lines // SIZE))


def _tree(numbers: Mapping[int | None, int]) -> list[Group]:
    """All teams from the top, each followed by those below it, and at the end whoever has none."""
    children: dict[int | None, list[Team]] = {}
    for team in sorted(
        Team.objects.prefetch_related("managers"), key=lambda each: (fold(each.name), each.pk)
    ):
        children.setdefault(team.parent_id, []).append(team)
    found: list[Group] = []
    waiting = [(team, 1) for team in reversed(children.get(None, []))]
    while waiting:
        team, level = waiting.pop()
        managers = ", ".join(person.name for person in team.managers.all())
        found.append(Group(team, level, numbers.get(team.pk, 0), managers))
        waiting += [(each, level + 1) for each in reversed(children.get(team.pk, []))]
    return [*found, Group(None, 1, numbers.get(None, 0))]


def _on_page(groups: Sequence[Group], start: int) -> tuple[list[Group], int, int]:
    """The groups of which a line is on the page, how many people of the first are on earlier ones, and how
    many people the page has."""
    shown: list[Group] = []
    line, before, number = 0, 0, 0
    for group in groups:
        if line >= start + SIZE:
            break
        end = line + 1 + group.count
        if end > start:
            if not shown:
                before = max(0, start - line - 1)
            shown.append(group)
            number += min(end, start + SIZE) - max(start, line + 1)
        line = end
    return shown, before, number


def _fill(shown: Sequence[Group], rows: QuerySet[User], before: int, number: int) -> None:
    """Read the people of the page and put each into her group: one query."""
    if not shown:
        return
    places = [When(team=group.team, then=Value(place)) for place, group in enumerate(shown) if group.team]
    order: Any = Case(*places, default=Value(len(shown)), output_field=IntegerField())
    wanted = Q(team__in=[group.team for group in shown if group.team])
    if any(group.team is None for group in shown):
        wanted |= Q(team=None)
    found = rows.filter(wanted).order_by(order, "name", "pk")[before : before + number]
    groups = {group.team.pk if group.team else None: group for group in shown}
    for entry in entries(found):
        groups[entry.person.team_id].entries.append(entry)


def entries(rows: Iterable[User]) -> list[Entry]:
    """People with all that the list says of them: five queries."""
    if isinstance(rows, QuerySet):
        rows = rows.prefetch_related("roles")
    found = list(rows)
    ids = [person.pk for person in found]
    kinds: dict[int, set[str]] = {}
    for person, kind in Authenticator.objects.filter(user__in=ids, type__in=factors.MAIN).values_list(
        "user", "type"
    ):
        kinds.setdefault(person, set()).add(kind)
    invited: dict[int, Invitation] = {}
    for each in Invitation.objects.filter(user__in=ids, accepted_at=None, revoked_at=None).order_by("pk"):
        invited[each.user_id] = each
    since = timezone.now() - throttle.LONGEST_WAIT
    held = SecurityEvent.objects.filter(kind="too_many_attempts", at__gt=since)
    locked = set(held.filter(detail__in=[person.email for person in found]).values_list("detail", flat=True))
    return [
        _entry(person, kinds.get(person.pk, set()), invited.get(person.pk), person.email in locked)
        for person in found
    ]


def _entry(person: User, kinds: set[str], invitation: Invitation | None, is_locked: bool) -> Entry:
    held = list(person.roles.all())
    state, words = _state(person, invitation, is_locked)
    if Authenticator.Type.WEBAUTHN in kinds:
        factor = KEY
    elif kinds:
        factor = CODE
    else:
        factor = MISSING if any(role.requires_mfa for role in held) else NONE
    return Entry(person, sorted(role.label for role in held), factor, state, words, invitation)


def _state(person: User, invitation: Invitation | None, is_locked: bool) -> tuple[str, str]:
    if not person.is_active:
        return OFF, _("Deactivated")
    if invitation is not None:
        return INVITED, _invited_words(invitation)
    if is_locked:
        return LOCKED, _("Held up: too many attempts")
    return ACTIVE, _("Active")


def _invited_words(invitation: Invitation) -> str:
    now = timezone.now()
    if invitation.expires_at <= now:
        return _("Invitation expired")
    days = (now - invitation.created_at) // dt.timedelta(days=1)
    if not days:
        return _("Invited today")
    return ngettext("Invited %(n)s day ago", "Invited %(n)s days ago", days) % {"n": days}
