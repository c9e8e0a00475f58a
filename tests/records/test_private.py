"""A field that somebody may not see leaks nowhere."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clientela.access.actor import actor_of
from clientela.records import conditions, query, refs, registry, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import ConditionError, Invalid
from tests.cast import Cast
from tests.contract import samples
from tests.fakes.models import Thing

pytestmark = pytest.mark.django_db
HIDDEN = ("margin", "doubled_margin", "parent__margin")


@pytest.mark.parametrize("path", HIDDEN)
def test_a_hidden_field_can_be_neither_filtered_nor_sorted(path: str, cast: Cast) -> None:
    # given
    spec, seller, manager = registry.get("thing"), actor_of(cast.owner), actor_of(cast.manager)
    samples.make(spec, cast.owner, margin=Decimal("7"))
    leaf = {"field": path, "op": "not_empty"}
    # then the seller gets the answer for a field that does not exist
    with pytest.raises(ConditionError) as hidden:
        query.matching(spec, seller, leaf)
    with pytest.raises(ConditionError) as unknown:
        query.matching(spec, seller, {"field": "no_such", "op": "not_empty"})
    assert hidden.value.message.replace(path, "no_such") == unknown.value.message
    with pytest.raises(ConditionError):
        query.ordered(query.visible(spec, seller), spec, [f"-{path}"], seller)
    # and the manager her rows
    if "parent" not in path:
        assert query.matching(spec, manager, leaf).count() == 1


def test_a_hidden_field_cannot_be_written(cast: Cast) -> None:
    # given
    spec, seller = registry.get("thing"), actor_of(cast.owner)
    thing = samples.make(spec, cast.owner, margin=Decimal("7"))
    # when
    with pytest.raises(Invalid) as refusal:
        write.change(spec, thing, {"margin": "9"}, operation=Operation(seller, Source("test")))
    # then
    assert list(refusal.value.errors) == ["margin"]
    assert Thing.objects.get(pk=thing.pk).margin == Decimal("7")


def test_the_same_field_is_plain_to_a_manager(cast: Cast) -> None:
    spec = registry.get("thing")
    assert conditions.is_hidden(refs.resolve(spec, "doubled_margin"), actor_of(cast.owner))
    assert not conditions.is_hidden(refs.resolve(spec, "doubled_margin"), actor_of(cast.manager))
