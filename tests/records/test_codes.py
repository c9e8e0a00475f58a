"""Countries and currencies are codes that exist."""

from __future__ import annotations

from typing import Any

import pytest

from clientela.access.actor import SYSTEM
from clientela.records import registry, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid
from tests.contract import samples
from tests.fakes.models import Thing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "code"), [("country", "XX"), ("country", "E"), ("currency", "ABC"), ("currency", "€")]
)
def test_a_code_that_does_not_exist_is_refused(name: str, code: str) -> None:
    # given
    spec = registry.get("thing")
    thing = samples.make(spec, country="ES", currency="EUR")
    before = getattr(thing, name)
    # when one by one
    with pytest.raises(Invalid) as refusal:
        write.change(spec, thing, {name: code}, operation=Operation(SYSTEM, Source("test")))
    # then
    assert list(refusal.value.errors) == [name]
    # when many at once
    values: dict[str, Any] = {**samples.sample_values(spec), name: code}
    outcome = write.apply_many(spec, [(None, values)], operation=Operation(SYSTEM, Source("test")))
    # then
    assert list(outcome.errors[0]) == [name]
    assert [getattr(each, name) for each in Thing.objects.all()] == [before]


def test_a_code_is_kept_in_capitals() -> None:
    thing = samples.make(registry.get("thing"), country="mx", currency="mxn")
    assert (thing.country, thing.currency) == ("MX", "MXN")
