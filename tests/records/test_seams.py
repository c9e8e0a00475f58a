"""What later work hangs on: fields from a provider, records described by data, lines inside a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from clientela import records as r
from clientela.access.actor import SYSTEM, actor_of
from clientela.access.protection import Access
from clientela.platform.audit import undo
from clientela.records import kinds, query, refs, registry, values, write
from clientela.records.changes import Operation, Source
from clientela.records.refs import FieldRef
from clientela.records.spec import Search, Spec
from tests.cast import Cast
from tests.contract import samples
from tests.fakes.models import Family, Thing

pytestmark = pytest.mark.django_db


def own_fields(spec: Spec) -> Iterable[FieldRef]:
    """A field kept in a JSON column, as users' own fields will be."""
    if spec.model is Thing:
        yield FieldRef(
            "serial",
            spec,
            "Serial",
            kinds.Text,
            ((spec, "serial"),),
            column="extra",
            provided=True,
            expression=None,
            read=lambda thing: thing.extra.get("serial", ""),
            write=lambda thing, value: thing.extra.update(serial=value),
        )


@pytest.fixture
def provider() -> Iterator[None]:
    refs.provide(own_fields)
    yield
    refs.withdraw(own_fields)


def operation() -> Operation:
    return Operation(SYSTEM, Source("test"))


def test_a_provided_field_is_written_kept_and_undone(provider: None) -> None:
    # given
    spec = registry.get("thing")
    thing = samples.make(spec, serial="A-1")
    made = operation()
    # when
    write.change(spec, thing, {"serial": "B-2"}, operation=made)
    # then
    assert values.snapshot(spec, Thing.objects.get(pk=thing.pk))["serial"] == "B-2"
    undo.undo(made.id, actor=SYSTEM)
    assert Thing.objects.get(pk=thing.pk).extra == {"serial": "A-1"}


def test_without_its_provider_the_field_is_unknown() -> None:
    with pytest.raises(refs.UnknownField):
        refs.resolve(registry.get("thing"), "serial")


def test_a_record_described_by_data_works_without_a_class(cast: Cast) -> None:
    # given
    removed = registry.get("family")
    registry.remove(removed)
    spec = registry.add(
        Spec(
            key="kin",
            plural="kins",
            model=Family,
            label="Kin",
            label_plural="Kins",
            columns=("name",),
            default_sort=("name",),
            search=Search(name=10),
            access=Access(configuration=True),
        )
    )
    try:
        # when
        write.create(spec, {"name": "Data"}, operation=operation())
        # then
        rows = query.ordered(query.visible(spec, actor_of(cast.owner)), spec, ["-name"], actor_of(cast.owner))
        assert query.page(rows, ("name", "color"), 0, 5) == [("Data", "gray")]
        assert registry.by_plural("kins") is spec
    finally:
        registry.remove(spec)
        registry.add(removed)


def test_a_misspelt_attribute_of_a_description_fails_at_once() -> None:
    with pytest.raises(ImproperlyConfigured, match="colums"):

        @r.register
        class Wrong(r.Record[Family]):
            model = Family
            colums = ("name",)


def test_the_main_line_and_its_mirror_follow_each_other() -> None:
    # given
    spec = registry.get("thing")
    thing = samples.make(
        spec, phone="", phones=[{"phone": "111", "kind": "home"}, {"phone": "222", "main": True}]
    )
    assert thing.phone == "222"
    # when the record's own field is written
    write.change(spec, thing, {"phone": "333"}, operation=operation())
    # then the main line says the same and the other stays
    assert lines_of(thing) == [("111", "home", False), ("333", "work", True)]
    # when it is emptied
    write.change(spec, Thing.objects.get(pk=thing.pk), {"phone": ""}, operation=operation())
    # then the next line is the main one
    assert lines_of(thing) == [("111", "home", True)]
    assert Thing.objects.get(pk=thing.pk).phone == "111"


def test_an_empty_line_is_no_line_and_an_unknown_field_of_a_line_is_refused() -> None:
    spec = registry.get("thing")
    thing = samples.make(spec, phone="", phones=[{"phone": "", "kind": "home"}])
    assert lines_of(thing) == []
    with pytest.raises(Exception, match=r"phones\.colour"):
        write.change(spec, thing, {"phones": [{"phone": "1", "colour": "red"}]}, operation=operation())
    assert lines_of(thing) == []


def test_a_line_keeps_its_id_when_others_go() -> None:
    # given
    spec = registry.get("thing")
    thing = samples.make(spec, phone="", phones=[{"phone": "1"}, {"phone": "2"}, {"phone": "3"}])
    before = values.snapshot(spec, thing)["phones"]
    made = operation()
    # when
    write.change(spec, thing, {"phones": before[1:]}, operation=made)
    # then
    after = values.snapshot(spec, Thing.objects.get(pk=thing.pk))["phones"]
    assert [(line["id"], line["phone"]) for line in after] == [
        (line["id"], line["phone"]) for line in before[1:]
    ]
    assert [line["main"] for line in after] == [True, False]
    undo.undo(made.id, actor=SYSTEM)
    assert values.snapshot(spec, Thing.objects.get(pk=thing.pk))["phones"] == before


def lines_of(thing: Any) -> list[tuple[str, str, bool]]:
    return list(Thing.objects.get(pk=thing.pk).phones.values_list("phone", "kind", "main"))
