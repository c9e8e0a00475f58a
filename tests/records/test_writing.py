"""The door for changes: nothing of another record moves, nobody writes over what he has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clientela.access.actor import SYSTEM, actor_of
from clientela.domain.parties.models import Account
from clientela.domain.sales import services
from clientela.domain.sales.models import Lead, LeadStatus, Opportunity
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.records import registry, values, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, Refused
from tests.cast import Cast
from tests.contract import samples
from tests.fakes.models import Thing

pytestmark = pytest.mark.django_db
THING = registry.get("thing")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def operation(actor: Any = SYSTEM) -> Operation:
    return Operation(actor, Source("test"))


def phones_of(thing: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = values.snapshot(THING, Thing.objects.get(pk=thing.pk), ["phones"])["phones"]
    return lines


@pytest.mark.parametrize("forged", ["another record's", "one that is nowhere", "twice the same", "no number"])
def test_the_id_of_a_line_that_is_not_ones_own_takes_nothing_over(forged: str) -> None:
    # given
    theirs = samples.make(THING, phone="", phones=[{"phone": "1"}])
    ours = samples.make(THING, phone="", phones=[{"phone": "2"}])
    before, own = phones_of(theirs), phones_of(ours)[0]["id"]
    sent: dict[str, list[Any]] = {
        "another record's": [before[0]["id"]],
        "one that is nowhere": [999_999],
        "twice the same": [own, own],
        "no number": [[own]],
    }
    # when
    rows = [{"id": each, "phone": f"{place}7"} for place, each in enumerate(sent[forged])]
    write.change(THING, ours, {"phones": rows}, operation=operation())
    # then
    after = phones_of(ours)
    assert [line["phone"] for line in after] == [row["phone"] for row in rows]
    assert phones_of(theirs) == before
    assert len({line["id"] for line in after}) == len(rows)
    assert 999_999 not in [line["id"] for line in after]


def change_phone(thing: Any, **given: Any) -> UUID:
    made = operation()
    write.change(THING, Thing.objects.get(pk=thing.pk), given, operation=made)
    return made.id


def test_the_undo_of_a_mirrored_field_keeps_record_and_main_line_alike() -> None:
    # given the telephone was changed, and another line since
    thing = samples.make(THING, phone="1", body="", phones=[{"phone": "1", "main": True}])
    first = change_phone(thing, phone="2", body="Written too")
    change_phone(thing, phones=[*phones_of(thing), {"phone": "9"}])
    # when
    result = undo.undo(first, actor=SYSTEM)
    # then both stay, and what nobody else touched goes back
    assert result.conflicts == [(thing.name, ["Telephone", "Telephones"])]
    stored = Thing.objects.get(pk=thing.pk)
    assert (stored.phone, stored.body) == ("2", "")
    assert [(line["phone"], line["main"]) for line in phones_of(thing)] == [("2", True), ("9", False)]


def test_the_undo_of_a_mirrored_field_takes_its_line_back_too() -> None:
    thing = samples.make(THING, phone="1", phones=[{"phone": "1", "main": True}])

    result = undo.undo(change_phone(thing, phone="2"), actor=SYSTEM)

    assert result.conflicts == []
    assert Thing.objects.get(pk=thing.pk).phone == "1"
    assert [line["phone"] for line in phones_of(thing)] == ["1"]


def test_a_change_of_many_passes_by_what_somebody_changed_meanwhile() -> None:
    # given two things read, and one of them changed since
    things = [samples.make(THING), samples.make(THING)]
    read = list(Thing.objects.order_by("pk"))
    write.change(THING, Thing.objects.get(pk=things[0].pk), {"body": "Newer"}, operation=operation())
    # when
    outcome = write.apply_many(THING, [(each, {"body": "Older"}) for each in read], operation=operation())
    # then
    assert outcome.errors == {0: {"": ["Somebody changed this meanwhile."]}}
    assert list(Thing.objects.order_by("pk").values_list("body", "version")) == [("Newer", 2), ("Older", 2)]


def test_the_same_instances_can_be_changed_twice() -> None:
    for _each in range(30):
        samples.make(THING)
    things = list(Thing.objects.order_by("pk"))
    alike = [(each, {"body": "Alike"}) for each in things]
    apart = [(each, {"body": f"Number {each.pk}"}) for each in things]

    outcomes = [write.apply_many(THING, items, operation=operation()) for items in (alike, apart, alike)]

    assert [(len(each.changes), each.errors) for each in outcomes] == [(30, {})] * 3
    assert set(Thing.objects.values_list("body", "version")) == {("Alike", 4)}


def test_a_closed_record_is_closed_for_changes_of_many_too(cast: Cast) -> None:
    # given
    spec, actor = registry.get("lead"), actor_of(cast.owner)
    made = [samples.make(spec, cast.owner), samples.make(spec, cast.owner)]
    Lead.objects.filter(pk=made[0].pk).update(status=LeadStatus.CONVERTED)
    before = Change.objects.count()
    # when
    items = [(lead, {"interest": "More"}) for lead in Lead.objects.order_by("pk")]
    with pytest.raises(Refused):
        write.apply_many(spec, items, operation=operation(actor))
    # then
    assert Change.objects.count() == before
    # and where many are chosen, the others are changed
    write.change_rows(spec, Lead.objects.all(), {"interest": "More"}, operation=operation(actor))
    assert list(Lead.objects.filter(interest="More").values_list("pk", flat=True)) == [made[1].pk]


def test_an_action_ties_nothing_that_its_actor_may_not_see(cast: Cast) -> None:
    # given
    deal = samples.make(registry.get("opportunity"), cast.owner)
    hidden = samples.make(registry.get("account"), cast.outsider)
    reason = samples.make(registry.get("lost-reason"))
    before = Change.objects.count()
    # when
    made, given = operation(actor_of(cast.owner)), {"lost_reason": reason.pk, "lost_to": hidden.pk}
    with pytest.raises(Invalid) as refused:
        services.lose(deal, operation=made, **given)
    # then
    assert refused.value.errors == {"lost_to": ["There is no such record, or you may not see it."]}
    assert Opportunity.objects.get(pk=deal.pk).lost_to_id is None
    assert Change.objects.count() == before


def test_no_account_is_part_of_itself_or_of_its_own_parts(cast: Cast) -> None:
    # given a house with a branch that has a counter
    spec, actor = registry.get("account"), actor_of(cast.admin)
    house = samples.make(spec, cast.owner)
    branch = samples.make(spec, cast.owner, parent=house.pk)
    counter = samples.make(spec, cast.owner, parent=branch.pk)
    for whole in (house, branch, counter):
        # when
        with pytest.raises(Invalid) as refused:
            write.change(spec, house, {"parent": whole.pk}, operation=operation(actor))
        # then
        assert list(refused.value.errors) == ["parent"]
        house.refresh_from_db()
        assert house.parent_id is None


def test_the_right_to_delete_is_asked_once_for_all(cast: Cast) -> None:
    spec, manager = registry.get("account"), actor_of(cast.manager)
    counted = []
    for number in (2, 6):
        for _each in range(number):
            samples.make(spec, cast.teammate)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            write.delete(spec, list(Account.objects.all()), operation=operation(manager))
        counted.append(len(queries))
        assert Account.objects.count() == 0
    assert counted[0] == counted[1]


def test_nothing_goes_where_one_may_not_go(cast: Cast) -> None:
    spec = registry.get("account")
    samples.make(spec, cast.owner), samples.make(spec, cast.teammate)

    with pytest.raises(Refused):
        write.delete(spec, list(Account.objects.all()), operation=operation(actor_of(cast.owner)))

    assert Account.objects.count() == 2
