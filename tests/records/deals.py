"""Deals and lists of them, for the tests of lists."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.sales.models import Opportunity, Pipeline, Stage
from clientela.platform.lists import listing, table
from clientela.records import registry
from clientela.records.spec import Spec
from tests.cast import Cast


def make_stages() -> list[Stage]:
    """Two stages of a pipeline of their own, in order."""
    pipeline = Pipeline.objects.create(name="Machines", position=90)
    return [
        Stage.objects.create(pipeline=pipeline, name="Talks", position=1, probability=50, color="amber"),
        Stage.objects.create(pipeline=pipeline, name="Offer", position=2, probability=80, color="teal"),
    ]


def deal(cast: Cast, stage: Stage, name: str, amount: int | None = 1000, **fields: Any) -> Opportunity:
    money = None if amount is None else Decimal(amount)
    given = {"owner": cast.owner, "currency": "EUR", "close_date": dt.date(2026, 3, 31), **fields}
    return Opportunity.objects.create(
        name=name, stage=stage, pipeline=stage.pipeline, amount=money, amount_base=money, **given
    )


def deals() -> Spec:
    return registry.get("opportunity")


def state(cast: Cast, **given: Any) -> listing.State:
    parameters = {name: json.dumps(value) if name == "filter" else value for name, value in given.items()}
    return listing.read(deals(), actor_of(cast.owner), urlencode({"view": "all", **parameters}))


def names(cast: Cast, actor: User | None = None, **given: Any) -> list[str]:
    shown = table.table_for(state(cast, **given), actor_of(actor or cast.owner))
    return [cells[0].text for _record_id, cells in shown.rows]
