"""What is computed over a link says no more than the link, and no more than the fields it is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from clientela.access import rules
from clientela.access.models import Role, User
from clientela.kit.expressions import paths_in
from clientela.records import kinds, refs, registry, urlnames
from clientela.records.refs import FieldRef
from tests.cast import Cast, give_roles
from tests.contract import samples, ways
from tests.contract.scenes import SignIn

pytestmark = pytest.mark.django_db
THING = registry.get("thing")
NAME, PRICE, TOLD = "parent_price", Decimal("48317.25"), ("48317", "48,317")


@pytest.fixture(autouse=True)
def _over_a_link() -> Iterator[None]:
    """Things have the price of what they are a part of."""
    computed = FieldRef(
        NAME,
        THING,
        "Price of the whole",
        kinds.Money,
        ((THING, NAME),),
        expression=lambda: Coalesce(F("parent__price"), F("parent__margin")),
        read_only=True,
    )

    def provider(spec):
        return [computed] if spec is THING else []

    refs.provide(provider)
    yield
    refs.withdraw(provider)


def told(text: str) -> bool:
    return any(each in text for each in TOLD)


def give(user: User, **fields: str) -> None:
    everything = dict.fromkeys(("see", "change", "export"), "own")
    kept = {
        "modules": {"*": True},
        "records": {"*": everything},
        "private": "write",
        "fields": {"thing": fields},
    }
    give_roles(user, Role.objects.create(name="Own", rules=rules.dump(kept)))


@pytest.mark.parametrize("seen", [False, True])
def test_it_is_empty_where_the_record_is_not_seen(seen: bool, cast: Cast, signed_in: SignIn) -> None:
    give(cast.owner)
    whole = samples.make(THING, cast.owner if seen else cast.outsider, name="Whole", price=PRICE)
    part = samples.make(THING, cast.owner, name="Part", price=None, parent=whole.pk)
    client, program = signed_in(cast.owner), ways.Program(cast.owner)
    assert program.get(THING, part.pk).json()[NAME] == (str(PRICE) if seen else None)
    above = {"field": NAME, "op": "gt", "value": "1"}
    found = program.items(THING, filter=json.dumps(above))
    assert [each["id"] for each in found] == ([part.pk] if seen else [])
    assert program.get(THING, sort=f"-{NAME}").status_code == 200
    columns = {"view": "all", "columns": f"name,{NAME}", "totals": f"{NAME}:sum"}
    for url in (
        urlnames.list_url(THING, **columns),
        urlnames.view_url(THING, "totals", **columns),
        urlnames.view_url(THING, "export", **columns),
    ):
        # the whole itself may be in the list, with a price that stands in no column
        assert told(ways.body_of(client.get(url))) is seen, url


@pytest.mark.parametrize("hidden", ["price", "margin", "parent"])
def test_it_is_hidden_with_any_field_that_it_is_made_of(hidden: str, cast: Cast, signed_in: SignIn) -> None:
    give(cast.owner, **{hidden: "hidden"})
    whole = samples.make(THING, cast.owner, name="Whole", price=PRICE)
    part = samples.make(THING, cast.owner, name="Part", price=None, parent=whole.pk)
    program = ways.Program(cast.owner)
    assert NAME not in program.get(THING, part.pk).json()
    assert program.get(THING, sort=NAME).status_code == 400
    assert program.get(THING, fields=NAME).status_code == 400


def test_the_weighted_amount_is_hidden_with_the_probability(cast: Cast) -> None:
    deal = registry.get("opportunity")
    kept = {"modules": {"*": True}, "records": {"*": {"see": "all"}}}
    record = samples.make(deal, cast.owner)
    for fields, shown in (({}, True), ({"opportunity": {"probability": "hidden"}}, False)):
        role = Role.objects.create(name=f"Sees {shown}", rules=rules.dump({**kept, "fields": fields}))
        give_roles(cast.owner, role)
        item = ways.Program(cast.owner).get(deal, record.pk).json()
        assert (("weighted" in item), ("probability" in item)) == (shown, shown)


def test_every_path_of_an_expression_is_found() -> None:
    whole = Case(
        When(Q(stage__kind__in=["won"]) | ~Q(amount__gt=F("account__limit")), then=F("amount") * Value(2)),
        default=Coalesce(F("owner__team"), Value(0)),
    )
    assert set(paths_in(whole)) == {
        "stage__kind__in",
        "amount__gt",
        "account__limit",
        "amount",
        "owner__team",
    }
