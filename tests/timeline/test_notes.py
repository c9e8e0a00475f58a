"""Notes: written, read, changed, tied, refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.platform.audit import redacting
from clientela.platform.audit.models import Change
from clientela.platform.audit.undo import undo
from clientela.platform.timeline import feed, services, wording
from clientela.platform.timeline.models import Note, NoteLink
from clientela.records import query, registry, write
from clientela.records.changes import Operation, Source
from clientela.records.display import reader_for
from clientela.records.errors import Invalid, NotFound, Refused
from tests.pages.builders import by, change, make

pytestmark = pytest.mark.django_db
HOSTILE = Path(__file__).parents[3] / "shared" / "data" / "hostile" / "blns.json"
ALL = (
    json.loads(HOSTILE.read_text(encoding="utf-8"))
    if HOSTILE.exists()
    else ["<script>alert(1)</script>", "نص", "Ṱ̺"]
)


def entries(spec_key, instance, user, **options):
    with translation.override("en"):
        found = feed.feed(registry.get(spec_key), instance.pk, reader_for(actor_of(user)), **options)
    return [entry for day in found.days for entry in day.entries]


def told(entry):
    return [(each.label, each.before, each.after) for each in entry.told]


def test_a_note_shows_on_its_record_and_on_those_above(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    deal = make("opportunity", cast.owner, name="Diggers", account=account.pk)

    response = signed_in(cast.owner).post(
        f"/timeline/opportunities/{deal.pk}/note/", {"body": "They want\r\n60 months"}
    )

    assert response.status_code == 200
    assert Note.objects.get().body == "They want\n60 months"
    links = set(NoteLink.objects.values_list("record", "record_id"))
    assert links == {("opportunity", deal.pk), ("account", account.pk)}
    assert entries("account", account, cast.teammate, show=feed.NOTES)[0].body == "They want\n60 months"
    undo_url = json.loads(response.headers["HX-Trigger"])["toast"]["undo_url"]
    assert signed_in(cast.owner).post(undo_url).status_code == 204
    assert not Note.objects.exists()
    assert not NoteLink.objects.exists()


@pytest.mark.parametrize("body", ["", "   \n", "with a \x00 inside", "x" * 1_000_001])
def test_what_cannot_be_kept_is_refused_and_stays_in_the_composer(cast, signed_in, body):
    account = make("account", cast.owner, name="Jalón")
    before = Change.objects.count()

    response = signed_in(cast.owner).post(f"/timeline/accounts/{account.pk}/note/", {"body": body})

    assert response.status_code == 422
    assert 'class="error"' in response.content.decode()
    assert not Note.objects.exists()
    assert Change.objects.count() == before


def test_a_very_long_note_is_kept_whole_and_shown_in_part(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    body = "Ñandú https://jalon.example/a?b=1&c=2 " * 26_000

    kept = signed_in(cast.owner).post(f"/timeline/accounts/{account.pk}/note/", {"body": body})
    page = signed_in(cast.owner).get(f"/accounts/{account.pk}/")
    whole = signed_in(cast.owner).get(f"/note/{Note.objects.get().pk}/")

    assert kept.status_code == 200
    assert Note.objects.get().body == body
    assert len(page.content) < 60_000
    assert whole.content.decode().count("Ñandú") == 26_000


def test_hostile_strings_come_back_as_they_were_and_never_as_html(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    texts = [text for text in ALL if text.strip() and "\x00" not in text]
    client = signed_in(cast.owner)

    for text in texts:
        services.add_note(registry.get("account"), account, text, operation=by(cast.owner))
    page = client.get(f"/timeline/accounts/{account.pk}/").content.decode()

    assert sorted(Note.objects.values_list("body", flat=True)) == sorted(texts)
    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    assert 'href="javascript' not in page.lower()


def test_addresses_become_links_and_nothing_else_does(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    body = 'See https://jalon.example/"><b>x</b> or javascript:alert(1) & <i>more</i>'

    signed_in(cast.owner).post(f"/timeline/accounts/{account.pk}/note/", {"body": body})
    page = signed_in(cast.owner).get(f"/accounts/{account.pk}/").content.decode()

    assert '<a href="https://jalon.example/' in page
    assert 'href="javascript' not in page
    assert "<i>more" not in page
    assert "<b>x" not in page
    assert "&lt;i&gt;more" in page


def test_only_its_writer_changes_or_deletes_a_note(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    note = services.add_note(registry.get("account"), account, "Mine", operation=by(cast.owner))

    refused = [
        signed_in(cast.teammate).post(f"/note/{note.pk}/", {"body": "Yours"}).status_code,
        signed_in(cast.teammate).post(f"/note/{note.pk}/delete/").status_code,
        signed_in(cast.outsider).post(f"/note/{note.pk}/", {"body": "Yours"}).status_code,
        signed_in(cast.reader).post(f"/timeline/accounts/{account.pk}/note/", {"body": "No"}).status_code,
    ]
    assert refused == [403, 403, 404, 403]
    assert [each.body for each in Note.objects.all()] == ["Mine"]

    changed = signed_in(cast.owner).post(f"/note/{note.pk}/", {"body": "Mine, better"})
    assert changed.status_code == 200
    assert "Mine, better" in changed.content.decode()
    deleted = signed_in(cast.owner).post(f"/note/{note.pk}/delete/")
    assert not Note.objects.exists()
    signed_in(cast.owner).post(json.loads(deleted.headers["HX-Trigger"])["toast"]["undo_url"])
    assert [each.body for each in Note.objects.all()] == ["Mine, better"]
    assert NoteLink.objects.filter(record="account", record_id=account.pk).exists()


def test_a_note_is_seen_by_whoever_sees_a_record_it_is_about(cast):
    account = make("account", cast.owner, name="Jalón")
    note = services.add_note(registry.get("account"), account, "Secret", operation=by(cast.owner))
    spec = registry.get("note")

    seen = {
        name: query.visible(spec, actor_of(getattr(cast, name))).filter(pk=note.pk).exists()
        for name in ("owner", "teammate", "manager", "reader", "admin", "outsider")
    }

    assert seen == dict.fromkeys(seen, True) | {"outsider": False}


def test_a_note_about_what_one_does_not_see_is_refused(cast):
    account = make("account", cast.owner, name="Jalón")
    spec = registry.get("note")

    for record, record_id in (
        ("account", account.pk),
        ("account", 0),
        ("nothing", 1),
        ("note", 1),
        ("tag", 1),
    ):
        links = [{"record": record, "record_id": record_id}]
        with pytest.raises(Invalid):
            write.create(spec, {"body": "Hello", "links": links}, operation=by(cast.outsider))
    with pytest.raises(NotFound):
        query.get(registry.get("account"), account.pk, actor_of(cast.outsider))
    with pytest.raises(Refused):
        services.add_note(registry.get("account"), account, "Hello", operation=by(cast.reader))

    assert not Note.objects.exists()


def test_the_story_tells_changes_in_words(cast):
    deal = make("opportunity", cast.owner, name="Diggers", amount="498000", currency="EUR")
    change("opportunity", deal, cast.owner, amount="486500")
    change("opportunity", deal, cast.admin, owner=cast.teammate.pk, next_step="Call")

    both, single, created = entries("opportunity", deal, cast.owner)

    assert (created.who, created.what) == ("Owner", "created it")
    assert single.what == "changed Amount from €498,000 to €486,500"
    assert both.who == "Admin"
    assert told(both) == [("Owner", "Owner", "Teammate"), ("Next step", "", "Call")]


def test_lines_are_told_and_what_services_keep_is_not(cast):
    account = make("account", cast.owner, name="Jalón")
    change("account", account, cast.owner, emails=[{"email": "a@jalon.example", "kind": "work"}])
    deal = make("opportunity", cast.owner, name="Diggers")
    stage = deal.pipeline.stages.filter(kind="open").last()
    change("opportunity", deal, cast.owner, stage=stage.pk)

    emails = entries("account", account, cast.owner)[0]
    moved = entries("opportunity", deal, cast.owner)[0]

    assert ("E-mails", "", "a@jalon.example Work") in told(emails)
    assert moved.what == f"changed Stage from Nuevo contacto to {stage.name}"


def test_telephones_are_told_as_people_write_them(cast):
    account = make("account", cast.owner, name="Jalón", phone="+34976812040")
    change("account", account, cast.owner, phone="+34976812044")

    words = str(told(entries("account", account, cast.owner)[0]))

    assert "'976 81 20 40', '976 81 20 44'" in words
    assert "+3497681204" not in words


def test_what_the_reader_may_not_see_is_left_out(cast, monkeypatch):
    spec = registry.get("account")
    account = make("account", cast.owner, name="Jalón")
    change("account", account, cast.admin, annual_revenue="5000000")
    monkeypatch.setattr(
        "clientela.access.policy.hidden_fields",
        lambda actor, subject: (
            frozenset({"annual_revenue"}) if subject is spec and not actor.is_admin else frozenset()
        ),
    )

    for_owner = entries("account", account, cast.owner)
    for_admin = entries("account", account, cast.admin)

    assert [entry.what for entry in for_owner if "evenue" in entry.what or entry.told] == []
    assert any("Annual revenue" in str(told(entry)) + entry.what for entry in for_admin)


def test_a_record_that_the_reader_does_not_see_is_not_named(cast):
    secret = make("account", cast.outsider, name="Secret Quarry")
    contact = make("contact", cast.owner, last_name="Royo")
    change("contact", contact, cast.admin, account=secret.pk)
    change("contact", contact, cast.admin, job_title="Buyer")

    for_owner = entries("contact", contact, cast.owner)
    for_admin = entries("contact", contact, cast.admin)

    assert [entry.what for entry in for_owner] == ["set Job title to Buyer", "created it"]
    assert "Secret Quarry" not in str(for_owner)
    assert ("Account", "", "Secret Quarry") in told(for_admin[1])


def test_ones_own_acts_lead_to_their_undo(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    change("account", account, cast.owner, city="Ricla")
    change("account", account, cast.admin, city="Épila")
    theirs, mine, made = Change.objects.filter(record="account", record_id=account.pk).order_by("-id")

    def acts(person):
        return [entry.operation for entry in entries("account", account, person)]

    assert acts(cast.owner) == [None, mine.operation, made.operation]
    assert acts(cast.teammate) == [None, None, None]
    assert acts(cast.admin) == [theirs.operation, mine.operation, made.operation]
    text = signed_in(cast.owner).get(f"/accounts/{account.pk}/").content.decode()
    assert f'<a href="/acts/{mine.operation}/">Undo…</a>' in text
    assert str(theirs.operation) not in text


def test_what_was_erased_for_good_offers_no_undo(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    operation = Operation(actor_of(cast.admin), Source(redacting.SOURCE), label="Personal data erased")
    write.change(registry.get("account"), account, {"phone": "+34976812044"}, operation=operation)

    erased, made = entries("account", account, cast.admin)

    assert (erased.what, erased.operation) == ("Personal data erased", None)
    assert made.operation is not None
    client = signed_in(cast.admin)
    assert str(operation.id) not in client.get(f"/accounts/{account.pk}/").content.decode()
    page = client.get(f"/acts/{operation.id}/").content.decode()
    assert "Personal data was erased for good: this cannot be undone." in page
    assert f"/acts/{operation.id}/undo/" not in page
    assert "Erasure" in page


def test_pages_follow_each_other_without_gap_or_repetition(cast):
    account = make("account", cast.owner, name="Jalón")
    for number in range(7):
        services.add_note(registry.get("account"), account, f"Note {number}", operation=by(cast.owner))
        change("account", account, cast.owner, city=f"City {number}")
    spec, reader = registry.get("account"), reader_for(actor_of(cast.owner))

    seen, after, pages = [], "", 0
    while True:
        found = feed.feed(spec, account.pk, reader, after=after, size=4)
        seen += [(entry.kind, entry.id) for day in found.days for entry in day.entries]
        after, pages = found.after, pages + 1
        if not after:
            break

    assert pages == 4
    assert len(seen) == len(set(seen)) == 15


@pytest.mark.parametrize(
    "after", ["x", "2026_note_1", "2026-01-01_note_x", "_" * 3, "2026-01-01T00:00:00_note_1"]
)
def test_a_place_that_is_none_does_no_harm(cast, signed_in, after):
    account = make("account", cast.owner, name="Jalón")

    response = signed_in(cast.owner).get(f"/timeline/accounts/{account.pk}/", {"after": after, "show": "?"})

    assert response.status_code == 200


def test_pinned_notes_come_first(cast, signed_in):
    account = make("account", cast.owner, name="Jalón")
    old = services.add_note(registry.get("account"), account, "Old", operation=by(cast.owner))
    services.add_note(registry.get("account"), account, "New", operation=by(cast.owner))

    signed_in(cast.owner).post(f"/note/{old.pk}/pin/")
    found = feed.feed(registry.get("account"), account.pk, reader_for(actor_of(cast.owner)), show=feed.NOTES)

    assert [entry.body for entry in found.pinned] == ["Old"]
    assert [entry.body for day in found.days for entry in day.entries] == ["New"]


def test_many_notes_are_attached_with_few_statements(cast, django_assert_max_num_queries):
    account = make("account", cast.owner, name="Jalón")
    deals = [make("opportunity", cast.owner, name=f"Deal {n}", account=account.pk) for n in range(40)]
    operation = by(cast.owner)

    with django_assert_max_num_queries(20):
        written = services.attach_many(
            [("opportunity", deal.pk, f"Columns of {deal.name}") for deal in deals], operation=operation
        )

    assert written == Note.objects.count() == 40
    assert NoteLink.objects.filter(record="account", record_id=account.pk).count() == 40
    assert set(Note.objects.values_list("created_by", flat=True)) == {cast.owner.pk}
    undo(operation.id, actor=actor_of(cast.owner))
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [("page", ""), ("merge", "by a merge"), ("hand-over", "by a hand-over"), ("undo", "by an undo")],
)
def test_the_story_says_what_brought_a_change_about(source, words):
    with translation.override("en"):
        assert wording.through(Change(source=source)) == words
