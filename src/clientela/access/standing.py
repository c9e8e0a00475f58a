"""Everything about a person that rights depend on, read in one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from clientela.access import ready_made, rules
from clientela.access.grants import NO_GRANTS, Grants
from clientela.access.models import Role, Share, ShareLevel, Team, TeamReach, User

FEW = 500
"""Up to so many people or shares are named in queries, so that the database knows what it looks for."""
_ROLE, _TEAM, _PERSON, _SHARE = 1, 2, 3, 4
# What stands in the prepared statement for a person, her team and the time at which it is asked.
_ME, _OURS, _THEN = -(2**30), -(2**30) - 1, dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """`teams`: her own and those she manages. `people`: (id, team) of everybody in them and below, and
    `shares`: (kind, id, may write) of what is shared with her; None where there are more than `FEW`.
    `shared`: (kind, may write) of each kind of which there are such records.
    """

    grants: Grants = NO_GRANTS
    teams: tuple[int, ...] = ()
    people: tuple[tuple[int, int], ...] | None = ()
    shares: tuple[tuple[str, int, bool], ...] | None = ()
    shared: frozenset[tuple[str, bool]] = frozenset()


NOBODY = Standing()


def standing_of(user: User) -> Standing:
    """Read once for each instance of a person, that is once a request."""
    if user.standing is None:
        user.standing = _read(user)
    return user.standing


def grants_of(roles: Iterable[tuple[str, bool, str]]) -> Grants:
    """From (key, is an administrator's, rules) of each role; "" as rules are those of the ready-made one."""
    held = list(roles)
    if any(is_administrator for _key, is_administrator, _rules in held):
        return Grants(administrator=True)
    texts = {rules_text(key, kept) for key, _administrator, kept in held}
    return Grants(roles=tuple(rules.load(text) for text in sorted(texts)))


def rules_text(key: str, kept: str) -> str:
    """The rules of a role as JSON: those kept for it, else those of the ready-made role of this key."""
    ready = ready_made.ROLES.get(key)
    return kept or (ready.rules if ready is not None else "{}")


def _read(user: User) -> Standing:
    found: dict[int, list[Any]] = {_ROLE: [], _TEAM: [], _PERSON: [], _SHARE: []}
    for what, word, number, other, text in _rows(user):
        found[what].append((word, number, other, text))
    teams = {number for _word, number, _other, _text in found[_TEAM]}
    teams |= {user.team_id} if user.team_id is not None else set()
    people = tuple(sorted({(number, other) for _word, number, other, _text in found[_PERSON]}))
    shares = tuple((word, number, bool(other)) for word, number, other, _text in found[_SHARE])
    shared = frozenset((word, writes) for word, _number, writes in shares)
    return Standing(
        grants_of((word, bool(other), text) for word, _number, other, text in found[_ROLE]),
        tuple(sorted(teams)),
        people if len(people) <= FEW else None,
        shares if len(shares) <= FEW else None,
        shared if len(shares) <= FEW else _shared_kinds(user),
    )


def _rows(user: User) -> list[tuple[Any, ...]]:
    statement, parameters = _statement(connection.vendor)
    then, now = map(connection.ops.adapt_datetimefield_value, (_THEN, timezone.now()))
    given = {_ME: user.pk, _OURS: user.team_id or 0, then: now}
    with connection.cursor() as cursor:
        cursor.execute(statement, [given.get(each, each) for each in parameters])
        return list(cursor.fetchall())


@cache
def _statement(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The query and its parameters, made once: every request asks it, and making costs more than asking."""
    nobody = User(pk=_ME, team_id=_OURS)
    legs = [_roles(nobody), _managed(nobody), *_people(nobody), _shares(nobody)]
    return legs[0].union(*legs[1:], all=True).query.sql_with_params()


def _row(rows: QuerySet[Any], what: int, word: Any, number: Any, other: Any, text: Any) -> QuerySet[Any]:
    """One leg of the query: what it tells of, a word, two numbers and a text."""
    leg: QuerySet[Any] = rows.annotate(
        _what=Value(what, output_field=IntegerField()),
        _word=Cast(word, CharField(max_length=80)),
        _number=Cast(number, IntegerField()),
        _other=Cast(other, IntegerField()),
        _text=Cast(text, TextField()),
    ).values_list("_what", "_word", "_number", "_other", "_text")
    return leg


def _flag(**condition: Any) -> Case:
    return Case(When(**condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _roles(user: User) -> QuerySet[Any]:
    is_administrator = _flag(is_administrator=True)
    key = Case(When(key__isnull=True, then=Value("")), default="key", output_field=CharField())
    return _row(
        Role.objects.filter(people=user.pk).order_by(), _ROLE, key, Value(0), is_administrator, "rules"
    )


def _managed(user: User) -> QuerySet[Any]:
    return _row(Team.objects.filter(managers=user.pk).order_by(), _TEAM, Value(""), "pk", Value(0), Value(""))


def _people(user: User) -> list[QuerySet[Any]]:
    """Those at or below her team, and those at or below the teams that she manages: each by its own index."""
    managed = TeamReach.objects.filter(ancestor__managers=user.pk).values("descendant_id")
    own = TeamReach.objects.filter(ancestor_id=user.team_id or 0).values("descendant_id")
    return [_few_people(own), _few_people(managed)]


def _few_people(teams: QuerySet[Any]) -> QuerySet[Any]:
    few = User.objects.filter(team__in=teams).order_by()[: FEW + 1]
    if not connection.features.supports_slicing_ordering_in_compound:
        few = User.objects.filter(pk__in=few.values("pk")).order_by()
    return _row(few, _PERSON, Value(""), F("pk"), F("team_id"), Value(""))


def _shares(user: User) -> QuerySet[Any]:
    first = _live_for(user, _THEN).order_by("-pk")[: FEW + 1]
    rows = Share.objects.filter(pk__in=first.values("pk")).order_by()
    return _row(rows, _SHARE, "record", "record_id", _flag(level=ShareLevel.WRITE), Value(""))


def _shared_kinds(user: User) -> frozenset[tuple[str, bool]]:
    kinds = _live_for(user, timezone.now()).values_list("record", "level").distinct().order_by()
    return frozenset((record, level == ShareLevel.WRITE) for record, level in kinds)


def _live_for(user: User, now: dt.datetime) -> QuerySet[Share]:
    managed = Team.objects.filter(managers=user.pk).values("pk")
    mine = Q(descendant__in=managed) | Q(descendant_id=user.team_id or 0)
    above = TeamReach.objects.filter(mine).values("ancestor_id")
    return live_shares(now).filter(Q(user_id=user.pk) | Q(team__in=above))


def live_shares(now: dt.datetime | None = None) -> QuerySet[Share]:
    """The shares that have not run out."""
    return Share.objects.filter(Q(until__isnull=True) | Q(until__gt=now or timezone.now()))


def shares_with(user_id: int | None, teams: tuple[int, ...]) -> QuerySet[Share]:
    """The live shares with a person, and with her teams and those above them."""
    above = TeamReach.objects.filter(descendant__in=teams).values("ancestor_id")
    return live_shares().filter(Q(user_id=user_id) | Q(team__in=above))
