"""What a scope by condition costs: accounts of somebody's zones are counted without reading them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.access import rules
from clientela.access.actor import actor_of
from clientela.access.models import Role
from clientela.domain.parties.models import Account, Zone
from clientela.records import query, registry
from tests.cast import Cast, give_roles

pytestmark = pytest.mark.django_db
MINE = {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}


def test_the_accounts_of_ones_zones_are_counted_by_an_index_alone(cast: Cast) -> None:
    # given
    north, south = (Zone.objects.create(name=name) for name in ("North", "South"))
    north.people.add(cast.owner)
    Account.objects.bulk_create(
        Account(name=f"{zone} {kind} {number}", zone=zone, kind=kind)
        for zone in (north, south)
        for kind in ("customer", "supplier")
        for number in range(50)
    )
    text = rules.dump({"modules": {"*": True}, "records": {"account": {"see": MINE}}})
    actor = actor_of(give_roles(cast.owner, Role.objects.create(name="Of zones", rules=text)))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE parties_account")
    # when
    customers = {"field": "kind", "op": "in", "value": ["customer"]}
    with CaptureQueriesContext(connection) as queries:
        found = query.count(query.matching(registry.get("account"), actor, customers))
    # then
    assert found == (50, False)
    if connection.vendor == "sqlite":
        assert "COVERING INDEX account_by_zone (zone_id=? AND kind=?)" in plan(queries[-1]["sql"])


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row[3]) for row in cursor.fetchall())
