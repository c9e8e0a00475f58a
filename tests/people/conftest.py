"""Services speak English here, as the pages do; and somebody has work to hand over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import Lead, LeadStatus, Opportunity, Pipeline, Stage, StageKind


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def stages(db):
    pipeline = Pipeline.objects.create(name="Sales", is_default=True)
    return {
        kind: Stage.objects.create(pipeline=pipeline, name=str(kind.label), kind=kind, position=place)
        for place, kind in enumerate(StageKind)
    }


@pytest.fixture
def portfolio(cast, stages):
    """The owner's: four accounts, a contact of the first and one alone, an open and a won deal of the second,
    an open lead and a converted one. The teammate's: an account with a contact of the owner's."""
    accounts = [Account.objects.create(name=f"A{n}", owner=cast.owner) for n in range(1, 5)]
    theirs = Account.objects.create(name="Theirs", owner=cast.teammate)
    for name, account in (("C1", accounts[0]), ("Alone", None), ("C of theirs", theirs)):
        Contact.objects.create(first_name=name, name=name, account=account, owner=cast.owner)
    for name, kind in (("Open deal", StageKind.OPEN), ("Won deal", StageKind.WON)):
        stage = stages[kind]
        Opportunity.objects.create(
            name=name, account=accounts[1], stage=stage, pipeline=stage.pipeline, owner=cast.owner,
            amount=100, currency="EUR", amount_base=100,
        )  # fmt: skip
    Lead.objects.create(first_name="New", name="New", owner=cast.owner)
    Lead.objects.create(first_name="Old", name="Old", owner=cast.owner, status=LeadStatus.CONVERTED)
    return accounts
