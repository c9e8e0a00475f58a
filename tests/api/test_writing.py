"""Writes over the API have the rights, the checks and the history of any other write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity, Stage
from clientela.platform.api.models import ApiToken
from clientela.platform.audit.models import Change
from clientela.records import refs, registry
from clientela.records.spec import Spec

JALON = "Áridos y Hormigones del Jalón, S.L."


def everything() -> tuple[Any, ...]:
    """All that a refused write must not have changed."""
    return (
        list(Account.objects.order_by("pk").values()),
        list(Opportunity.objects.order_by("pk").values()),
        Change.objects.count(),
    )


def refused(answer, status: int, before: tuple[Any, ...]) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["content-type"] == "application/problem+json"
    assert everything() == before
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    return problem


def test_a_record_is_made_with_its_lines_and_links_and_told_in_the_history(make, calling, cast):
    tag = make("tag", name="VIP")
    body = {
        "name": JALON,
        "tags": [tag.pk],
        "emails": [{"email": "info@jalon.example", "kind": "work", "main": True}],
        "annual_revenue": 1234567.89,
        "currency": "EUR",
    }
    answer = calling(cast.owner).post("accounts", body)
    assert answer.status_code == 201
    item = answer.json()
    assert answer["location"] == f"/api/v1/accounts/{item['id']}"
    assert (item["name"], item["tags"], item["email"]) == (JALON, [tag.pk], "info@jalon.example")
    assert (item["annual_revenue"], item["owner"]) == ("1234567.89", cast.owner.pk)
    change = Change.objects.get(record="account")
    token = ApiToken.objects.get(user=cast.owner)
    assert (change.source, change.reference, change.actor_id) == ("api", token.prefix, cast.owner.pk)


def test_only_the_given_fields_change(make, calling, cast):
    account = make("account", name=JALON, city="Ricla", owner=cast.owner.pk)
    answer = calling(cast.owner).patch(f"accounts/{account.pk}", {"city": "La Almunia"})
    assert (answer.status_code, answer.json()["city"], answer.json()["version"]) == (200, "La Almunia", 2)
    account.refresh_from_db()
    assert (account.name, account.city) == (JALON, "La Almunia")


def test_an_old_version_is_a_conflict(make, calling, cast):
    account = make("account", name=JALON, owner=cast.owner.pk)
    caller = calling(cast.owner)
    assert caller.patch(f"accounts/{account.pk}", {"city": "Ricla", "version": 1}).status_code == 200
    before = everything()
    problem = refused(
        caller.patch(f"accounts/{account.pk}", {"city": "Calatayud", "version": 1}), 409, before
    )
    assert problem["current"] == {"version": 2}
    assert refused(caller.patch(f"accounts/{account.pk}", {"version": "x"}), 422, before)["errors"]["version"]


def test_a_deleted_record_is_gone(make, calling, cast):
    account = make("account", name=JALON, owner=cast.owner.pk)
    caller = calling(cast.owner)
    answer = caller.delete(f"accounts/{account.pk}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert caller.get(f"accounts/{account.pk}").status_code == 404
    assert not Account.objects.exists()


def test_who_may_not_write_changes_nothing(make, calling, cast):
    account = make("account", name=JALON, owner=cast.owner.pk)
    path, body = f"accounts/{account.pk}", {"name": "Taken"}
    before = everything()
    for user, status in ((cast.reader, 403), (cast.teammate, 403), (cast.outsider, 404)):
        refused(calling(user).patch(path, body), status, before)
        refused(calling(user).delete(path), status, before)
    refused(calling(cast.reader).post("accounts", {"name": "New"}), 403, before)
    refused(calling(cast.owner).post("tags", {"name": "New"}), 403, before)


def test_a_link_to_what_one_may_not_see_is_refused(make, calling, cast):
    account = make("account", name=JALON, owner=cast.outsider.pk)
    before = everything()
    problem = refused(
        calling(cast.owner).post("opportunities", {"name": "Flota", "account": account.pk}), 422, before
    )
    assert list(problem["errors"]) == ["account"]


def test_a_record_given_away_is_out_of_sight(make, calling, cast):
    account = make("account", name=JALON, owner=cast.owner.pk)
    answer = calling(cast.owner).patch(f"accounts/{account.pk}", {"owner": cast.outsider.pk})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "x" * 1_000_001}, "name"),
        ({"name": "x", "nope": 1}, "nope"),
        ({"name": "x", "": 1}, ""),
        ({"name": "x", "id": 5}, "id"),
        ({"name": "x", "version": 5}, "version"),
        ({"name": "x", "created_at": "2026-01-01"}, "created_at"),
        ({"name": "x", "kind": "boss"}, "kind"),
        ({"name": "x", "kind": ["customer"]}, "kind"),
        ({"name": "x", "owner": 10**30}, "owner"),
        ({"name": "x", "owner": 999999}, "owner"),
        ({"name": "x", "owner": True}, "owner"),
        ({"name": "x", "owner": 1.5}, "owner"),
        ({"name": "x", "tags": 5}, "tags"),
        ({"name": "x", "tags": [999999]}, "tags"),
        ({"name": "x", "tags": [{}]}, "tags"),
        ({"name": "x", "emails": "no"}, "emails"),
        ({"name": "x", "emails": [1]}, "emails"),
        ({"name": "x", "emails": [{"email": "no"}]}, "emails"),
        ({"name": "x", "emails": [{"nope": 1, "email": "a@x.example"}]}, "emails"),
        ({"name": "x", "emails": [{"email": ["a"]}]}, "emails"),
        ({"name": "x", "email": "no"}, "email"),
        ({"name": "x", "employees": 2**63}, "employees"),
        ({"name": "x", "employees": -1}, "employees"),
        ({"name": "x", "employees": "7"}, "employees"),
        ({"name": "x", "annual_revenue": "1e999999999"}, "annual_revenue"),
        ({"name": "x", "annual_revenue": 10**17}, "annual_revenue"),
        ({"name": "x", "annual_revenue": "NaN"}, "annual_revenue"),
        ({"name": "x", "annual_revenue": "1.234"}, "annual_revenue"),
    ],
)
def test_a_value_that_cannot_be_kept_is_named(db, calling, cast, body, field):
    before = everything()
    problem = refused(calling(cast.admin).post("accounts", body), 422, before)
    assert problem["errors"][field]


def test_only_what_is_wrong_is_named(db, calling, cast):
    before = everything()
    # pipeline and stage are the usual ones where none are given
    problem = refused(
        calling(cast.admin).post("opportunities", {"name": "Crane", "amount": "x"}), 422, before
    )
    assert list(problem["errors"]) == ["amount"]
    problem = refused(calling(cast.admin).post("opportunities", {"name": "", "amount": "x"}), 422, before)
    assert sorted(problem["errors"]) == ["amount", "name"]


@pytest.mark.parametrize("probability", ["100.01", 101, -1, "-0.01"])
def test_a_probability_is_a_share_of_a_hundred(db, calling, cast, probability):
    before = everything()
    answer = calling(cast.admin).post("opportunities", {"name": "Crane", "probability": probability})
    problem = refused(answer, 422, before)
    assert list(problem["errors"]) == ["probability"]
    whole = calling(cast.admin).post("opportunities", {"name": "Crane", "probability": 100})
    assert (whole.status_code, whole.json()["probability"]) == (201, "100.00")


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "application/json", 400),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "x"}', "text/plain", 415),
        (b'{"name": "' + b"x" * 6_000_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(calling, cast, raw, content_type, status):
    before = everything()
    client = calling(cast.admin).client
    answer = client.generic("POST", "/api/v1/accounts", raw, content_type=content_type)
    refused(answer, status, before)


def test_an_action_asks_for_what_is_missing_and_then_does_it(make, calling, cast):
    reason = make("lost-reason", name="Price")
    deal = make("opportunity", name="Flota", owner=cast.owner.pk)
    caller = calling(cast.owner)
    before = everything()
    for body, field in (
        ({"nope": 1}, "nope"),
        ({"lost_reason": 999999}, "lost_reason"),
        ({"lost_reason": "x"}, "lost_reason"),
    ):
        problem = refused(caller.post(f"opportunities/{deal.pk}/lose", body), 422, before)
        assert problem["errors"][field]
    refused(caller.post(f"opportunities/{deal.pk}/fly"), 404, before)
    refused(calling(cast.reader).post(f"opportunities/{deal.pk}/lose"), 403, before)
    refused(calling(cast.outsider).post(f"opportunities/{deal.pk}/lose"), 404, before)
    answer = caller.post(f"opportunities/{deal.pk}/lose", {"lost_reason": reason.pk})
    assert answer.status_code == 200, answer.content
    lost = Stage.objects.get(pk=answer.json()["stage"])
    assert (lost.kind, answer.json()["lost_reason"]) == ("lost", reason.pk)
    before = everything()
    refused(caller.post(f"opportunities/{deal.pk}/lose"), 409, before)
    assert caller.post(f"opportunities/{deal.pk}/reopen").status_code == 200


def test_a_lead_is_converted_into_what_is_there_and_a_deal_of_its_own(make, calling, cast):
    # given
    there = make("account", name="Hormigones", owner=cast.owner.pk)
    hidden = make("account", name="Of others", owner=cast.outsider.pk)
    lead = make("lead", name="Mª Ángeles", company="Hormigones, S.L.", amount="5", owner=cast.owner.pk)
    caller, path = calling(cast.owner), f"leads/{lead.pk}/convert"
    before = everything()
    # then
    for body, field in (
        ({"nope": 1}, "nope"),
        ({"account": hidden.pk}, "account"),
        ({"contact": True}, "contact"),
        ({"with_contact": 1}, "with_contact"),
        ({"opportunity": []}, "opportunity"),
        ({"opportunity": {"account": there.pk}}, "opportunity"),
        ({"opportunity": {"amount": "a lot"}}, "amount"),
    ):
        assert field in refused(caller.post(path, body), 422, before)["errors"], body
    refused(calling(cast.reader).post(path), 403, before)
    # when
    answer = caller.post(path, {"account": there.pk, "with_contact": False, "opportunity": {"name": "Kiln"}})
    # then
    deal = Opportunity.objects.get()
    assert answer.status_code == 200, answer.content
    assert [answer.json()[name] for name in ("status", "account", "contact", "opportunity")] == [
        "converted",
        there.pk,
        None,
        deal.pk,
    ]
    assert (deal.name, deal.account, deal.amount, deal.stage.kind) == ("Kiln", there, 5, "open")
    refused(caller.post(path), 403, everything())


def test_a_record_added_while_running_is_there_at_once(make, calling, cast):
    make("zone", name="Norte")
    base = registry.get("zone")
    caller = calling(cast.admin)
    assert caller.get("machines").status_code == 404
    registry.remove(base)
    spec = Spec(
        "machine", "machines", base.model, "Machine", "Machines", search=base.search, access=base.access
    )
    registry.add(spec)
    refs.forget()
    try:
        assert [item["name"] for item in caller.listed("machines")["items"]] == ["Norte"]
        assert caller.post("machines", {"name": "Sur"}).status_code == 201
        assert "/api/v1/machines/{id}" in caller.get("openapi.json").json()["paths"]
    finally:
        registry.remove(spec)
        registry.add(base)
        refs.forget()
    assert caller.get("machines").status_code == 404


def test_what_was_written_is_read_back_unharmed(calling, cast):
    text = json.loads(r'"\u202e\ufeff <script>\"\u0007\n ﷺ 👩‍👩‍👧 Z͑ͫ \u0000"'.replace("\\u0000", ""))
    answer = calling(cast.admin).post("accounts", {"name": "x", "description": text})
    assert (answer.status_code, answer.json()["description"]) == (201, text)
