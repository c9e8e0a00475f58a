"""The pages of the history: the log, an act, the past; and the API. `test_bin` looks into the bin."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.kit import dates
from clientela.platform.audit import policies, security
from clientela.platform.audit.models import Change, HistoryPolicy
from clientela.platform.history import searching
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation, Source
from tests.audit.acting import act

pytestmark = pytest.mark.django_db
ACCOUNT, CONTACT = registry.get("account"), registry.get("contact")
ADMINS = [
    "/settings/activity/",
    "/settings/activity/security/",
    "/settings/activity/rule/",
    "/settings/activity/export/",
]


def change(person, account, source=PAGE, **given):
    operation = act(person, source)
    write.change(ACCOUNT, Account.objects.get(pk=account.pk), given, operation=operation)
    return operation.id


# --- the log ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ADMINS)
@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_only_administrators_read_the_log(cast, signed_in, account, who, url):
    assert signed_in(getattr(cast, who)).get(url).status_code == 403


@pytest.mark.parametrize("url", ADMINS)
def test_nobody_unknown_does(client, account, url):
    assert client.get(url).status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("q=rid", 2),
        ("q=Another", 1),
        ("person=owner", 2),
        ("person=nobody", 0),
        ("kind=contact", 1),
        ("through=import", 1),
        ("through=import 17", 1),
        ("through=import 18", 0),
        ("address=10.0", 1),
        ("since=2001-01-01", 3),
        ("until=2001-01-01", 0),
        ("since=0001-01-01&until=9999-12-31", 3),
        ("since=nonsense", 0),
        ("record=contact:1000000", 0),
        ("record=Another", 1),
        ("after=nonsense", 0),
        ("after=2026-01-01_x", 0),
        ("q=%00", 3),
    ],
)
def test_the_log_is_searched(cast, signed_in, account, query, found):
    write.create(CONTACT, {"last_name": "Another"}, operation=act(cast.admin))
    change(cast.owner, account, Source("import", "17", "10.0.0.9"), city="Épila")

    page = signed_in(cast.admin).get(f"/settings/activity/?{query}")

    assert page.status_code == 200
    assert (
        len(page.context["entries"]) == found
        if page.context
        else page.content.decode().count("<tr><td") == found
    )


def test_a_page_of_the_log_goes_on_where_the_last_one_stopped(cast, account, monkeypatch):
    for city in "abcdefg":
        change(cast.owner, account, city=city)
    rows, rest = searching.changes(searching.Filters({}, actor_of(cast.admin)))
    seen: list[int] = []
    after = ""
    for _page in range(4):
        found = searching.page(rows, rest, after, 2)
        seen, after = seen + [row.pk for row in found.rows], found.after
    assert seen == list(Change.objects.order_by("-pk").values_list("pk", flat=True))
    assert after == ""


def test_words_are_looked_for_so_far_back_and_then_further(cast, account, monkeypatch):
    for city in "abcdef":
        change(cast.owner, account, city=city)
    write.create(CONTACT, {"last_name": "New"}, operation=act(cast.admin))
    monkeypatch.setattr(searching, "WINDOW", 3)
    rows, _rest = searching.changes(searching.Filters({}, actor_of(cast.admin)))
    rest = Q(verb="create")

    first = searching.page(rows, rest)
    assert [row.title for row in first.rows] == ["New"]
    assert first.looked is not None
    second = searching.page(rows, rest, first.after)
    assert (list(second.rows), second.looked is not None) == ([], True)
    third = searching.page(rows, rest, second.after)
    assert ([row.title for row in third.rows], third.after) == (["Áridos"], "")


def test_an_entry_opens_to_what_was_before_and_after(cast, signed_in, account):
    change(cast.owner, account, Source("api", "clt_abc", "10.0.0.9"), city="Épila")
    newest = Change.objects.latest("id")

    text = signed_in(cast.admin).get(f"/settings/activity/{newest.pk}/").content.decode()

    for word in ("Ricla", "Épila", "Owner", "API token clt_abc", "10.0.0.9"):
        assert word in text


def test_for_whom_somebody_acted_is_told_in_the_log_its_entry_and_the_export(cast, signed_in, account):
    # given
    acting = replace(actor_of(cast.manager), on_behalf_of=cast.owner.pk)
    given = {"city": "Épila"}
    write.change(ACCOUNT, account, given, operation=Operation(acting, Source("rule", "3", "10.0.0.9")))
    newest, client = Change.objects.latest("id"), signed_in(cast.admin)
    # then
    assert (newest.actor, newest.on_behalf_of) == (cast.manager, cast.owner)
    assert "for Owner" in client.get("/settings/activity/").text
    entry = client.get(f"/settings/activity/{newest.pk}/").text
    assert "On behalf of" in entry
    answer = client.get(f"/settings/activity/export/?record=account:{account.pk}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    told = next(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [told[name] for name in ("who", "on_behalf_of", "through", "reference", "address")] == [
        "manager@example.com",
        "owner@example.com",
        "rule",
        "3",
        "10.0.0.9",
    ]


def test_the_export_is_safe_in_a_spreadsheet_program(cast, signed_in, account):
    change(cast.owner, account, name="=cmd|' /C calc'!A0")

    answer = signed_in(cast.admin).get(f"/settings/activity/export/?record=account:{account.pk}")

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["title"] for row in rows] == ["'=cmd|' /C calc'!A0", "Áridos"]
    assert json.loads(rows[0]["before"])["name"] == "Áridos"
    assert rows[0]["who"] == "owner@example.com"


def test_security_events_stand_beside(cast, signed_in):
    security.record_event(security.SIGN_IN_FAILED, detail="who@example.com", address="10.9.9.9")

    text = signed_in(cast.admin).get("/settings/activity/security/?address=10.9").content.decode()

    assert "who@example.com" in text
    assert (
        "who@example.com"
        not in signed_in(cast.admin).get("/settings/activity/security/?kind=x").content.decode()
    )
    security.record_event(security.SIGNED_IN, user=cast.admin, detail="password+totp", address="10.9.9.8")
    text = signed_in(cast.admin).get("/settings/activity/security/?address=10.9.9.8").content.decode()
    assert "<td>password and code</td>" in text


def test_the_rule_is_set_and_that_is_kept(cast, signed_in):
    client = signed_in(cast.admin)

    assert (
        client.post("/settings/activity/rule/", {"keep_months": "24", "undo_days": "30"}).status_code == 302
    )
    assert client.post("/settings/activity/rule/", {"keep_months": "-1", "undo_days": "x"}).status_code == 422

    rule = policies.current()
    assert (rule.keep_months, rule.undo_days, HistoryPolicy.objects.count()) == (24, 30, 1)
    text = client.get("/settings/activity/security/").content.decode()
    assert "keep_months=24 undo_days=30" in text


# --- an act -------------------------------------------------------------------------------------------


def test_an_act_is_looked_at_undone_and_done_again(cast, signed_in, account):
    client, operation = signed_in(cast.owner), change(cast.owner, account, city="Épila")

    page = client.get(f"/acts/{operation}/").content.decode()
    assert "1 change would go back." in page
    assert Account.objects.get(pk=account.pk).city == "Épila"

    for city in ("Ricla", "Épila"):
        answer = client.post(f"/acts/{operation}/undo/")
        assert answer.status_code == 302
        assert Account.objects.get(pk=account.pk).city == city
        operation = answer["Location"].split("/")[2]


def test_what_is_newer_is_shown_and_the_rest_goes_back_only_when_one_says_so(cast, signed_in, account):
    operation = change(cast.owner, account, city="Épila", website="a.example")
    change(cast.manager, account, city="Calatayud")
    client = signed_in(cast.owner)

    page = client.get(f"/acts/{operation}/").content.decode()
    assert "“Áridos” keeps what it says now in: City" in page
    assert "Manager did this later" in page
    assert "Épila → Calatayud" in page

    assert client.post(f"/acts/{operation}/undo/").status_code == 409
    now = Account.objects.get(pk=account.pk)
    assert (now.city, now.website) == ("Calatayud", "a.example")
    assert client.post(f"/acts/{operation}/undo/", {"rest": "1"}).status_code == 302
    now = Account.objects.get(pk=account.pk)
    assert (now.city, now.website) == ("Calatayud", "")


@pytest.mark.parametrize("who", ["teammate", "manager", "reader", "outsider"])
def test_an_act_is_nobody_elses(cast, signed_in, account, who):
    operation = change(cast.owner, account, city="Épila")
    client = signed_in(getattr(cast, who))

    assert client.get(f"/acts/{operation}/").status_code == 404
    assert client.post(f"/acts/{operation}/undo/").status_code == 404
    assert Account.objects.get(pk=account.pk).city == "Épila"


def test_an_act_too_long_ago_stays(cast, signed_in, account, monkeypatch):
    from clientela.platform.audit import stays, undo

    operation = change(cast.owner, account, city="Épila")
    real = stays.moment_of
    monkeypatch.setattr(undo, "moment_of", lambda *given: real(*given).replace(year=2020))

    answer = signed_in(cast.owner).post(f"/undo/{operation}/")

    assert (answer.status_code, answer.content.decode()) == (
        409,
        "This can no longer be undone: more than 90 days have passed.",
    )
    assert Account.objects.get(pk=account.pk).city == "Épila"


# --- the past -----------------------------------------------------------------------------------------


def test_yesterdays_list_and_record(cast, signed_in, account):
    then = Change.objects.latest("id").at.isoformat()
    change(cast.owner, account, city="Épila", name="New name")
    client = signed_in(cast.owner)

    page = client.get(f"/accounts/as-of/{then}/?view=all&sort=name").content.decode()
    assert "Áridos" in page
    assert "New name" not in page
    page = client.get(f"/accounts/{account.pk}/as-of/{then}/").content.decode()
    assert '<td class="told changed">Áridos</td><td class="told">New name</td>' in page
    assert page.index("Ricla") < page.index("Épila")
    assert "2 fields were different." in page
    assert "the same" in page
    assert "New name" in client.get("/accounts/?view=all").content.decode()


def test_a_past_list_tells_whole_dates_and_leads_to_other_days(cast, signed_in, account):
    today = timezone.now().astimezone(ZoneInfo(cast.owner.time_zone)).date()
    day = today.isoformat()
    page = signed_in(cast.owner).get(f"/accounts/as-of/{day}/?view=all&sort=name").content.decode()

    assert f'name="date" value="{day}" max="{day}"' in page
    assert f'href="/accounts/as-of/{today - dt.timedelta(days=1)}/?view=all&amp;sort=name"' in page
    assert '<input type="hidden" name="sort" value="name">' in page
    created = dates.format_date(today, "en")
    listed = signed_in(cast.owner).get(f"/accounts/as-of/{day}/?view=all&columns=name,created_at")
    assert f"<td>{created} " in _plain(listed.content.decode())


def test_a_past_deal_says_its_stage(cast, signed_in):
    deal = write.create(registry.get("opportunity"), {"name": "Deal"}, operation=act(cast.owner))
    then = Change.objects.filter(record="opportunity").latest("id").at.isoformat()
    page = signed_in(cast.owner).get(f"/opportunities/{deal.pk}/as-of/{then}/").content.decode()
    assert page.index("Stage</th>") < page.index("Name</th>")
    assert f">{deal.stage.name}<" in page


def _plain(page):
    """Cells without their attributes, days without their element."""
    return re.sub(r"<td[^>]*>", "<td>", re.sub(r"</?time[^>]*>", "", page))


@pytest.mark.parametrize("text", ["nonsense", "2999-01-01", "2026-99-99"])
def test_a_date_that_is_none_is_refused_with_words(cast, signed_in, account, text):
    client = signed_in(cast.owner)
    for url in (
        f"/accounts/as-of/{text}/",
        f"/accounts/{account.pk}/as-of/{text}/",
        f"/accounts/as-of/?date={text}",
    ):
        answer = client.get(url)
        assert answer.status_code == 400
        assert 'class="error"' in answer.content.decode()


def test_the_past_is_not_shown_to_who_may_not_see_today(cast, signed_in, account):
    then = Change.objects.latest("id").at.isoformat()
    client = signed_in(cast.outsider)

    assert client.get(f"/accounts/{account.pk}/as-of/{then}/").status_code == 404
    assert "Áridos" not in client.get(f"/accounts/as-of/{then}/?view=all").content.decode()
