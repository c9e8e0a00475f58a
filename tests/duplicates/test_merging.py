"""Records become one, and two again."""

from __future__ import annotations

import pytest

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.access.models import Share
from clientela.domain.parties.models import Account, Contact, Tag
from clientela.domain.sales.models import Lead, Opportunity
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import merging, references, unmerging
from clientela.platform.duplicates.models import Absorbed, Decision, Merge, Pair
from clientela.platform.timeline.models import NoteLink
from clientela.records import registry
from clientela.records.errors import Invalid, NotFound, Refused
from tests.duplicates.builders import change, make, note, operation, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def ricla(cast):
    """Two accounts that are one, and what hangs on the second."""
    red, blue = Tag.objects.create(name="Red"), Tag.objects.create(name="Blue")
    first = make(
        "account",
        cast.owner,
        name="Canteras de Ricla, S.A.",
        phone="+34976812044",
        description="Limestone.",
        tags=[red.pk],
    )
    second = make(
        "account",
        cast.owner,
        name="Canteras Ricla SA",
        tax_id="A50048719",
        city="Ricla",
        description="Pays late.",
        kind="customer",
        emails=[{"email": "info@ricla.example", "kind": "work", "main": True}],
        phones=[
            {"phone": "+34976812040", "kind": "work", "main": True},
            {"phone": "+34976812044", "kind": "work", "main": False},
        ],
        tags=[red.pk, blue.pk],
    )
    return first, second


def merge(cast, first, second, person=None, **more):
    spec = registry.get("account")
    return merging.merge(spec, first.pk, [second.pk], operation=operation(person or cast.owner), **more)


def test_values_lines_and_tags_come_together(cast, ricla):
    first, second = ricla

    merge(cast, first, second)

    one = Account.objects.get()
    assert (one.pk, one.name, one.tax_id) == (first.pk, "Canteras de Ricla, S.A.", "A50048719")
    assert (one.city, one.email, one.phone) == ("Ricla", "info@ricla.example", "+34976812044")
    assert one.kind == "customer"
    assert one.description == "Limestone.\n\nPays late."
    assert list(one.phones.values_list("phone", "main")) == [
        ("+34976812044", True),
        ("+34976812040", False),
    ]
    assert sorted(one.tags.values_list("name", flat=True)) == ["Blue", "Red"]


def test_one_chooses_whose_value_stays(cast, ricla):
    first, second = ricla

    merge(cast, first, second, sources={"name": second.pk, "phone": second.pk, "description": first.pk})

    one = Account.objects.get()
    assert (one.name, one.description) == ("Canteras Ricla SA", "Limestone.")
    assert one.phone == "+34976812040"
    assert list(one.phones.values_list("phone", "main")) == [
        ("+34976812044", False),
        ("+34976812040", True),
    ]


def test_all_that_names_them_is_tied_again(cast, ricla):
    first, second = ricla
    branch = make("account", cast.owner, name="Branch", parent=second.pk)
    person = make(
        "contact",
        cast.owner,
        name="Ana Gil",
        affiliations=[
            {"account": first.pk, "role": "", "main": False},
            {"account": second.pk, "role": "Buyer", "main": True},
        ],
    )
    deal = make("opportunity", cast.owner, name="Crusher", account=second.pk, competitors=[first.pk])
    other = make("opportunity", cast.owner, name="Mill", competitors=[first.pk, second.pk])
    about = note("account", second, cast.owner, "They called.")
    share = Share.objects.create(record="account", record_id=second.pk, user=cast.outsider)

    merge(cast, first, second)

    branch.refresh_from_db()
    person.refresh_from_db()
    deal.refresh_from_db()
    share.refresh_from_db()
    assert (branch.parent_id, deal.account_id, share.record_id) == (first.pk, first.pk, first.pk)
    assert person.account_id == first.pk
    assert list(person.affiliations.values_list("account", "main")) == [(first.pk, True)]
    assert list(other.competitors.values_list("pk", flat=True)) == [first.pk]
    assert list(about.links.values_list("record", "record_id")) == [("account", first.pk)]


def test_every_change_of_it_is_told_as_a_merge(cast, ricla):
    first, second = ricla
    make("opportunity", cast.owner, name="Crusher", account=second.pk)

    made = merge(cast, first, second)

    told = Change.objects.filter(operation=made.operation).order_by("id")
    assert [(each.record, each.verb, each.source) for each in told] == [
        ("opportunity", "update", "merge"),
        ("account", "delete", "merge"),
        ("account", "update", "merge"),
    ]
    assert {each.actor_id for each in told} == {cast.owner.pk}
    assert Absorbed.objects.get().record_id == second.pk


def test_taken_apart_all_is_as_it_was(cast, ricla):
    first, second = ricla
    make("account", cast.owner, name="Branch", parent=second.pk)
    make(
        "contact", cast.owner, name="Ana Gil", affiliations=[{"account": second.pk, "role": "", "main": True}]
    )
    make("opportunity", cast.owner, name="Crusher", account=second.pk, competitors=[first.pk, second.pk])
    note("account", second, cast.owner, "They called.")
    Share.objects.create(record="account", record_id=second.pk, user=cast.outsider)
    before = snapshot()

    made = merge(cast, first, second)
    unmerging.unmerge(made, operation=operation(cast.owner))

    assert snapshot() == before


def test_undone_all_is_as_it_was_and_the_undo_can_be_undone(cast, ricla):
    first, second = ricla
    make("account", cast.owner, name="Branch", parent=second.pk)
    make("opportunity", cast.owner, name="Crusher", account=second.pk, competitors=[first.pk, second.pk])
    Share.objects.create(record="account", record_id=second.pk, user=cast.outsider)
    before = snapshot()
    made = merge(cast, first, second)
    merged = snapshot()

    undone = undo.undo(made.operation, actor=actor_of(cast.owner))

    assert undone.conflicts == []
    assert snapshot() == before
    made.refresh_from_db()
    assert made.undone_at is not None
    again = undo.undo(undone.operation, actor=actor_of(cast.owner))
    made.refresh_from_db()
    assert made.undone_at is None
    assert snapshot() == merged
    undo.undo(again.operation, actor=actor_of(cast.owner))
    assert snapshot() == before


def test_what_came_later_goes_where_one_says(cast, ricla):
    first, second = ricla
    made = merge(cast, first, second)
    mine = make("opportunity", cast.owner, name="Mine", account=first.pk)
    yours = make("opportunity", cast.owner, name="Yours", account=first.pk)
    person = make("contact", cast.owner, name="Ana Gil", account=first.pk)
    about = note("account", first, cast.owner, "New note.")
    later = unmerging.came_later(made, actor_of(cast.owner))
    assert [each.name for each in later] == [
        f"opportunity:{mine.pk}",
        f"opportunity:{yours.pk}",
        f"contact:{person.pk}",
        f"note:{about.pk}",
    ]

    unmerging.unmerge(
        made,
        operation=operation(cast.owner),
        later={("opportunity", mine.pk): first.pk},
        rest=second.pk,
    )

    mine.refresh_from_db()
    yours.refresh_from_db()
    person.refresh_from_db()
    assert (mine.account_id, yours.account_id, person.account_id) == (first.pk, second.pk, second.pk)
    assert list(person.affiliations.values_list("account", flat=True)) == [second.pk]
    assert list(about.links.values_list("record_id", flat=True)) == [second.pk]


def test_what_somebody_wrote_meanwhile_stays(cast, ricla):
    first, second = ricla
    made = merge(cast, first, second)
    change("account", first.pk, cast.owner, city="Épila", website="ricla.example")

    result = unmerging.unmerge(made, operation=operation(cast.owner))

    one, two = Account.objects.order_by("pk")
    assert (one.city, one.website, one.tax_id, one.kind) == ("Épila", "ricla.example", "", "prospect")
    assert (two.pk, two.city, two.tax_id) == (second.pk, "Ricla", "A50048719")
    assert len(result.kept) == 1


@pytest.mark.parametrize("dropped", [False, True])
def test_apart_they_are_not_offered_again(cast, ricla, dropped):
    first, second = ricla
    Pair.objects.create(record="account", first_id=first.pk, second_id=second.pk, score=90)
    made = merge(cast, first, second)
    if dropped:
        Pair.objects.all().delete()

    unmerging.unmerge(made, operation=operation(cast.owner))

    assert Pair.objects.get().decision == Decision.DIFFERENT


def test_merged_on_and_then_taken_apart(cast, ricla):
    first, second = ricla
    third = make("account", cast.owner, name="Third")
    deal = make("opportunity", cast.owner, name="Crusher", account=second.pk)
    made = merge(cast, first, second)
    merge(cast, third, first)

    unmerging.unmerge(made, operation=operation(cast.owner))

    deal.refresh_from_db()
    assert deal.account_id == second.pk
    assert sorted(Account.objects.values_list("pk", flat=True)) == [second.pk, third.pk]


def test_several_go_into_one(cast, ricla):
    first, second = ricla
    third = make("account", cast.owner, name="Third", website="third.example")
    spec = registry.get("account")

    merging.merge(spec, first.pk, [second.pk, third.pk], operation=operation(cast.owner))

    assert Account.objects.get().website == "third.example"
    assert Absorbed.objects.count() == 2


def test_a_circle_is_refused_and_nothing_is_changed(cast, ricla):
    first, second = ricla
    middle = make("account", cast.owner, name="Middle", parent=second.pk)
    change("account", first.pk, cast.owner, parent=middle.pk)
    before = snapshot()

    with pytest.raises(Invalid):
        merge(cast, first, second)

    assert snapshot() == before
    assert not Merge.objects.exists()


def test_a_part_goes_into_the_whole(cast, ricla):
    first, second = ricla
    change("account", first.pk, cast.owner, parent=second.pk)

    merge(cast, first, second)

    assert Account.objects.get().parent_id is None


@pytest.mark.parametrize(
    ("person", "error"), [("reader", Refused), ("outsider", NotFound), ("teammate", Refused)]
)
def test_only_who_may_change_and_delete(cast, ricla, person, error):
    first, second = ricla
    before = snapshot()

    with pytest.raises(error):
        merge(cast, first, second, getattr(cast, person))

    assert snapshot() == before


def test_given_values_are_checked_like_any_other(cast, ricla):
    first, second = ricla
    before = snapshot()
    with pytest.raises(Invalid):
        merge(cast, first, second, given={"tax_country": "ES", "tax_id": "A1"})
    assert snapshot() == before

    merge(cast, first, second, given={"name": "Ricla", "email": "new@ricla.example"})

    one = Account.objects.get()
    assert (one.name, one.email) == ("Ricla", "new@ricla.example")


def test_contacts_and_leads_too(cast):
    account = make("account", cast.owner, name="A")
    one = make("contact", cast.owner, name="Ana Gil", account=account.pk)
    two = make("contact", cast.owner, name="Ana M. Gil", email="ana@a.example", account=account.pk)
    deal = make(
        "opportunity", cast.owner, name="D", contact_roles=[{"contact": two.pk, "role": "", "main": True}]
    )
    lead, twin = (make("lead", cast.owner, name=f"Eva {n}", company="B") for n in (1, 2))

    merging.merge(registry.get("contact"), one.pk, [two.pk], operation=operation(cast.owner))
    merging.merge(registry.get("lead"), lead.pk, [twin.pk], operation=operation(cast.owner))

    kept = Contact.objects.get()
    assert (kept.first_name, kept.last_name, kept.email) == ("Ana", "Gil", "ana@a.example")
    assert kept.affiliations.count() == 1
    assert list(deal.contact_roles.values_list("contact", flat=True)) == [one.pk]
    assert Lead.objects.get().pk == lead.pk


def test_a_kind_that_is_not_compared_is_refused(cast):
    one, two = (make("opportunity", cast.owner, name=name) for name in "AB")

    with pytest.raises(Refused):
        merging.merge(registry.get("opportunity"), one.pk, [two.pk], operation=operation(cast.owner))

    assert Opportunity.objects.count() == 2


def test_what_is_hidden_is_merged_by_the_usual_rule_and_told_nowhere(cast, ricla, signed_in, monkeypatch):
    def hidden(actor, subject):
        secret = subject.key == "account" and not actor.is_admin
        return frozenset({"tax_id", "description"}) if secret else frozenset()

    first, second = ricla
    monkeypatch.setattr(policy, "hidden_fields", hidden)
    client = signed_in(cast.owner)
    before = snapshot()

    with pytest.raises(Invalid) as refused:
        merge(cast, first, second, sources={"tax_id": first.pk})
    assert list(refused.value.errors) == ["tax_id"]
    with pytest.raises(Invalid):
        merge(cast, first, second, given={"description": "Mine."})
    assert snapshot() == before
    made = merge(cast, first, second)

    merged = Account.objects.get(pk=first.pk)
    assert (merged.tax_id, merged.description) == ("A50048719", "Limestone.\n\nPays late.")
    for page in (
        f"/acts/{made.operation}/",
        f"/accounts/{first.pk}/",
        f"/duplicates/accounts/unmerge/{made.pk}/",
    ):
        text = client.get(page).content.decode()
        assert "Canteras" in text
        for secret in ("A50048719", "Limestone", "Pays late"):
            assert secret not in text
    unmerging.unmerge(made, operation=operation(cast.owner))
    assert snapshot() == before


def test_every_table_that_names_records_is_known():
    """Whoever adds one decides whether a merge ties its rows again or leaves them (`references.STAYING`);
    `references_to` itself refuses a table that no history tells of."""
    generic = {
        each.model._meta.label for each in references.references_to(registry.get("account")) if each.generic
    }

    assert generic == {"access.Share", "attachments.Attachment", "timeline.NoteLink"}
    assert NoteLink._meta.label in generic
