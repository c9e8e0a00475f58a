"""The queue, the table side by side, taking apart, the API."""

from __future__ import annotations

import json

import pytest

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.parties.models import Account
from clientela.platform.api.tokens import issue
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import completeness, merging
from clientela.platform.duplicates.models import Decision, Merge, Pair
from clientela.records import query, refs, registry
from tests.duplicates.builders import make, operation

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(cast):
    first = make("account", cast.owner, name="Forjados Muñío, S.L.", phone="+34976812044", city="Ricla")
    second = make("account", cast.owner, name="FORJADOS MUÑIO SL", phone="+34976812044", city="Épila")
    reasons = [
        {"why": "name", "points": 75, "fields": ["name"], "share": 100},
        {"why": "phone", "points": 60, "fields": ["phone", "phones__phone"]},
    ]
    return Pair.objects.create(
        record="account", first_id=first.pk, second_id=second.pk, score=90, reasons=reasons
    )


def text_of(answer) -> str:
    return str(answer.content.decode())


def test_the_queue_shows_the_pair_and_why(cast, signed_in, pair):
    answer = signed_in(cast.owner).get("/duplicates/accounts/")

    text = text_of(answer)
    assert answer.status_code == 200
    assert "same name · same telephone" in text
    assert 'name="source-street"' in text or "Ricla" in text


def test_the_first_kind_is_where_one_begins(cast, signed_in):
    assert signed_in(cast.owner).get("/duplicates/").headers["Location"] == "/duplicates/leads/"
    assert signed_in(cast.reader).get("/duplicates/").status_code == 403


@pytest.mark.parametrize(("person", "shown"), [("teammate", 0), ("manager", 1), ("admin", 1)])
def test_only_pairs_of_which_one_may_change_both(cast, signed_in, pair, person, shown):
    text = text_of(signed_in(getattr(cast, person)).get("/duplicates/accounts/"))

    assert text.count("FORJADOS MUÑIO SL") >= shown
    assert ("FORJADOS MUÑIO SL" in text) is bool(shown)


def test_a_hidden_field_gives_no_reason_and_no_column(cast, signed_in, pair, monkeypatch):
    def hidden(actor, subject):
        return frozenset({"phone", "phones"}) if subject.key == "account" else frozenset()

    monkeypatch.setattr(policy, "hidden_fields", hidden)

    text = text_of(signed_in(cast.owner).get("/duplicates/accounts/"))

    assert "same name" in text
    assert "same telephone" not in text
    assert "812044" not in text.replace(" ", "")
    assert "75 %" in text


def test_one_says_that_they_are_two_and_thinks_better_of_it(cast, signed_in, pair):
    client, url = signed_in(cast.owner), f"/duplicates/accounts/decide/{pair.pk}/"

    client.post(url, {"decision": "different"})
    pair.refresh_from_db()
    assert (pair.decision, pair.decided_by_id) == (Decision.DIFFERENT, cast.owner.pk)
    assert "FORJADOS MUÑIO SL" not in text_of(client.get("/duplicates/accounts/"))
    assert "FORJADOS MUÑIO SL" in text_of(client.get("/duplicates/accounts/?show=different"))
    client.post(url, {"decision": "open"})

    pair.refresh_from_db()
    assert pair.decision == Decision.OPEN


def test_nobody_decides_on_others_records(cast, signed_in, pair):
    url = f"/duplicates/accounts/decide/{pair.pk}/"

    assert signed_in(cast.outsider).post(url, {"decision": "different"}).status_code == 404
    assert signed_in(cast.reader).post(url, {"decision": "different"}).status_code == 403
    assert signed_in(cast.owner).post(url, {"decision": "nonsense"}).status_code == 422
    assert signed_in(cast.owner).get(url).status_code == 405
    pair.refresh_from_db()
    assert pair.decision == Decision.OPEN


def test_merged_from_the_queue_and_the_old_address_leads_on(cast, signed_in, pair):
    client = signed_in(cast.owner)
    ids = [pair.first_id, pair.second_id]

    answer = client.post(
        "/duplicates/accounts/merge/",
        {"survivor": ids[0], "ids": ids, "next": "queue", "source-name": ids[1]},
    )

    assert answer.headers["Location"] == "/duplicates/accounts/"
    assert list(Account.objects.values_list("pk", "name")) == [(ids[0], "FORJADOS MUÑIO SL")]
    old = client.get(f"/accounts/{ids[1]}/")
    assert (old.status_code, old.headers["Location"]) == (301, f"/accounts/{ids[0]}/")
    assert old.headers["Cache-Control"] == "no-store"
    assert signed_in(cast.outsider).get(f"/accounts/{ids[1]}/").status_code == 404
    page = text_of(client.get("/duplicates/accounts/"))
    assert "Merged lately" in page


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ids": ["1"], "survivor": "1"},
        {"ids": ["x", "y"], "survivor": "x"},
        {"ids": ["9999999", "9999998"], "survivor": "9999999"},
        {"ids": ["9" * 40, "1"], "survivor": "1"},
    ],
)
def test_a_merge_of_nothing_is_refused(cast, signed_in, pair, given):
    assert signed_in(cast.owner).post("/duplicates/accounts/merge/", given).status_code == 404
    assert Account.objects.count() == 2


def test_a_value_of_another_record_is_refused_in_words(cast, signed_in, pair):
    ids = [pair.first_id, pair.second_id]

    answer = signed_in(cast.owner).post(
        "/duplicates/accounts/merge/", {"survivor": ids[0], "ids": ids, "source-name": "777"}
    )

    assert answer.status_code == 422
    assert "This value is of another record." in text_of(answer)
    assert Account.objects.count() == 2


def test_from_the_rows_chosen_in_a_list(cast, signed_in, pair):
    client = signed_in(cast.owner)
    headers = {"HX-Request": "true"}
    one, two = pair.first_id, pair.second_id

    answer = client.get(f"/duplicates/accounts/merge/?ids={one}&ids={two}&all_matching=", headers=headers)

    url = answer.headers["HX-Redirect"]
    assert url == f"/duplicates/accounts/merge/?ids={one}&ids={two}"
    assert client.get(url).status_code == 200
    assert "HX-Redirect" not in client.get("/duplicates/accounts/merge/?ids=1", headers=headers).headers
    assert "/duplicates/accounts/" in text_of(client.get("/accounts/"))
    assert "/duplicates/accounts/" not in text_of(signed_in(cast.reader).get("/accounts/"))


def merged(cast, pair) -> Merge:
    spec = registry.get("account")
    return merging.merge(spec, pair.first_id, [pair.second_id], operation=operation(cast.owner))


def test_taken_apart_with_what_came_later(cast, signed_in, pair):
    made = merged(cast, pair)
    deal = make("opportunity", cast.owner, name="Crusher", account=pair.first_id)
    client, url = signed_in(cast.owner), f"/duplicates/accounts/unmerge/{made.pk}/"
    assert "Crusher" in text_of(client.get(url))

    client.post(url, {f"to-opportunity:{deal.pk}": pair.second_id, "rest": pair.first_id})

    deal.refresh_from_db()
    assert deal.account_id == pair.second_id
    assert Account.objects.count() == 2
    assert client.get(url).status_code == 404
    assert client.get(f"/accounts/{pair.second_id}/").status_code == 200
    told = text_of(client.get(f"/timeline/accounts/{pair.second_id}/"))
    # What an undo is told of is what it took back.
    assert "undid “Merged”" in told
    assert "deleted it" in told


def test_others_do_not_take_it_apart(cast, signed_in, pair):
    url = f"/duplicates/accounts/unmerge/{merged(cast, pair).pk}/"

    assert signed_in(cast.outsider).post(url).status_code == 404
    assert signed_in(cast.teammate).post(url).status_code == 403
    assert Account.objects.count() == 1


def test_searching_anew_is_for_administrators(cast, signed_in, run_jobs, pair):
    assert signed_in(cast.owner).post("/duplicates/accounts/search/").status_code == 403
    assert signed_in(cast.admin).post("/duplicates/accounts/search/").status_code == 302
    run_jobs()
    assert Pair.objects.get().reasons[0]["why"] == "name"


# --- the API ------------------------------------------------------------------------------------


@pytest.fixture
def call(client, cast):
    def send(method: str, path: str, body=None, person: User | None = None):
        _token, secret = issue(person or cast.owner, "tests", None)
        return client.generic(
            method,
            f"/api/v1/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"authorization": f"Bearer {secret}"},
        )

    return send


def test_the_api_merges_and_takes_apart(cast, call, pair):
    one, two = pair.first_id, pair.second_id

    answer = call("POST", f"accounts/{one}/merge", {"with": [two], "keep": {"name": two}})

    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["name"]) == (one, "FORJADOS MUÑIO SL")
    old = call("GET", f"accounts/{two}")
    assert (old.status_code, old.json()) == (301, {"merged_into": one})
    assert old.headers["Location"] == f"/api/v1/accounts/{one}"
    assert call("PATCH", f"accounts/{two}", {"city": "X"}).status_code == 404
    deal = make("opportunity", cast.owner, name="Crusher", account=one)
    later = {f"opportunity:{deal.pk}": two}
    answer = call("POST", f"accounts/{one}/unmerge", {"later": later})
    assert (answer.status_code, answer.json()["name"]) == (200, "Forjados Muñío, S.L.")
    assert call("GET", f"accounts/{two}").json()["id"] == two
    deal.refresh_from_db()
    assert deal.account_id == two
    sources = Change.objects.filter(source="merge").values_list("reference", flat=True)
    assert set(sources) == {"api"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"with": []}, 422),
        ({"with": "18"}, 422),
        ({"with": [True]}, 422),
        ({"with": [10**30]}, 422),
        ({"with": [424242]}, 404),
        ({"with": [1], "nonsense": 1}, 422),
        ({"with": [1], "values": []}, 422),
        ({"with": [1], "keep": {"name": [1]}}, 422),
    ],
)
def test_bad_bodies_are_refused_in_words(call, pair, body, status):
    answer = call("POST", f"accounts/{pair.first_id}/merge", body)

    assert answer.status_code == status
    assert Account.objects.count() == 2


@pytest.mark.parametrize(("person", "status"), [("reader", 403), ("teammate", 403), ("outsider", 404)])
def test_the_api_asks_for_rights(cast, call, pair, person, status):
    body = {"with": [pair.second_id]}

    assert call("POST", f"accounts/{pair.first_id}/merge", body, getattr(cast, person)).status_code == status
    assert Account.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {"later": []},
        {"later": {"opportunity": 1}},
        {"later": {"opportunity:1": "x"}},
        {"later": {"opportunity:424242": 1}},
        {"rest": "x"},
        {"rest": 424242},
    ],
)
def test_a_bad_unmerge_changes_nothing(cast, call, pair, body):
    merged(cast, pair)

    assert call("POST", f"accounts/{pair.first_id}/unmerge", body).status_code == 422
    assert Account.objects.count() == 1


def test_nothing_to_take_apart(call, pair):
    assert call("POST", f"accounts/{pair.first_id}/unmerge").status_code == 404


# --- completeness -------------------------------------------------------------------------------


def test_the_record_page_says_what_is_missing(cast, signed_in, pair):
    contact = make("contact", cast.owner, name="Ana Gil", email="ana@x.example")

    text = text_of(signed_in(cast.owner).get(f"/contacts/{contact.pk}/panel/completeness/"))

    # First name 1, last name 2, e-mail 3 and owner 1 of 12.
    assert "58 %" in text
    assert f"/contacts/{contact.pk}/field/phone/" in text
    reader = text_of(signed_in(cast.reader).get(f"/contacts/{contact.pk}/panel/completeness/"))
    assert "58 %" in reader
    assert "/field/phone/" not in reader


def test_the_least_complete_come_first_in_the_list(cast, signed_in, pair):
    make("account", cast.owner, name="Bare")

    text = text_of(signed_in(cast.owner).get(completeness.worst_url(registry.get("account"))))

    assert text.index("Bare") < text.index("FORJADOS")


def test_the_column_and_the_panel_say_the_same(cast):
    make("account", cast.owner, name="Bare")
    make("contact", cast.owner, name="Ana Gil", email="a@x.example")
    make("lead", cast.owner, name="Eva", company="X")
    for kind in ("account", "contact", "lead"):
        spec, actor = registry.get(kind), actor_of(cast.owner)
        ref = refs.fields_of(spec)[completeness.NAME]
        for row in query.annotated(query.visible(spec, actor), [ref]):
            assert abs(getattr(row, ref.annotation) - completeness.of(spec, row, actor).share) <= 1


def test_a_hidden_field_is_not_missed(cast, monkeypatch):
    contact = make("contact", cast.owner, name="Ana Gil", email="a@x.example")
    monkeypatch.setattr(policy, "hidden_fields", lambda actor, subject: frozenset({"phone"}))

    found = completeness.of(registry.get("contact"), contact, actor_of(cast.owner))

    assert "phone" not in {ref.path for ref in found.missing}
