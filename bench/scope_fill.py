"""`python -m bench.scope_fill ACCOUNTS`: a large company in the database that the environment names.

20,000 people in 2,000 teams four levels deep, fifty zones, and accounts that are spread over all of them;
somebody of each scope that `bench.scopes` measures.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

PEOPLE, TEAMS, ZONES = 20_000, 2_000, 50
# Team 1 is the top of the tree, team 2 an eighth of it, team 2000 a leaf of ten people.
WHO: dict[str, tuple[int, Any]] = {
    "all": (1, "all"),
    "team": (2, "team_below"),
    "tree": (2001, "team_below"),
    "leaf": (TEAMS, "team_below"),
    "condition": (5, {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}),
}


def email(name: str) -> str:
    """With what the person of this scope signs in."""
    return f"p{WHO[name][0]}@bench.example"


def main() -> None:
    """Migrate, fill, and say how many accounts there are."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    _people()
    _accounts(int(sys.argv[1]))
    _give_roles()
    print(json.dumps({"accounts": int(sys.argv[1])}))


def _people() -> None:
    from clientela.access.models import Team, User
    from clientela.access.teams import rebuild_reach

    Team.objects.bulk_create(
        [Team(id=n + 1, name=f"Team {n}", parent_id=(n - 1) // 8 + 1 if n else None) for n in range(TEAMS)]
    )
    rebuild_reach()
    User.objects.bulk_create(
        [
            User(id=n, email=f"p{n}@bench.example", name=f"P {n}", team_id=(n - 1) % TEAMS + 1)
            for n in range(1, PEOPLE + 1)
        ]
    )


def _accounts(count: int) -> None:
    """One statement copies the first account, with names, owners and zones by counting."""
    from django.db import connection

    from clientela.domain.parties.models import Account, Zone
    from clientela.kit import statistics

    zones = Zone.objects.bulk_create([Zone(name=f"Zone {n}") for n in range(ZONES)])
    first = Account.objects.create(name="First", owner_id=1, zone=zones[0])
    chosen = {
        "name": "'Account ' || md5(CAST(n AS text))",
        "owner_id": f"CAST(CAST(n AS bigint) * 7919 % {PEOPLE} AS integer) + 1",
        "kind": "CASE n % 3 WHEN 0 THEN 'customer' WHEN 1 THEN 'supplier' ELSE 'prospect' END",
        "zone_id": f"{zones[0].pk} + n % {ZONES}",
    }
    names = [str(field.column) for field in Account._meta.concrete_fields if field.name != "id"]
    values = ", ".join(chosen.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    table = Account._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) "
            "WITH RECURSIVE numbers(n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count - 1}) "
            f"SELECT {values} FROM {table} CROSS JOIN numbers WHERE {table}.id = {first.pk}"
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    statistics.refresh(connection)


def _give_roles() -> None:
    from django.contrib.auth.hashers import make_password

    from bench.names import PASSWORD
    from clientela.access import rules
    from clientela.access.models import Role, User
    from clientela.domain.parties.models import Zone

    for zone in Zone.objects.order_by("pk")[:3]:
        zone.people.add(WHO["condition"][0])
    for name, (number, see) in WHO.items():
        records = {"*": {"see": "own"}, "account": {"see": see}}
        text = rules.dump({"modules": {"*": True}, "records": records})
        person = User.objects.get(pk=number)
        person.roles.set([Role.objects.create(name=f"Bench {name}", rules=text)])
        User.objects.filter(pk=number).update(password=make_password(PASSWORD))


if __name__ == "__main__":
    main()
