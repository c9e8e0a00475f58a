"""A stage that becomes another kind: its deals follow, once confirmed, and all of it is undone as one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clientela.domain.sales import services
from clientela.domain.sales.models import LostReason, Opportunity, Stage, StageKind
from clientela.platform.audit.models import Change
from tests.cast import Cast
from tests.pages.builders import by, change, make

pytestmark = pytest.mark.django_db


def stage(name: str) -> Stage:
    return Stage.objects.get(name=name)


def deal(person: Any, at: str) -> Opportunity:
    made = make("opportunity", person, name="Crane", stage=stage(at).pk)
    assert isinstance(made, Opportunity)
    return made


def form(found: Stage, **changes: str) -> dict[str, str]:
    kept = {"name": found.name, "color": found.color, "kind": found.kind}
    return {
        **kept,
        "probability": str(found.probability),
        "stalled_after": str(found.stalled_after),
        **changes,
    }


def undo(client: Any, response: Any) -> None:
    found = re.search(r'"undo_url": "([^"]+)"', response.headers["HX-Trigger"])
    assert found is not None
    assert client.post(found[1]).status_code == 204


def test_an_open_stage_becomes_a_won_one_with_its_deals_and_comes_back(cast: Cast, signed_in):
    found, won = stage("Compromiso"), deal(cast.owner, "Compromiso")
    client = signed_in(cast.admin)
    url = f"/settings/stages/{found.pk}/"
    assert 'name="kind"' in client.get(url).text

    asked = client.post(url, form(found, kind="won"))

    assert asked.status_code == 422
    assert "1 deal in it becomes won, on the day it came here." in asked.text
    assert (stage("Compromiso").kind, Change.objects.filter(record="stage").count()) == (StageKind.OPEN, 0)
    done = client.post(url, form(found, kind="won", confirmed="won"))
    assert done.status_code == 204
    won.refresh_from_db()
    assert (stage("Compromiso").kind, won.closed_at) == (StageKind.WON, won.stage_since)
    written = Change.objects.filter(record__in=["stage", "opportunity"], verb="update")
    assert {(each.record, each.actor_id) for each in written} >= {
        ("stage", cast.admin.pk),
        ("opportunity", cast.admin.pk),
    }
    assert written.values("operation").distinct().count() == 1

    undo(client, done)

    won.refresh_from_db()
    assert (stage("Compromiso").kind, won.closed_at) == (StageKind.OPEN, None)
    assert stage("Compromiso").probability == found.probability


def test_a_lost_stage_that_opens_forgets_why_and_the_undo_remembers(cast: Cast, signed_in):
    reason = LostReason.objects.create(name="Price")
    make("stage", cast.admin, name="Parked", kind="lost", pipeline=stage("Perdida").pipeline_id)
    lost = services.lose(deal(cast.owner, "Compromiso"), operation=by(cast.owner), lost_reason=reason.pk)
    found = stage("Perdida")
    closed_at = lost.closed_at
    client = signed_in(cast.admin)

    done = client.post(f"/settings/stages/{found.pk}/", form(found, kind="open", confirmed="open"))

    lost.refresh_from_db()
    assert (lost.stage_id, lost.closed_at, lost.lost_reason_id) == (found.pk, None, None)
    late = deal(cast.owner, "Perdida")
    undo(client, done)
    lost.refresh_from_db()
    late.refresh_from_db()
    assert (lost.closed_at, lost.lost_reason_id) == (closed_at, reason.pk)
    assert late.closed_at == late.stage_since


def test_the_last_stage_of_its_kind_stays_one(cast: Cast, signed_in):
    found = stage("Ganada")
    answer = signed_in(cast.admin).post(f"/settings/stages/{found.pk}/", form(found, kind="lost"))
    assert answer.status_code == 422
    assert "A pipeline needs at least one open stage" in answer.text
    assert stage("Ganada").kind == StageKind.WON


def test_other_changes_of_a_stage_ask_nothing_and_leave_deals_alone(cast: Cast, signed_in):
    found, kept = stage("Compromiso"), deal(cast.owner, "Compromiso")
    answer = signed_in(cast.admin).post(f"/settings/stages/{found.pk}/", form(found, name="Promise"))
    assert answer.status_code == 204
    kept.refresh_from_db()
    assert (kept.closed_at, kept.version) == (None, 1)
    assert Stage.objects.get(pk=found.pk).name == "Promise"


def test_by_another_door_the_deals_follow_too(cast: Cast):
    won = deal(cast.owner, "Compromiso")
    change("stage", stage("Compromiso"), cast.admin, kind="won")
    won.refresh_from_db()
    assert won.closed_at == won.stage_since
    assert stage("Compromiso").probability == 100


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_only_administrators(cast: Cast, signed_in, who: str):
    found = stage("Compromiso")
    url = f"/settings/stages/{found.pk}/"
    answer = signed_in(getattr(cast, who)).post(url, form(found, kind="won", confirmed="won"))
    assert answer.status_code == 403
    assert stage("Compromiso").kind == StageKind.OPEN
