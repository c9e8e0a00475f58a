"""Roles as one grid: what is shown holds, what is saved is what was shown, nobody is locked out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clientela.access import policy, ready_made
from clientela.access.actor import actor_of
from clientela.access.models import Role, User
from clientela.platform.audit.models import Change
from clientela.platform.people import roles
from clientela.platform.rights import draft, offered, reaching, words
from clientela.records import registry
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Invalid
from tests.answers import Answer
from tests.cast import Cast
from tests.contract import samples

pytestmark = pytest.mark.django_db


def role_of(key: str) -> Role:
    return Role.objects.get(key=key)


def form_of(role: Role, shown: draft.Draft | None = None) -> dict[str, Any]:
    """What the browser sends for a grid that nobody touched."""
    shown = shown or draft.of(role)
    sent: dict[str, Any] = {
        "version": role.version,
        "name": shown.name,
        "description": shown.description,
        "private": shown.private,
    }
    sent |= {f"module-{label}": "on" for label, on in shown.modules.items() if on}
    for key, verbs in shown.scopes.items():
        for verb, value in verbs.items():
            if not isinstance(value, bool):
                sent[f"scope-{key}-{verb}"] = json.dumps(value)
            elif value:
                sent[f"scope-{key}-{verb}"] = "on"
    for key, levels in shown.fields.items():
        sent |= {f"field-{key}-{name}": level for name, level in levels.items()}
    for key, allowed in shown.actions.items():
        sent |= {f"action-{key}-{name}": "on" for name, yes in allowed.items() if yes}
    if shown.requires_mfa:
        sent["requires_mfa"] = "on"
    return sent


def post(client: Client, role: Role, sent: dict[str, Any], do: str = "save") -> Answer:
    return client.post(
        reverse("rights_role", args=[role.pk]), {**sent, "do": do}, headers={"HX-Request": "true"}
    )


@pytest.mark.parametrize(
    "key", [key for key, ready in ready_made.ROLES.items() if not ready.is_administrator]
)
def test_a_grid_that_nobody_touched_says_the_same_rules(db: None, key: str) -> None:
    role = role_of(key)
    shown = draft.of(role)
    again = draft.of_rules(draft.rules_of(shown, roles.rules_of(role)))
    assert (again.scopes, again.modules, again.actions) == (shown.scopes, shown.modules, shown.actions)
    assert "rules" not in draft.values_of(role, shown) or draft.values_of(role, shown)["rules"] is None


def test_a_scope_is_chosen_saved_told_and_undone(cast: Cast, signed_in) -> None:
    # given
    role, spec = role_of("seller"), registry.get("account")
    record = samples.make(spec, cast.teammate)
    client = signed_in(cast.admin)
    sent = form_of(role) | {"scope-account-see": '"own"'}
    assert policy.can(actor_of(cast.owner), "see", spec, record)
    # when it is only drawn
    drawn = post(client, role, sent, do="")
    # then nothing is kept, and the bar says what would change for whom
    assert "Accounts, see: team and below → own" in drawn.content.decode()
    assert "It changes for 3 people at once." in drawn.content.decode()
    assert role_of("seller").rules == ""
    # when
    saved = post(client, role, sent)
    # then
    assert saved.status_code == 200
    assert roles.rules_of(role_of("seller"))["records"]["account"] == {"see": "own"}
    fresh = User.objects.get(pk=cast.owner.pk)
    assert not policy.can(actor_of(fresh), "see", spec, record)
    change = Change.objects.filter(record="role").get()
    assert (change.verb, change.actor_id) == ("update", cast.admin.pk)
    # when undone
    undo_url = json.loads(saved.headers["HX-Trigger"])["toast"]["undo_url"]
    assert client.post(undo_url).status_code < 300
    assert role_of("seller").rules == ""


def test_everything_of_the_grid_is_kept(cast: Cast, signed_in) -> None:
    # given
    role = roles.create({"name": "Own", "rules": {"modules": {"*": True}}}, operation=_operation(cast))
    sent = form_of(role) | {
        "name": "Zone",
        "description": "Looks after a zone",
        "requires_mfa": "on",
        "scope-account-see": json.dumps(
            ["own", {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}]
        ),
        "scope-account-create": "on",
        "scope-opportunity-change": '"team"',
        "scope-tag-create": "on",
        "field-account-website": "hidden",
        "add-account": "phone"
        if any(r.path == "phone" for r in offered.fields(registry.get("account")))
        else "",
    }
    del sent["action-opportunity-win"]
    del sent["module-*"]
    # when
    assert post(signed_in(cast.admin), role, sent).status_code == 200
    # then
    kept = Role.objects.get(pk=role.pk)
    assert (kept.name, kept.description, kept.requires_mfa) == ("Zone", "Looks after a zone", True)
    rules = roles.rules_of(kept)
    assert {name: on for name, on in rules["modules"].items() if name != "fakes"} == {
        "*": False,
        "parties": True,
        "sales": True,
    }
    assert rules["records"]["account"] == {
        "see": ["own", {"condition": {"field": "zone__people", "op": "in", "value": ["me"]}}],
        "create": True,
    }
    assert rules["records"]["opportunity"] == {"change": "team"}
    assert rules["records"]["tag"] == {"create": True}
    assert rules["fields"]["account"]["website"] == "hidden"
    assert rules["actions"] == {"opportunity": {"win": False}}


def test_as_it_was_made_again_is_no_rule_of_its_own(cast: Cast, signed_in) -> None:
    role, client = role_of("seller"), signed_in(cast.admin)
    untouched = form_of(role)
    post(client, role, untouched | {"scope-account-see": '"own"'})
    changed = role_of("seller")
    # when it is chosen back
    post(client, changed, untouched | {"version": changed.version})
    # then
    assert roles.is_as_made(role_of("seller"))
    # when it is made what it was in one step
    changed = role_of("seller")
    post(client, changed, untouched | {"version": changed.version, "scope-account-see": '"own"'})
    assert client.post(reverse("rights_role_reset", args=[role.pk])).status_code == 204
    assert roles.is_as_made(role_of("seller"))


def test_whoever_was_overtaken_is_told_and_changes_nothing(cast: Cast, signed_in) -> None:
    role, client = role_of("seller"), signed_in(cast.admin)
    sent = form_of(role)
    post(client, role, sent | {"scope-account-see": '"own"'})
    entries = Change.objects.count()
    answer = post(client, role, sent | {"scope-account-see": '"all"'})
    assert answer.status_code == 409
    assert roles.rules_of(role_of("seller"))["records"]["account"] == {"see": "own"}
    assert Change.objects.count() == entries


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope-account-see": '"everything"'},
        {"scope-account-see": "{"},
        {"scope-account-see": '{"condition": {"field": "nope", "op": "is", "value": 1}}'},
        {"scope-account-see": '{"condition": {}}'},
        {"name": " "},
    ],
)
def test_what_cannot_be_kept_is_told_and_changes_nothing(
    cast: Cast, signed_in, wrong: dict[str, str]
) -> None:
    role, entries = role_of("seller"), Change.objects.count()
    assert post(signed_in(cast.admin), role, form_of(role) | wrong).status_code == 422
    assert role_of("seller").rules == ""
    assert Change.objects.count() == entries


def test_roles_are_made_copied_and_deleted(cast: Cast, signed_in) -> None:
    client = signed_in(cast.admin)
    # when
    made = client.post(reverse("rights_role_new"), {"name": "Junior", "like": str(role_of("seller").pk)})
    # then
    junior = Role.objects.get(name="Junior")
    assert made.headers["HX-Redirect"] == reverse("rights_role", args=[junior.pk])
    assert roles.rules_of(junior) == roles.rules_of(role_of("seller"))
    # while somebody has it, and one that is ready-made, stay
    cast.owner.roles.add(junior)
    for each in (junior, role_of("reader")):
        assert client.post(reverse("rights_role_delete", args=[each.pk])).status_code == 403
    assert client.post(reverse("rights_role_reset", args=[junior.pk])).status_code == 403
    # when nobody has it
    cast.owner.roles.remove(junior)
    answer = client.post(reverse("rights_role_delete", args=[junior.pk]))
    assert answer.status_code == 204
    assert not Role.objects.filter(pk=junior.pk).exists()
    client.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"])
    assert Role.objects.get(name="Junior").pk == junior.pk


@pytest.mark.parametrize("given", [{"name": ""}, {"name": "X", "like": "x"}, {"name": "X", "like": "999999"}])
def test_a_role_that_cannot_be_made_is_refused(cast: Cast, signed_in, given: dict[str, str]) -> None:
    count = Role.objects.count()
    assert signed_in(cast.admin).post(reverse("rights_role_new"), given).status_code in (404, 422)
    assert Role.objects.count() == count


def test_the_administrators_role_stays_theirs(cast: Cast, signed_in) -> None:
    admin, client = role_of("admin"), signed_in(cast.admin)
    sent = {"version": admin.version, "name": "Boss", "description": ""}
    assert post(client, admin, sent).status_code == 200
    kept = role_of("admin")
    assert (kept.name, kept.is_administrator, kept.rules) == ("Boss", True, "")
    assert client.post(reverse("rights_role_delete", args=[admin.pk])).status_code == 403
    assert client.get(reverse("rights_role", args=[admin.pk])).status_code == 200


@pytest.mark.parametrize("name", ["owner", "manager", "reader"])
def test_only_administrators_come_here(cast: Cast, signed_in, name: str) -> None:
    client, role = signed_in(getattr(cast, name)), role_of("seller")
    addresses = [
        reverse("rights_roles"),
        reverse("rights_role", args=[role.pk]),
        reverse("rights_role_new"),
        reverse("rights_scope", args=[role.pk, "account", "see"]),
        reverse("rights_condition", args=[role.pk, "account", "see"]),
        reverse("rights_why"),
        reverse("rights_see_as"),
    ]
    assert [client.get(address).status_code for address in addresses] == [403] * len(addresses)
    assert post(client, role, form_of(role) | {"scope-account-see": '"all"'}).status_code == 403
    assert role_of("seller").rules == ""


def test_the_menu_counts_what_one_real_person_would_reach(cast: Cast, signed_in) -> None:
    # given: 1 of her own, 1 of a colleague, 1 of another team
    spec, role = registry.get("account"), roles.create({"name": "Own"}, operation=_operation(cast))
    for user in (cast.owner, cast.teammate, cast.outsider):
        samples.make(spec, user)
    cast.owner.roles.set([role])
    # when
    found = list(reaching.counts(cast.owner, "account", "see", "own"))
    # then
    assert found == [
        ("none", 0, False),
        ("own", 1, False),
        ("team", 2, False),
        ("team_below", 2, False),
        ("all", 3, False),
    ]
    tree = {"field": "owner", "op": "in", "value": ["my_team"]}
    by_condition = list(reaching.counts(cast.owner, "account", "see", {"condition": tree}))
    assert by_condition[-1] == ("condition", 2, False)
    # and the menu says whose records they are
    address = reverse("rights_scope", args=[role.pk, "account", "see"])
    shown = signed_in(cast.admin).get(address + '?value="own"').content.decode()
    assert "Records that Owner would reach" in shown
    assert shown.count("aria-current") == 1


def test_a_condition_is_built_and_handed_to_the_grid(cast: Cast, signed_in) -> None:
    role, client = role_of("seller"), signed_in(cast.admin)
    address = reverse("rights_condition", args=[role.pk, "account", "see"])
    assert client.get(address).status_code == 200
    sent = {"row": "0", "f-0": "name", "was-0": "name", "o-0": "contains", "v-0": "Gil", "besides": "own"}
    # when
    answer = client.post(address, {**sent, "do": "apply"})
    # then
    assert answer.status_code == 204
    chosen = json.loads(answer.headers["HX-Trigger"])["clientela:scope"]
    assert chosen["name"] == "scope-account-see"
    tree = {"field": "name", "op": "contains", "value": "Gil"}
    assert json.loads(chosen["value"]) == ["own", {"condition": tree}]
    shown = post(client, role, form_of(role) | {"scope-account-see": chosen["value"]}, do="")
    assert "contains Gil" in shown.content.decode()
    # when nothing is said, the builder stays
    assert client.post(address, {"do": "apply"}).status_code == 200
    assert client.get(reverse("rights_condition", args=[role.pk, "user", "see"])).status_code == 404
    assert client.get(reverse("rights_scope", args=[role.pk, "account", "create"])).status_code == 404


def test_pages_take_as_many_queries_whatever_there_is(
    cast: Cast, signed_in, django_assert_max_num_queries
) -> None:
    client, role = signed_in(cast.admin), role_of("seller")
    with django_assert_max_num_queries(12):
        assert client.get(reverse("rights_roles")).status_code == 200
    with django_assert_max_num_queries(16):
        assert client.get(reverse("rights_role", args=[role.pk])).status_code == 200


def test_levels_and_words_agree() -> None:
    given: list[Any] = ["none", True, False, {"condition": {}}, ["own", {}]]
    assert [words.level_of(value) for value in given] == [
        "none", "all", "none", "condition", "condition",
    ]  # fmt: skip


def _operation(cast: Cast) -> Any:
    from clientela.records.changes import Operation, Source

    return Operation(actor_of(cast.admin), Source("test"))


HALF = '"\\ud83d"'
BAD_JSON = [
    HALF,
    '{"condition": {"field": "name", "op": "contains", "value": "\\ud83d"}}',
    '{"condition": {"\\ud83d": 1}}',
    "[" * 100_000,
    '{"condition": {"all": ' * 2_000 + "1" + "}}" * 2_000,
    "\x00",
    "1e999",
    "{",
]


@pytest.mark.parametrize("text", BAD_JSON, ids=range(len(BAD_JSON)))
def test_half_a_character_or_a_deep_pit_in_a_reach_is_refused(cast: Cast, signed_in, text: str) -> None:
    # given
    client, role = signed_in(cast.admin), role_of("seller")
    entries = Change.objects.count()
    # then wherever a reach is sent as JSON
    menu = reverse("rights_scope", args=[role.pk, "account", "see"])
    builder = reverse("rights_condition", args=[role.pk, "account", "see"])
    short = text if len(text) < 5_000 else text[:5_000]
    for answer in (
        client.get(menu, {"value": short}),
        client.get(builder, {"value": short}),
        client.post(builder, {"value": text, "do": "add"}),
    ):
        assert answer.status_code == 400
    saved = post(client, role, {**form_of(role), "scope-account-see": text})
    assert saved.status_code == 422
    assert "The reach of a right could not be read." in saved.content.decode()
    for name in ("rights_why", "rights_see_as"):
        asked = client.get(reverse(name), {"record": text[:500], "person": text[:500], "kind": text[:500]})
        assert asked.status_code == 200
    assert Change.objects.count() == entries
    given = {"records": {"account": {"see": {"condition": {"field": "\ud83d"}}}}}
    with pytest.raises(Invalid):
        roles.create({"name": "Half", "rules": given}, operation=Operation(actor_of(cast.admin), PAGE))
