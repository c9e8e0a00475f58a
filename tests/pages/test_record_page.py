"""The page of a record: what is on it, for whom, and at what cost."""

from __future__ import annotations

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import LostReason, Opportunity, Stage
from clientela.platform.audit.models import Change
from clientela.platform.timeline.models import Note
from clientela.platform.timeline.services import add_note
from clientela.records import registry
from tests.pages.builders import by, change, make

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def queries_of(client, url):
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [each["sql"] for each in captured.captured_queries]


def test_page_shows_title_facts_fields_and_related(cast, signed_in):
    account = make(
        "account", cast.owner, name="Áridos Jalón", city="Zaragoza", emails=[{"email": "a@jalon.example"}]
    )
    make("contact", cast.owner, name="Pilar Abadía", account=account.pk, role="Decide")
    make("opportunity", cast.owner, name="Three diggers", account=account.pk, amount="486500")

    response = signed_in(cast.owner).get(f"/accounts/{account.pk}/")

    words = text_of(response)
    assert "<h1>Áridos Jalón</h1>" in response.content.decode()
    for expected in ("Zaragoza", "a@jalon.example", "Pilar Abadía", "Decide", "Three diggers"):
        assert expected in words


def test_outsider_does_not_find_it_and_reader_cannot_edit_it(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")

    outsider = signed_in(cast.outsider).get(f"/accounts/{account.pk}/")
    reader = signed_in(cast.reader).get(f"/accounts/{account.pk}/")
    teammate = signed_in(cast.teammate).get(f"/accounts/{account.pk}/")
    owner = signed_in(cast.owner).get(f"/accounts/{account.pk}/")

    assert outsider.status_code == 404
    assert "Áridos" not in outsider.content.decode()
    assert reader.status_code == teammate.status_code == owner.status_code == 200
    assert "data-edit-url" not in reader.content.decode()
    assert "data-edit-url" not in teammate.content.decode()
    assert "data-edit-url" in owner.content.decode()


@pytest.mark.parametrize("who", ["owner", "manager", "admin"])
def test_queries_are_few_and_do_not_grow(cast, signed_in, who):
    client = signed_in(getattr(cast, who))
    account = make("account", cast.owner, name="Áridos Jalón", phones=[{"phone": "976600144"}])
    deal = make("opportunity", cast.owner, name="Diggers", account=account.pk, amount="10")
    pages = {
        "account": f"/accounts/{account.pk}/?from=",
        "opportunity": f"/opportunities/{deal.pk}/?from=",
    }

    def grow(number):
        roles = []
        for each in range(number):
            person = make("contact", cast.owner, name=f"Person {number}-{each}", account=account.pk)
            roles.append({"contact": person.pk, "role": "Signs"})
            make("opportunity", cast.owner, name=f"Deal {each}", account=account.pk, amount=str(each))
            for key, instance in (("account", account), ("opportunity", deal)):
                add_note(registry.get(key), instance, f"Note {each}", operation=by(cast.owner))
            change("account", account, cast.owner, owner=[cast.owner, cast.teammate][each % 2].pk)
            change("account", account, cast.admin, owner=cast.owner.pk)
            change(
                "opportunity",
                deal,
                cast.owner,
                close_date=f"2026-01-{each % 28 + 1:02d}",
                amount=str(each + 11),
            )
        current = Opportunity.objects.get(pk=deal.pk)
        stage = Stage.objects.filter(kind="open").exclude(pk=current.stage_id)[0]
        change("opportunity", current, cast.owner, contact_roles=roles, stage=stage.pk)
        deal.refresh_from_db()
        account.refresh_from_db()

    grow(3)
    few = {name: queries_of(client, url) for name, url in pages.items()}
    grow(27)
    many = {name: queries_of(client, url) for name, url in pages.items()}

    for name in pages:
        assert len(few[name]) == len(many[name]), "\n".join(many[name])
        assert len(many[name]) <= MOST_QUERIES, "\n".join(many[name])


def test_path_shows_each_stage_and_moving_can_be_undone(cast, signed_in):
    deal = make("opportunity", cast.owner, name="Diggers", amount="100", close_date="2026-12-31")
    stages = list(Stage.objects.filter(pipeline=deal.pipeline, kind="open").order_by("position"))
    client = signed_in(cast.owner)

    moved = client.post(
        f"/opportunities/{deal.pk}/move/", {"to": stages[2].pk}, headers={"HX-Request": "true"}
    )
    page = text_of(client.get(f"/opportunities/{deal.pk}/"))

    assert moved.status_code == 204
    deal.refresh_from_db()
    assert deal.stage == stages[2]
    assert f"{stages[2].name} 0 days here" in page
    undo_url = json.loads(moved.headers["HX-Trigger"])["toast"]["undo_url"]
    assert client.post(undo_url).status_code == 204
    deal.refresh_from_db()
    assert deal.stage == stages[0]


@pytest.mark.parametrize("to", ["", "x", "999999", "-1", "９", "9" * 30])
def test_moving_nowhere_changes_nothing(cast, signed_in, to):
    deal = make("opportunity", cast.owner, name="Diggers")
    before = Change.objects.count()

    response = signed_in(cast.owner).post(f"/opportunities/{deal.pk}/move/", {"to": to})

    assert json.loads(response.headers["HX-Trigger"])["toast"]["tone"] == "danger"
    assert Change.objects.count() == before


def test_lost_is_not_reached_without_its_reason(cast, signed_in):
    deal = make("opportunity", cast.owner, name="Diggers")
    lost = Stage.objects.get(pipeline=deal.pipeline, kind="lost")

    response = signed_in(cast.owner).post(f"/opportunities/{deal.pk}/move/", {"to": lost.pk})

    assert "Lost" in json.loads(response.headers["HX-Trigger"])["toast"]["text"]
    deal.refresh_from_db()
    assert deal.stage.kind == "open"


@pytest.mark.parametrize(("who", "status"), [("teammate", 403), ("reader", 403), ("outsider", 404)])
def test_others_move_win_and_delete_nothing(cast, signed_in, who, status):
    deal = make("opportunity", cast.owner, name="Diggers", amount="5", close_date="2026-12-31")
    stage = Stage.objects.filter(pipeline=deal.pipeline, kind="open").latest("position")
    client, before = signed_in(getattr(cast, who)), Change.objects.count()

    answers = [
        client.post(f"/opportunities/{deal.pk}/move/", {"to": stage.pk}).status_code,
        client.post(f"/opportunities/{deal.pk}/action/win/").status_code,
        client.post(f"/opportunities/{deal.pk}/delete/").status_code,
    ]

    assert answers == [status] * 3
    assert Change.objects.count() == before
    assert Opportunity.objects.filter(pk=deal.pk, stage=deal.stage).exists()


def test_winning_asks_only_for_what_is_missing(cast, signed_in):
    known = make("opportunity", cast.owner, name="Known", amount="5", close_date="2026-12-31")
    unknown = make("opportunity", cast.owner, name="Unknown")
    client = signed_in(cast.owner)

    won = client.post(f"/opportunities/{known.pk}/action/win/")
    asked = client.get(f"/opportunities/{unknown.pk}/action/win/").content.decode()
    refused = client.post(f"/opportunities/{unknown.pk}/action/win/", {"amount": ""})
    given = client.post(
        f"/opportunities/{unknown.pk}/action/win/", {"amount": "1200.50", "close_date": "2026-11-30"}
    )

    assert won.status_code == 204
    assert 'name="amount"' in asked
    assert 'name="close_date"' in asked
    assert refused.status_code == 422
    assert "needed" in refused.content.decode()
    assert given.status_code == 204
    known.refresh_from_db()
    unknown.refresh_from_db()
    assert (known.stage.kind, unknown.stage.kind, str(unknown.amount)) == ("won", "won", "1200.50")


def test_losing_asks_the_reason_and_keeps_what_was_learnt(cast, signed_in):
    rival = make("account", cast.owner, name="Rival", kind="competitor")
    deal = make("opportunity", cast.owner, name="Diggers")
    reason = LostReason.objects.all()[0]
    client = signed_in(cast.owner)

    without = client.post(f"/opportunities/{deal.pk}/action/lose/", {"comment": "They were cheaper"})
    values = {"lost_reason": reason.pk, "lost_to": rival.pk, "comment": "They were cheaper"}
    lost = client.post(f"/opportunities/{deal.pk}/action/lose/", values)

    assert without.status_code == 422
    assert lost.status_code == 204
    deal.refresh_from_db()
    assert (deal.stage.kind, deal.lost_reason, deal.lost_to.name) == ("lost", reason, "Rival")
    assert [note.body for note in Note.objects.all()] == ["They were cheaper"]
    client.post(json.loads(lost.headers["HX-Trigger"])["toast"]["undo_url"])
    deal.refresh_from_db()
    assert (deal.stage.kind, deal.lost_reason) == ("open", None)
    assert not Note.objects.exists()


def test_an_action_that_no_longer_holds_is_refused(cast, signed_in):
    deal = make("opportunity", cast.owner, name="Diggers", amount="5", close_date="2026-12-31")
    client = signed_in(cast.owner)
    client.post(f"/opportunities/{deal.pk}/action/win/")

    again = client.post(f"/opportunities/{deal.pk}/action/win/")
    unknown = client.post(f"/opportunities/{deal.pk}/action/explode/")

    assert (again.status_code, unknown.status_code) == (409, 404)


def test_deleting_goes_back_to_the_list_and_can_be_undone(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")
    client = signed_in(cast.owner)

    response = client.post(f"/accounts/{account.pk}/delete/")
    operation = Change.objects.latest("id").operation

    assert response.headers["HX-Redirect"] == "/accounts/"
    assert not Account.objects.exists()
    assert client.post(f"/undo/{operation}/").status_code == 204
    assert Account.objects.get().pk == account.pk


def test_contacts_are_tied_changed_and_untied_together(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")
    first, second, third = (make("contact", cast.owner, name=f"Person {n}") for n in range(3))
    client, url = signed_in(cast.owner), f"/accounts/{account.pk}/panel/contact-account/"

    def tie(*pairs):
        form = {"line": [str(n) for n in range(len(pairs))]}
        for number, (contact, role) in enumerate(pairs):
            form |= {f"{number}-record": contact.pk, f"{number}-role": role}
        return client.post(url, form)

    def tied():
        rows = account.affiliations.order_by("contact__name").values_list("contact__name", "role")
        return list(rows)

    tie((first, "Decides"), (second, "Signs"))
    assert tied() == [("Person 0", "Decides"), ("Person 1", "Signs")]
    answer = tie((second, "Pays"), (third, ""))
    assert tied() == [("Person 1", "Pays"), ("Person 2", "")]
    assert Contact.objects.get(pk=second.pk).role == "Pays"
    assert Contact.objects.get(pk=first.pk).account is None
    client.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"])
    assert tied() == [("Person 0", "Decides"), ("Person 1", "Signs")]


def test_contacts_of_a_deal_are_kept_by_the_deal(cast, signed_in):
    deal = make("opportunity", cast.owner, name="Diggers")
    person = make("contact", cast.outsider, name="Seen by few")
    mine = make("contact", cast.owner, name="Pilar")
    client, url = signed_in(cast.owner), f"/opportunities/{deal.pk}/panel/contact-opportunity/"

    tied = client.post(url, {"line": ["a"], "a-record": mine.pk, "a-role": "Decides"})
    refused = client.post(url, {"line": ["a"], "a-record": person.pk, "a-role": "Decides"})

    assert (tied.status_code, refused.status_code) == (204, 404)
    assert [(role.contact, role.role) for role in deal.contact_roles.all()] == [(mine, "Decides")]


def test_one_contact_that_may_not_be_changed_stops_all(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")
    mine = make("contact", cast.owner, name="Mine")
    theirs = make("contact", cast.teammate, name="Theirs")
    before = Change.objects.count()

    response = signed_in(cast.owner).post(
        f"/accounts/{account.pk}/panel/contact-account/",
        {"line": ["a", "b"], "a-record": mine.pk, "b-record": theirs.pk},
    )

    assert response.status_code == 403
    assert Change.objects.count() == before
    assert not account.affiliations.exists()


def test_previous_and_next_follow_the_list_one_came_from(cast, signed_in):
    first, second, third = (make("account", cast.owner, name=name) for name in ("A", "B", "C"))

    page = (
        signed_in(cast.owner)
        .get(f"/accounts/{second.pk}/near/?from=view%3Dall%26sort%3D-name")
        .content.decode()
    )

    previous = re.search(r'href="([^"]+)" rel="prev"', page)
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert previous
    assert f"/accounts/{third.pk}/" in previous.group(1)
    assert following
    assert f"/accounts/{first.pk}/" in following.group(1)


def test_htmx_gets_the_record_alone(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")

    part = (
        signed_in(cast.owner).get(f"/accounts/{account.pk}/", headers={"HX-Request": "true"}).content.decode()
    )

    assert "<html" not in part
    assert "<h1>Áridos Jalón</h1>" in part


def test_those_who_only_read_are_told_whom_to_ask(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")

    reader = text_of(signed_in(cast.reader).get(f"/accounts/{account.pk}/"))
    owner = text_of(signed_in(cast.owner).get(f"/accounts/{account.pk}/"))

    assert "Owner looks after it" in reader
    assert "Ask for access" in reader
    assert "Ask for access" not in owner


def test_an_account_begins_a_deal_with_itself_filled_in(cast, signed_in):
    account = make("account", cast.owner, name="Áridos Jalón")

    page = signed_in(cast.owner).get(f"/accounts/{account.pk}/").content.decode()

    assert f'data-create-url="/opportunities/new/?account={account.pk}"' in page
