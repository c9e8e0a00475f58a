"""What every kind of record owes: given by its description, tested for each one there is."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from clientela.access.actor import Actor, actor_of
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.records import changes, conditions, kinds, query, refs, registry, values, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Conflict, Invalid, Refused
from clientela.records.spec import Spec
from tests.cast import Cast
from tests.contract import samples

KEYS = sorted(spec.key for spec in samples.specs())
OWNED = sorted(spec.key for spec in samples.specs() if spec.access.owner and spec.visible is None)
ALL = sorted(spec.key for spec in registry.every())
OPERANDS: dict[str, Any] = {"text": "a", "nothing": None, "period": "this_month"}
OPERAND_VALUES: dict[str, Any] = {
    "integer": 1,
    "number": "1.5",
    "percent": "70",
    "money": "5000",
    "date": "2026-03-31",
    "datetime": "2026-03-31",
    "link": 1,
    "links": 1,
    "colour": "teal",
    "country": "ES",
    "currency": "EUR",
}
pytestmark = pytest.mark.django_db


def operation(actor: Actor) -> Operation:
    return Operation(actor, Source("test"))


def state(spec: Spec, instance: Any) -> dict[str, Any]:
    return values.snapshot(spec, spec.model._default_manager.get(pk=instance.pk))


def writable_text(spec: Spec) -> str:
    """A text that any words will do for; a name may follow its parts, a code has a form."""
    texts = [
        name
        for name, ref in refs.fields_of(spec).items()
        if ref.kind in (kinds.Text, kinds.LongText) and not ref.read_only
    ]
    return next((name for name in ("description", "external_id") if name in texts), texts[0])


@pytest.mark.parametrize("key", ALL)
def test_every_column_sorts_both_ways(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    if key in KEYS:
        samples.make(spec)
        samples.make(spec)
    for name, ref in refs.fields_of(spec).items():
        if ref.many:
            continue
        # when
        up = [
            row[0] for row in query.ordered(query.visible(spec, actor), spec, [name], actor).values_list("pk")
        ]
        down = [
            row[0]
            for row in query.ordered(query.visible(spec, actor), spec, [f"-{name}"], actor).values_list("pk")
        ]
        # then
        assert sorted(up) == sorted(down), name
        assert len(up) == spec.model._default_manager.count(), name


@pytest.mark.parametrize("key", ALL)
def test_every_operator_of_every_field_runs(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    for (name, ref), negation in itertools.product(refs.fields_of(spec).items(), (False, True)):
        for operator in ref.kind.operators:
            leaf = {"field": name, "op": operator, "value": operand(ref, operator)}
            # when
            rows = query.matching(spec, actor, {"not": leaf} if negation else leaf)
            # then
            assert query.count(rows)[0] >= 0, (name, operator)


def operand(ref: refs.FieldRef, operator: str) -> Any:
    shape = conditions.OPERATORS[operator].operand
    if shape in OPERANDS:
        return OPERANDS[shape]
    one = OPERAND_VALUES.get(ref.kind.name, next(iter(ref.choices), "1"))
    return [one, one] if shape in ("pair", "choices") else one


@pytest.mark.parametrize("key", KEYS)
def test_a_write_leaves_one_entry_and_its_undo_restores(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    instance = samples.make(spec, cast.owner)
    before = state(spec, instance)
    name, made = writable_text(spec), operation(actor)
    # when
    write.change(spec, instance, {name: "Changed"}, operation=made, trusted=True)
    # then
    entries = Change.objects.filter(operation=made.id)
    assert [(entry.verb, entry.record, entry.record_id) for entry in entries] == [
        ("update", key, instance.pk)
    ]
    assert entries[0].before[name] == before[name]
    assert entries[0].after[name] == "Changed"
    assert entries[0].actor_id == cast.admin.pk
    # when
    undo.undo(made.id, actor=actor)
    # then
    assert state(spec, instance) == before


@pytest.mark.parametrize("key", KEYS)
def test_a_deletion_comes_back_whole(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    instance = samples.make(spec, cast.owner)
    pk, before, made = instance.pk, state(spec, instance), operation(actor)
    # when
    write.delete(spec, [instance], operation=made)
    # then
    assert not spec.model._default_manager.filter(pk=pk).exists()
    # when
    undo.undo(made.id, actor=actor)
    # then
    assert values.snapshot(spec, spec.model._default_manager.get(pk=pk)) == before


@pytest.mark.parametrize("key", KEYS)
def test_the_undo_of_a_creation_leaves_nothing(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    count = spec.model._default_manager.count()
    given = samples.sample_values(spec)
    linked = spec.model._default_manager.count()
    made = operation(actor)
    # when
    write.create(spec, given, operation=made, trusted=True)
    undo.undo(made.id, actor=actor)
    # then
    assert linked == count
    assert spec.model._default_manager.count() == count


@pytest.mark.parametrize("key", OWNED)
def test_who_may_see_and_change(key: str, cast: Cast) -> None:
    # given
    spec = registry.get(key)
    instance = samples.make(spec, cast.owner)
    before, name = state(spec, instance), writable_text(spec)
    table = {
        "owner": (True, True),
        "teammate": (True, False),
        "manager": (True, True),
        "outsider": (False, False),
        "reader": (True, False),
        "admin": (True, True),
    }
    for who, (sees, changes_it) in table.items():
        actor = actor_of(getattr(cast, who))
        # then
        assert query.visible(spec, actor).filter(pk=instance.pk).exists() is sees, who
        if changes_it:
            write.change(
                spec, spec.model._default_manager.get(pk=instance.pk), {name: who}, operation=operation(actor)
            )
            assert state(spec, instance)[name] == who
            write.change(
                spec,
                spec.model._default_manager.get(pk=instance.pk),
                {name: before[name]},
                operation=operation(actor),
            )
        else:
            with pytest.raises(Refused):
                write.change(spec, instance, {name: who}, operation=operation(actor))
            assert state(spec, instance) == before


@pytest.mark.parametrize("key", KEYS)
def test_words_that_cannot_be_kept_are_refused_and_nothing_changes(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    instance = samples.make(spec, cast.owner)
    before, name = state(spec, instance), writable_text(spec)
    count = Change.objects.count()
    for hostile in ("NUL \x00", "half \ud800", 5, ["list"]):
        # when
        with pytest.raises(Invalid) as refusal:
            write.change(spec, instance, {name: hostile}, operation=operation(actor), trusted=True)
        # then
        assert list(refusal.value.errors) == [name]
    assert state(spec, instance) == before
    assert Change.objects.count() == count


@pytest.mark.parametrize("key", KEYS)
def test_an_unknown_or_fixed_field_is_refused(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    instance = samples.make(spec, cast.owner)
    before = state(spec, instance)
    # when
    with pytest.raises(Invalid) as refusal:
        write.change(
            spec,
            instance,
            {"no_such": 1, "id": 7, "version": 3, "created_at": None},
            operation=operation(actor),
        )
    # then
    assert set(refusal.value.errors) == {"no_such", "id", "version", "created_at"}
    assert state(spec, instance) == before


@pytest.mark.parametrize("key", KEYS)
def test_two_writers_of_one_field_meet(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    instance, name = samples.make(spec, cast.owner), writable_text(spec)
    seen = state(spec, instance)
    write.change(spec, instance, {name: "Hers"}, operation=operation(actor), trusted=True)
    # when
    with pytest.raises(Conflict) as clash:
        write.apply(
            spec,
            spec.model._default_manager.get(pk=instance.pk),
            {name: "His"},
            actor=actor,
            source=changes.PAGE,
            expected={name: seen[name]},
            trusted=True,
        )
    # then
    assert clash.value.current == {name: "Hers"}
    assert state(spec, instance)[name] == "Hers"


@pytest.mark.parametrize("key", KEYS)
def test_many_at_once_do_what_one_by_one_does(key: str, cast: Cast) -> None:
    # given
    spec, actor = registry.get(key), actor_of(cast.admin)
    given = [samples.sample_values(spec) for _each in range(3)]
    for each in given:
        if "first_name" in each:
            del each["name"]  # it follows from the other two
    # when
    together = write.apply_many(
        spec, [(None, each) for each in given[:2]], operation=operation(actor), trusted=True
    )
    alone = write.create(spec, given[2], operation=operation(actor), trusted=True)
    # then
    assert together.errors == {}
    one, two = (state(spec, together.instances[place]) for place in (0, 1))
    assert one.keys() == two.keys() == state(spec, alone).keys()
    assert {name for name, value in one.items() if value} == {
        name for name, value in state(spec, alone).items() if value
    }
    assert [change.verb for change in together.changes] == ["create", "create"]
