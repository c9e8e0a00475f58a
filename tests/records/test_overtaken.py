"""Two people act on the same record: the slower one is told, and nothing of hers is half done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clientela.access.models import User
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from clientela.records.errors import Conflict
from tests.cast import Cast
from tests.contract import samples

pytestmark = pytest.mark.django_db


def test_a_step_taken_after_somebody_else_is_refused_with_words(
    cast: Cast, signed_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a deal that changes between the reading and the writing
    deal = samples.make(registry.get("opportunity"), cast.owner)
    stage, other = deal.stage_id, Stage.objects.exclude(pk=deal.stage_id).filter(kind="open").first()
    assert other is not None
    count = Change.objects.count()

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        raise Conflict("Somebody changed this meanwhile.", {})

    monkeypatch.setattr(write, "change", overtaken)
    # when
    answer = signed_in(cast.owner).post(f"/opportunities/{deal.pk}/move/", {"to": other.pk})
    # then
    assert answer.status_code == 409
    assert answer.content.decode() == "Somebody changed this meanwhile."
    assert '"clientela:refresh"' in answer.headers["HX-Trigger"]
    assert Opportunity.objects.get(pk=deal.pk).stage_id == stage
    assert Change.objects.count() == count
