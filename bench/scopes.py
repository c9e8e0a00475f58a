"""What a scope costs: the first page of a list for who sees all, for a tree of teams and for a condition.

`python -m bench.scopes 1000000` in an empty workspace on PostgreSQL (see `bench.databases`): fills it with
20,000 people in 2,000 teams and so many accounts, then prints milliseconds and ratios as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

import django

PEOPLE, TEAMS, ZONES, ROUNDS = 20_000, 2_000, 50, 15


def fill(accounts: int) -> None:
    """People, teams four levels deep, zones and accounts, the latter by one statement."""
    from django.db import connection

    from clientela.access.models import Team, User
    from clientela.access.teams import rebuild_reach
    from clientela.domain.parties.models import Account, Zone

    Team.objects.bulk_create(
        [Team(id=n + 1, name=f"Team {n}", parent_id=(n - 1) // 8 + 1 if n else None) for n in range(TEAMS)]
    )
    rebuild_reach()
    User.objects.bulk_create(
        [User(id=n + 1, email=f"p{n}@x.example", name=f"P {n}", team_id=n % TEAMS + 1) for n in range(PEOPLE)]
    )
    zones = Zone.objects.bulk_create([Zone(name=f"Zone {n}") for n in range(ZONES)])
    first = Account.objects.create(name="First", owner_id=1, zone=zones[0])
    names = [field.column for field in Account._meta.concrete_fields if field.name != "id"]
    chosen = {
        "name": "'Account ' || md5(n::text)",
        "owner_id": f"(n::bigint * 7919) % {PEOPLE} + 1",
        "zone_id": f"{zones[0].pk} + n % {ZONES}",
    }
    values = ", ".join(chosen.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    table = Account._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}, generate_series(1, {accounts}) n "
            f"WHERE {table}.id = {first.pk}"
        )
        cursor.execute("ANALYZE")


def people() -> dict[str, Any]:
    """Somebody of each scope, by what is measured."""
    from clientela.access import rules
    from clientela.access.models import Role, User
    from clientela.domain.parties.models import Zone

    def role(name: str, see: Any) -> Role:
        text = rules.dump({"modules": {"*": True}, "records": {"*": {"see": see}}})
        return Role.objects.get_or_create(name=name, rules=text)[0]

    mine = {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}
    for zone in Zone.objects.order_by("pk")[:3]:
        zone.people.add(5)
    # Team 1 is the top of the tree, team 2 an eighth of it, team 2000 a leaf with ten people.
    given = (
        ("all", 1, "all"),
        ("whole tree", 2001, "team_below"),
        ("an eighth", 2, "team_below"),
        ("ten people", TEAMS, "team_below"),
        ("my zones", 5, mine),
    )
    for name, pk, see in given:
        User.objects.get(pk=pk).roles.set([role(name, see)])
    return {name: User.objects.get(pk=pk) for name, pk, _see in given}


def measured(user: Any) -> float:
    """Milliseconds of the rows of the first page, with the rights read anew: the median of some."""
    from clientela.access.actor import actor_of
    from clientela.records import query, registry

    spec, taken = registry.get("account"), []
    for _round in range(ROUNDS):
        user.standing = None
        started = time.perf_counter()
        actor = actor_of(user)
        rows = query.ordered(query.visible(spec, actor), spec, spec.default_sort, actor)
        query.page(rows, ("pk", "name", "owner__name"), 0, 50)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Fill where nothing is there yet, measure, print."""
    django.setup()
    from clientela.domain.parties.models import Account

    if not Account.objects.exists():
        fill(int(sys.argv[1]))
    found = {name: measured(user) for name, user in people().items()}
    ratios = {name: round(each / found["all"], 2) for name, each in found.items()}
    print(json.dumps({"ms": {name: round(each, 1) for name, each in found.items()}, "ratio": ratios}))


if __name__ == "__main__":
    main()
