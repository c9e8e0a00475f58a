"""How long a deal stayed in each stage: to the second, on its way on and back, won, reopened, undone."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from clientela.domain.sales import path, services
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.audit import undo
from tests.contract import ways
from tests.pages.builders import by, make

FIRST, SECOND, THIRD = "Nuevo contacto", "Visita técnica", "Presupuesto"
BEGIN = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


class Clock:
    """What everybody takes for now."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def on(self, **span: float) -> dt.datetime:
        """So much later."""
        self.moment += dt.timedelta(**span)
        return self.moment


@pytest.fixture
def clock(cast, monkeypatch):
    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.moment)
    return made


def stage(name):
    return Stage.objects.get(name=name, pipeline__name="Ventas")


def go(deal, name, person):
    services.move_stage(Opportunity.objects.get(pk=deal.pk), stage(name), operation=by(person))


def spans(deal):
    rows = deal.stage_spans.order_by("position")
    return list(rows.values_list("stage__name", "entered_at", "left_at"))


def spent(deal):
    """By stage, how long it was there in all; without those it never was in."""
    stages = path.stages_with_time(Opportunity.objects.get(pk=deal.pk))
    return {each.name: each.spent for each in stages if each.spent is not None}


def test_every_stay_is_kept_on_the_way_on_and_back(cast, clock):
    # given
    deal = make("opportunity", cast.owner, name="Crane", stage=stage(FIRST).pk)
    # when
    first = clock.on(days=3, seconds=1)
    go(deal, SECOND, cast.owner)
    second = clock.on(hours=5)
    go(deal, THIRD, cast.owner)
    third = clock.on(days=1)
    go(deal, SECOND, cast.manager)
    clock.on(minutes=30)
    # then
    assert spans(deal) == [
        (FIRST, BEGIN, first),
        (SECOND, first, second),
        (THIRD, second, third),
        (SECOND, third, None),
    ]
    assert spent(deal) == {
        FIRST: dt.timedelta(days=3, seconds=1),
        SECOND: dt.timedelta(hours=5, minutes=30),
        THIRD: dt.timedelta(days=1),
    }
    assert Opportunity.objects.get(pk=deal.pk).stage_since == third


def test_a_move_to_where_it_is_begins_no_new_stay(cast, clock):
    deal = make("opportunity", cast.owner, name="Crane", stage=stage(FIRST).pk)
    clock.on(days=2)

    go(deal, FIRST, cast.owner)

    assert spans(deal) == [(FIRST, BEGIN, None)]
    assert Opportunity.objects.get(pk=deal.pk).stage_since == BEGIN


def test_a_won_deal_reopened_goes_on_counting_where_it_was(cast, clock):
    # given
    deal = make("opportunity", cast.owner, name="Crane", stage=stage(FIRST).pk, amount="1000")
    moved = clock.on(days=4)
    go(deal, SECOND, cast.owner)
    # when
    won = clock.on(days=2)
    services.win(Opportunity.objects.get(pk=deal.pk), operation=by(cast.owner))
    closed = Opportunity.objects.get(pk=deal.pk).closed_at
    reopened = clock.on(days=10)
    services.reopen(Opportunity.objects.get(pk=deal.pk), operation=by(cast.owner))
    clock.on(days=1)
    # then
    assert closed == won
    assert Opportunity.objects.get(pk=deal.pk).closed_at is None
    assert spans(deal) == [
        (FIRST, BEGIN, moved),
        (SECOND, moved, won),
        ("Ganada", won, reopened),
        (SECOND, reopened, None),
    ]
    assert spent(deal) == {
        FIRST: dt.timedelta(days=4),
        SECOND: dt.timedelta(days=3),
        "Ganada": dt.timedelta(days=10),
    }


def test_an_undone_move_never_was(cast, clock):
    # given
    deal = make("opportunity", cast.owner, name="Crane", stage=stage(FIRST).pk)
    clock.on(days=2)
    operation = by(cast.owner)
    services.move_stage(Opportunity.objects.get(pk=deal.pk), stage(SECOND), operation=operation)
    # when
    clock.on(days=3)
    undo.undo(operation.id, actor=operation.actor)
    # then
    assert spans(deal) == [(FIRST, BEGIN, None)]
    assert spent(deal) == {FIRST: dt.timedelta(days=5)}
    assert Opportunity.objects.get(pk=deal.pk).stage_since == BEGIN


def test_the_page_tells_the_days_in_each_stage_and_the_api_the_stays(cast, clock, signed_in):
    # given
    deal = make("opportunity", cast.owner, name="Crane", stage=stage(FIRST).pk)
    clock.on(days=3, hours=23)
    go(deal, SECOND, cast.owner)
    clock.on(days=1, hours=1)
    # when
    page = signed_in(cast.owner).get(f"/opportunities/{deal.pk}/").text
    told = ways.Program(cast.owner).client.get(f"/api/v1/opportunities/{deal.pk}").json()
    # then
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert f"{FIRST} 3 days" in words
    assert f"{SECOND} 1 day here" in words
    assert [(each["entered_at"], each["left_at"]) for each in told["stage_spans"]] == [
        ("2026-03-02T09:00:00Z", "2026-03-06T08:00:00Z"),
        ("2026-03-06T08:00:00Z", None),
    ]
