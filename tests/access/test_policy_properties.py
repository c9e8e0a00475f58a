"""`policy.scope` and `policy.can` against a plain model of the rules, over invented companies."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.access.limits import Limits
from clientela.access.models import Role, Share, Team, User
from clientela.access.teams import rebuild_reach
from clientela.records import registry
from tests.fakes.models import Thing

pytestmark = pytest.mark.django_db
KEY = "thing"
PEOPLE, TEAMS, THINGS = 4, 4, 5
SCOPES = [
    "none",
    "own",
    "team",
    "team_below",
    "all",
    {"condition": {"field": "name", "op": "is", "value": "Zebra 0"}},
]
VERBS = ("see", "change", "delete", "export", "bulk")
scope = st.one_of(st.sampled_from(SCOPES), st.lists(st.sampled_from(SCOPES), min_size=2, max_size=2))
verbs = st.fixed_dictionaries({}, optional=dict.fromkeys(VERBS, scope))
rule = st.fixed_dictionaries(
    {"modules": st.sampled_from([{"*": True}, {"fakes": True}, {"*": True, "fakes": False}, {}])},
    optional={
        "records": st.dictionaries(st.sampled_from(["*", KEY]), verbs, max_size=2),
        "fields": st.dictionaries(st.just(KEY), st.just({"price": "hidden"}), max_size=1),
    },
)
share = st.tuples(
    st.integers(0, THINGS - 1),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from(["read", "write"]),
    st.sampled_from([None, -1, 1]),
)
company = st.fixed_dictionaries(
    {
        "parents": st.tuples(
            *(st.one_of(st.none(), st.integers(0, n - 1)) if n else st.none() for n in range(TEAMS))
        ),
        "teams": st.tuples(*(st.one_of(st.none(), st.integers(0, TEAMS - 1)) for _n in range(PEOPLE))),
        "manages": st.sets(st.integers(0, TEAMS - 1), max_size=2),
        "owners": st.tuples(*(st.one_of(st.none(), st.integers(0, PEOPLE - 1)) for _n in range(THINGS))),
        "rules": st.lists(rule, max_size=3),
        "shares": st.lists(share, max_size=3),
        "limits": st.sampled_from([None, "read", "write", "nothing"]),
        "read_only": st.booleans(),
    }
)


@given(company)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_scope_and_can_follow_the_rules(plan: dict[str, Any]) -> None:
    with transaction.atomic():
        people, _teams, things = _build(plan)
        actor = _actor(plan, people[0])
        spec = registry.get(KEY)
        for verb in VERBS:
            expected = {number for number in range(THINGS) if _model(plan, verb, number)}
            rows = Thing.objects.filter(policy.scope(actor, verb, spec))
            assert {things.index(each) for each in rows} == expected, verb
            assert rows.count() == len(expected), verb
            can = {number for number, each in enumerate(things) if policy.can(actor, verb, spec, each)}
            assert can == expected, verb
            assert not expected or policy.may(actor, verb, spec), verb
        transaction.set_rollback(True)


def _build(
    plan: dict[str, Any], make: Callable[..., Thing] = Thing.objects.create
) -> tuple[list[User], list[Team], list[Thing]]:
    teams: list[Team] = []
    for number, parent in enumerate(plan["parents"]):
        teams.append(Team.objects.create(name=f"T{number}", parent=None if parent is None else teams[parent]))
    rebuild_reach()
    people = [
        User.objects.create(
            email=f"p{n}@example.com",
            name=f"P{n}",
            team=None if team is None else teams[team],
            language="en",
        )
        for n, team in enumerate(plan["teams"])
    ]
    for number in plan["manages"]:
        teams[number].managers.add(people[0])
    for number, rules in enumerate(plan["rules"]):
        people[0].roles.add(Role.objects.create(name=f"R{number}", rules=json.dumps(rules)))
    things = [
        make(name=f"Zebra {n}", owner=None if owner is None else people[owner])
        for n, owner in enumerate(plan["owners"])
    ]
    for thing, with_team, whom, level, days in plan["shares"]:
        Share.objects.create(
            record=KEY,
            record_id=things[thing].pk,
            level=level,
            until=None if days is None else timezone.now() + dt.timedelta(days=days),
            **({"team": teams[whom]} if with_team else {"user": people[whom]}),
        )
    return people, teams, things


def _actor(plan: dict[str, Any], user: User) -> Any:
    limits = {
        None: None,
        "nothing": Limits.nothing(),
        "read": Limits.of({KEY: "read"}),
        "write": Limits.of({KEY: "write"}),
    }[plan["limits"]]
    if plan["read_only"]:
        user.seen_by = 0
    return actor_of(user, limits=limits)


# --- the rules, said once more and plainly -----------------------------------------------------------


def _model(plan: dict[str, Any], verb: str, number: int) -> bool:
    """Whether the first person may do it to the thing of this number."""
    if verb not in ("see", "export") and (plan["read_only"] or plan["limits"] == "read"):
        return False
    if plan["limits"] == "nothing":
        return False
    on = [rules for rules in plan["rules"] if _is_on(rules)]
    return any(_reaches(plan, part, number) for rules in on for part in _parts(rules, verb)) or (
        bool(on) and _is_shared(plan, verb, number)
    )


def _is_on(rules: dict[str, Any]) -> bool:
    modules = rules["modules"]
    return bool(modules.get("fakes", modules.get("*", False)))


def _parts(rules: dict[str, Any], verb: str) -> list[Any]:
    records = rules.get("records", {})
    for key in (KEY, "*"):
        if verb in records.get(key, {}):
            found = records[key][verb]
            return found if isinstance(found, list) else [found]
    return []


def _reaches(plan: dict[str, Any], part: Any, number: int) -> bool:
    if isinstance(part, dict):
        return number == 0
    if part in ("none", "all"):
        return bool(part == "all")
    owner = plan["owners"][number]
    if owner is None or owner == 0:
        return True
    team = plan["teams"][owner]
    mine = _mine(plan)
    reached = mine if part == "team" else {each for top in mine for each in _below(plan, top)}
    return part != "own" and team is not None and team in reached


def _mine(plan: dict[str, Any]) -> set[int]:
    return {*plan["manages"], *({plan["teams"][0]} - {None})}


def _below(plan: dict[str, Any], top: int) -> set[int]:
    found = {top}
    for number, parent in enumerate(plan["parents"]):
        if parent in found:
            found.add(number)
    return found


def _is_shared(plan: dict[str, Any], verb: str, number: int) -> bool:
    if verb not in ("see", "change"):
        return False
    for thing, with_team, whom, level, days in plan["shares"]:
        live = days is None or days > 0
        mine = any(team in _below(plan, whom) for team in _mine(plan)) if with_team else whom == 0
        if thing == number and live and mine and (verb == "see" or level == "write"):
            return True
    return False
