"""Roles from data: scopes by condition, fields, actions, modules, sharing, and the services for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from clientela.access import policy, rules
from clientela.access.actor import actor_of
from clientela.access.explain import explain
from clientela.access.limits import Limits
from clientela.access.models import Role, Share, User
from clientela.access.roles import requires_mfa
from clientela.domain.parties.models import Account, Zone
from clientela.platform.audit.models import Change
from clientela.platform.people import roles, sharing
from clientela.records import query, registry, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, Refused
from tests.cast import Cast, give_roles
from tests.contract import samples

pytestmark = pytest.mark.django_db
BASE = {"modules": {"*": True}, "records": {"*": {"see": "all", "create": True, "change": "all"}}}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def operation(user: User) -> Operation:
    return Operation(actor_of(user), Source("test"))


def role(**more: Any) -> Role:
    return Role.objects.create(name="Own", rules=rules.dump({**BASE, **more}))


def seen(user: User, key: str = "account") -> set[int]:
    return set(query.visible(registry.get(key), actor_of(user)).values_list("pk", flat=True))


def test_accounts_of_my_zones(cast: Cast) -> None:
    # given
    mine, other = Zone.objects.create(name="North"), Zone.objects.create(name="South")
    mine.people.add(cast.outsider)
    spec = registry.get("account")
    inside, outside = (
        samples.make(spec, cast.owner, zone=mine.pk),
        samples.make(spec, cast.owner, zone=other.pk),
    )
    condition = {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}
    # when
    give_roles(cast.outsider, role(records={"*": {"see": "none"}, "account": {"see": condition}}))
    # then
    actor = actor_of(cast.outsider)
    assert seen(cast.outsider) == {inside.pk}
    assert policy.can(actor, "see", spec, inside)
    assert not policy.can(actor, "see", spec, outside)
    assert policy.reach(actor, "see", spec) == policy.CONDITION
    assert not policy.may(actor, "see", registry.get("opportunity"))


@pytest.mark.parametrize(
    "tree", [{"field": "nope", "op": "is", "value": 1}, {"field": "name", "op": "nope"}, {"all": 3}]
)
def test_a_condition_that_cannot_be_read_shows_nothing(cast: Cast, tree: dict[str, Any]) -> None:
    samples.make(registry.get("account"), cast.outsider)
    give_roles(cast.outsider, role(records={"*": {"see": {"condition": tree}}}))
    assert seen(cast.outsider) == set()


def test_rules_that_cannot_be_read_allow_nothing(cast: Cast) -> None:
    for text in (
        "{",
        "[]",
        '{"modules": {"*": true}, "unknown": 1}',
        '{"records": {"*": {"see": "everything"}}}',
    ):
        give_roles(cast.owner, Role.objects.create(name="Broken", rules=text))
        assert not policy.may(actor_of(cast.owner), "see", registry.get("account")), text


def test_a_field_to_read_is_not_written_and_nothing_is_changed(cast: Cast) -> None:
    # given
    spec = registry.get("account")
    record = samples.make(spec, cast.owner)
    give_roles(cast.owner, role(fields={"account": {"name": "read", "website": "hidden"}}))
    actor = actor_of(cast.owner)
    # then
    assert policy.hidden_fields(actor, spec) == {"website"}
    assert policy.readonly_fields(actor, spec) == {"name", "website"}
    for name, words in (
        ("name", "You may not change this field."),
        ("website", "There is no field “website”."),
    ):
        with pytest.raises(Invalid) as refused:
            write.change(spec, record, {name: "https://x.example"}, operation=operation(cast.owner))
        assert refused.value.errors == {name: [words]}
    assert Account.objects.get(pk=record.pk).name == record.name


def test_rights_of_several_roles_add_up(cast: Cast) -> None:
    spec = registry.get("account")
    give_roles(
        cast.owner,
        role(fields={"account": {"name": "hidden"}}, actions={"opportunity": {"*": False}}),
        role(fields={"account": {"name": "read"}}, actions={"opportunity": {"win": True, "*": False}}),
    )
    actor = actor_of(cast.owner)
    assert policy.hidden_fields(actor, spec) == frozenset()
    assert policy.readonly_fields(actor, spec) == {"name"}
    deal = registry.get("opportunity")
    assert [policy.may_act(actor, name, deal) for name in ("win", "lose")] == [True, False]


def test_a_module_that_is_off_has_nothing(cast: Cast) -> None:
    give_roles(cast.owner, role(modules={"*": True, "sales": False}))
    actor = actor_of(cast.owner)
    assert not any(policy.may(actor, verb, registry.get("opportunity")) for verb in policy.VERBS)
    assert policy.may(actor, "see", registry.get("account"))


def test_what_is_shared_is_seen_and_changed_until_its_date(cast: Cast) -> None:
    # given
    spec = registry.get("account")
    record = samples.make(spec, cast.owner)
    assert record.pk not in seen(cast.outsider)
    # when to read
    made = sharing.share(spec, record, cast.outsider, operation=operation(cast.owner))
    give_roles(cast.outsider, "seller")
    # then
    assert record.pk in seen(cast.outsider)
    assert not policy.can(actor_of(cast.outsider), "change", spec, record)
    # when to write, with the team
    assert cast.outsider.team is not None
    sharing.share(spec, record, cast.outsider.team, level="write", operation=operation(cast.owner))
    give_roles(cast.outsider, "seller")
    assert policy.can(actor_of(cast.outsider), "change", spec, record)
    assert not policy.can(actor_of(cast.outsider), "delete", spec, record)
    # when it has run out
    Share.objects.update(until=timezone.now() - dt.timedelta(minutes=1))
    give_roles(cast.outsider, "seller")
    assert record.pk not in seen(cast.outsider)
    assert list(Change.objects.filter(record="share").values_list("verb", flat=True)) == ["create", "create"]
    # and it can be taken back
    sharing.unshare(made, operation=operation(cast.owner))
    assert Share.objects.count() == 1


def test_only_who_may_change_a_record_shares_it(cast: Cast) -> None:
    spec = registry.get("account")
    record = samples.make(spec, cast.owner)
    with pytest.raises(Refused):
        sharing.share(spec, record, cast.outsider, operation=operation(cast.teammate))
    with pytest.raises(Invalid):
        sharing.share(
            spec,
            record,
            cast.outsider,
            until=timezone.now() - dt.timedelta(days=1),
            operation=operation(cast.owner),
        )
    assert Share.objects.count() == 0


def test_who_manages_a_team_reaches_it_from_elsewhere(cast: Cast) -> None:
    record = samples.make(registry.get("account"), cast.outsider)
    assert record.pk not in seen(cast.manager)
    assert cast.outsider.team is not None
    cast.outsider.team.managers.add(cast.manager)
    give_roles(cast.manager, "manager")
    assert record.pk in seen(cast.manager)


def test_limits_take_away(cast: Cast) -> None:
    spec, lead = registry.get("account"), registry.get("lead")
    actor = actor_of(cast.admin, limits=Limits.of({"lead": "write", "source": "read"}))
    assert not policy.may(actor, "see", spec)
    assert policy.may(actor, "create", lead)
    assert not policy.may(actor, "change", registry.get("source"))
    assert not actor.is_admin
    assert not policy.may(actor_of(cast.admin, limits=Limits.nothing()), "see", lead)


def test_roles_are_made_changed_given_and_taken_away_with_their_history(cast: Cast) -> None:
    by = operation(cast.admin)
    # when
    made = roles.create({"name": "Zone", "rules": BASE}, operation=by)
    copied = roles.copy(Role.objects.get(key="seller"), "Junior", operation=by)
    roles.change(made, {"description": "Looks after a zone", "requires_mfa": True}, operation=by)
    roles.assign(cast.owner, [made], operation=by)
    roles.delete(copied, operation=by)
    # then
    assert roles.rules_of(made) == BASE
    assert [each.name for each in cast.owner.roles.all()] == ["Zone"]
    assert requires_mfa(cast.owner)
    told = Change.objects.filter(record__in=("role", "user")).order_by("pk").values_list("record", "verb")
    assert list(told) == [
        ("role", "create"),
        ("role", "create"),
        ("role", "update"),
        ("user", "update"),
        ("role", "delete"),
    ]


def test_what_would_break_the_rights_is_refused(cast: Cast) -> None:
    by, admin = operation(cast.admin), Role.objects.get(key="admin")
    count = Change.objects.count()
    for refused in (
        lambda: roles.create({"name": "X", "rules": BASE}, operation=operation(cast.manager)),
        lambda: roles.assign(cast.admin, [], operation=by),
        lambda: roles.change(admin, {"is_administrator": False}, operation=by),
        lambda: roles.delete(admin, operation=by),
    ):
        with pytest.raises(Refused):
            refused()
    condition = {"condition": {"field": "nope", "op": "is", "value": 1}}
    wrong: dict[str, Any]
    for wrong in (
        {"records": {"account": {"see": "everything"}}},
        {"rights": {}},
        {"records": {"account": {"see": condition}}},
        {"records": {"account": {"create": "own"}}},
    ):
        with pytest.raises(Invalid):
            roles.create({"name": "X", "rules": wrong}, operation=by)
    assert Change.objects.count() == count
    assert [role.key for role in cast.admin.roles.all()] == ["admin"]


def test_a_decision_is_explained(cast: Cast) -> None:
    spec = registry.get("account")
    record = samples.make(spec, cast.owner)
    refused = explain(cast.outsider, "see", spec, record)
    assert not refused.allowed
    assert [(each.kind, each.name, each.allows, each.text) for each in refused.reasons] == [
        (
            "role",
            "Salesperson",
            False,
            "Somebody outside the own team and those below it looks after the record.",
        )
    ]
    sharing.share(spec, record, cast.outsider, operation=operation(cast.owner))
    cast.outsider.standing = None
    allowed = explain(cast.outsider, "see", spec, record)
    assert allowed.allowed
    assert [(each.kind, each.allows) for each in allowed.reasons] == [("role", False), ("share", True)]
    off = give_roles(cast.teammate, role(modules={}))
    assert [each.text for each in explain(off, "see", spec, record).reasons] == [
        "The module of these records is switched off in this role."
    ]


def test_reading_rights_takes_one_query_whoever_it_is(cast: Cast, django_assert_num_queries) -> None:
    for user in (cast.owner, cast.manager, cast.admin):
        fresh = User.objects.get(pk=user.pk)
        with django_assert_num_queries(1):
            for _each in range(3):
                actor_of(fresh)
