"""Inviting, changing, deactivating and bringing back, in Settings > People and teams."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation

from clientela.access import ready_made
from clientela.access.actor import SYSTEM, actor_of
from clientela.access.models import Role, Team, User
from clientela.domain.parties.models import Account, Zone
from clientela.platform.api import tokens
from clientela.platform.audit.models import Change, SecurityEvent
from clientela.platform.audit.undo import undo
from clientela.platform.people import lifecycle, roles, services
from clientela.platform.signing import invitations
from clientela.platform.signing.models import Invitation, OpenSession
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Invalid, Refused
from tests.cast import PASSWORD, give_roles, make_person

pytestmark = pytest.mark.django_db


def act(user: User) -> Operation:
    return Operation(actor_of(user), PAGE)


def role(key: str) -> Role:
    return Role.objects.get(key=key)


@pytest.fixture
def settings_of(signed_in, cast):
    """The administrator's browser."""
    return signed_in(cast.admin)


def person_form(person: User, **other: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": person.name,
        "roles": [each.pk for each in person.roles.all()],
        "team": person.team_id or "",
    }
    return given | other


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
@pytest.mark.parametrize(
    ("name", "about"),
    [("people", False), ("people_person", True), ("people_invite", False), ("people_deactivate", True),
     ("people_edit", True), ("people_team_new", False), ("handover", True)],
)  # fmt: skip
def test_only_administrators_see_the_pages(cast, signed_in, who, name, about):
    url = reverse(name, args=[cast.outsider.pk] if about else [])

    response = signed_in(getattr(cast, who)).get(url)

    assert response.status_code == 403
    assert cast.outsider.email not in response.content.decode()


def test_nobody_else_changes_people_and_a_refusal_changes_nothing(cast, signed_in):
    client = signed_in(cast.manager)
    posts = {
        "people_edit": person_form(cast.owner, name="Other"),
        "people_deactivate": {},
        "people_end_sessions": {},
        "people_reactivate": {},
    }
    for name, data in posts.items():
        assert client.post(reverse(name, args=[cast.owner.pk]), data).status_code == 403
    invited = {"email": "new@example.com", "name": "New", "language": "en"}
    assert client.post(reverse("people_invite"), invited).status_code == 403

    cast.owner.refresh_from_db()
    assert (cast.owner.name, cast.owner.is_active, User.objects.count()) == ("Owner", True, 6)
    assert Change.objects.count() == 0


def test_the_services_refuse_by_themselves(cast):
    for do in (lifecycle.deactivate, lifecycle.reactivate, lifecycle.end_sessions):
        with pytest.raises(Refused):
            do(cast.owner, operation=act(cast.manager))
    with pytest.raises(Refused):
        lifecycle.change(cast.owner, {"name": "Other"}, operation=act(cast.manager))


def test_somebody_is_invited_with_roles_team_zone_and_language(
    cast, settings_of, run_jobs, django_capture_on_commit_callbacks
):
    zone, team = Zone.objects.create(name="Ebro"), cast.owner.team
    with django_capture_on_commit_callbacks(execute=True):
        response = settings_of.post(
            reverse("people_invite"),
            {"email": "Nuria@Example.com", "name": "Núria", "language": "ca", "team": team.pk,
             "roles": [role("seller").pk, role("marketing").pk], "place-zone": [zone.pk]},
        )  # fmt: skip
    run_jobs()

    assert response.status_code == 204
    nuria = User.objects.get(email="nuria@example.com")
    assert (nuria.name, nuria.language, nuria.team, nuria.has_usable_password()) == (
        "Núria",
        "ca",
        team,
        False,
    )
    assert sorted(str(each.key) for each in nuria.roles.all()) == ["marketing", "seller"]
    assert list(zone.people.all()) == [nuria]
    assert [letter.to for letter in mail.outbox] == [["nuria@example.com"]]
    made = Change.objects.values_list("record", "verb", "actor", "source").order_by("id")
    assert list(made) == [
        ("user", "create", cast.admin.pk, "page"),
        ("zone", "update", cast.admin.pk, "page"),
    ]
    page = settings_of.get(reverse("people") + "?tab=invited").content.decode()
    assert "nuria@example.com" in page
    assert "Invited today" in page
    assert cast.owner.email not in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"email": "no mail"}, "valid email"), ({"email": "OWNER@example.com"}, "Somebody has this e-mail"),
     ({"name": ""}, "required"), ({"team": "9999"}, "valid choice"), ({"roles": ["x"]}, "valid")],
)  # fmt: skip
def test_a_wrong_invitation_is_told_and_adds_nobody(cast, settings_of, wrong, told):
    given = {"email": "new@example.com", "name": "New", "language": "en", "roles": [], "team": ""} | wrong

    response = settings_of.post(reverse("people_invite"), given)

    assert response.status_code == 422
    assert told in response.content.decode()
    assert (User.objects.count(), Invitation.objects.count(), Change.objects.count()) == (6, 0, 0)


@pytest.fixture
def invited(cast):
    return invitations.invite(
        "new@example.com", {"name": "New"}, operation=act(cast.admin), base="http://testserver/"
    )


def test_an_invitation_is_sent_again_and_the_first_link_ends(cast, settings_of, invited):
    first = invitations.token_of(invited)

    assert settings_of.post(reverse("people_resend", args=[invited.user_id])).status_code == 204

    assert invitations.find(first) is None
    assert invitations.find(invitations.token_of(Invitation.objects.get())) is not None


def test_an_invitation_is_taken_back(cast, settings_of, invited):
    token = invitations.token_of(invited)

    assert settings_of.post(reverse("people_revoke", args=[invited.user_id])).status_code == 204

    assert invitations.find(token) is None
    assert User.objects.get(email="new@example.com").is_active is False
    assert settings_of.post(reverse("people_revoke", args=[invited.user_id])).status_code == 409


def test_name_roles_team_and_zones_are_one_act_undone_whole(cast, settings_of):
    zone, other = Zone.objects.create(name="Ebro"), Zone.objects.create(name="Bogotá")
    other.people.add(cast.owner)
    south = Team.objects.get(name="Sales south")

    response = settings_of.post(
        reverse("people_edit", args=[cast.owner.pk]),
        person_form(
            cast.owner, name="Renamed", team=south.pk, roles=[role("manager").pk], **{"place-zone": [zone.pk]}
        ),
    )

    assert response.status_code == 204
    cast.owner.refresh_from_db()
    assert (cast.owner.name, cast.owner.team) == ("Renamed", south)
    assert [each.key for each in cast.owner.roles.all()] == ["manager"]
    assert (list(zone.people.all()), list(other.people.all())) == ([cast.owner], [])
    operation = Change.objects.values_list("operation", flat=True).distinct().get()
    undo(operation, actor=actor_of(cast.admin))
    cast.owner.refresh_from_db()
    assert (cast.owner.name, cast.owner.team.name) == ("Owner", "Sales north")
    assert [each.key for each in cast.owner.roles.all()] == ["seller"]
    assert (list(zone.people.all()), list(other.people.all())) == ([], [cast.owner])


def test_whoever_is_deactivated_is_out_at_once_and_may_come_back(cast, settings_of, client):
    client.post(reverse("account_login"), {"login": cast.owner.email, "password": PASSWORD})
    assert client.get("/accounts/").status_code == 200
    assert OpenSession.objects.filter(user=cast.owner).count() == 1

    assert settings_of.post(reverse("people_deactivate", args=[cast.owner.pk])).status_code == 204

    assert client.get("/accounts/").status_code == 302
    assert OpenSession.objects.filter(user=cast.owner).count() == 0
    assert SecurityEvent.objects.filter(kind="sessions_ended", user=cast.owner).count() == 1
    change = Change.objects.get()
    assert (change.record, change.before, change.after) == ("user", {"is_active": True}, {"is_active": False})
    assert cast.owner.email in settings_of.get(reverse("people") + "?tab=off").content.decode()
    assert cast.owner.email not in settings_of.get(reverse("people")).content.decode()
    # and back
    assert settings_of.post(reverse("people_reactivate", args=[cast.owner.pk])).status_code == 204
    client.post(reverse("account_login"), {"login": cast.owner.email, "password": PASSWORD})
    assert client.get("/accounts/").status_code == 200


def test_deactivating_revokes_tokens_for_good_as_the_dialog_says(cast, settings_of, client):
    # given
    mine, theirs = tokens.issue(cast.owner, "Sync")[1], tokens.issue(cast.teammate, "Other")[1]
    deactivate = reverse("people_deactivate", args=[cast.owner.pk])
    dialog = settings_of.get(deactivate).content.decode()
    assert "1 API token is revoked for good" in dialog
    assert "Sync" in dialog

    def answers(secret: str) -> int:
        return int(client.get("/api/v1/accounts", headers={"authorization": f"Bearer {secret}"}).status_code)

    assert [answers(mine), answers(theirs)] == [200, 200]
    # when
    settings_of.post(deactivate)
    # then
    assert [answers(mine), answers(theirs)] == [401, 200]
    event = SecurityEvent.objects.get(kind="token_revoked")
    assert event.user == cast.owner
    assert event.detail.endswith("Sync · deactivated by Admin")
    # when she comes back
    settings_of.post(reverse("people_reactivate", args=[cast.owner.pk]))
    # then
    assert answers(mine) == 401
    assert "revoked for good" not in settings_of.get(deactivate).content.decode()


@pytest.mark.parametrize(
    "name", ["Ana \u202egro", "Ana\u2066", "Ana\u0007", "Ana\u2028Grau", "Ana\nGrau"], ids=ascii
)
def test_a_name_that_would_show_as_another_is_refused(cast, settings_of, name):
    edit = settings_of.post(reverse("people_edit", args=[cast.owner.pk]), person_form(cast.owner, name=name))
    assert edit.status_code == 422
    assert "turn the text round" in edit.content.decode()
    invited = settings_of.post(
        reverse("people_invite"), {"email": "new@example.com", "name": name, "roles": [], "language": "en"}
    )
    assert invited.status_code == 422
    team = settings_of.post(reverse("people_team_new"), {"name": name})
    assert team.status_code == 422
    with pytest.raises(Invalid):
        services.settle("cli@example.com", {"name": name}, operation=Operation(SYSTEM, PAGE))
    with pytest.raises(Invalid):
        roles.create({"name": name, "rules": {}}, operation=act(cast.admin))
    cast.owner.refresh_from_db()
    assert cast.owner.name == "Owner"
    assert not User.objects.filter(email__in=["new@example.com", "cli@example.com"]).exists()
    assert not Change.objects.exists()


def test_names_of_many_writings_are_kept(cast):
    for name in ("José Núñez-O'Neill", "Ἀθηνᾶ", "שרה כהן", "محمد علي", "李小龙", "L\u200e שרה"):
        assert lifecycle.change(cast.owner, {"name": name}, operation=act(cast.admin)).name == name


@pytest.mark.parametrize("language", ["en", "ca", "es"])
def test_ready_made_roles_are_named_in_the_language_of_who_reads(cast, client, language):
    # given
    User.objects.filter(pk=cast.admin.pk).update(language=language)
    with translation.override(language):
        name = str(ready_made.ROLES["back_office"].name)
    Role.objects.create(name="Our sellers")
    give_roles(cast.teammate, "back_office")
    client.force_login(User.objects.get(pk=cast.admin.pk))
    # then in lists of people and of roles
    for url in ("/users/?view=all", "/roles/?view=all"):
        assert name in client.get(url).content.decode(), url
    assert "Our sellers" in client.get("/roles/?view=all").content.decode()


def test_a_role_keeps_the_name_that_somebody_gave_it(cast):
    roles.change(role("seller"), {"name": "Closer"}, operation=act(cast.admin))
    with translation.override("ca"):
        assert (role("seller").name, role("seller").label) == ("Closer", "Closer")


def test_a_deactivation_on_the_command_line_ends_sessions_too(cast, client):
    client.post(reverse("account_login"), {"login": cast.owner.email, "password": PASSWORD})

    services.settle(cast.owner.email, {"is_active": False}, operation=Operation(SYSTEM, PAGE))

    assert OpenSession.objects.count() == 0


def test_open_work_is_asked_about_before_somebody_is_deactivated(cast, settings_of):
    Account.objects.create(name="Aceros", owner=cast.owner)

    page = settings_of.get(reverse("people_deactivate", args=[cast.owner.pk])).content.decode()

    assert "Owner still looks after 1 open record." in page
    assert reverse("handover", args=[cast.owner.pk]) in page
    quiet = settings_of.get(reverse("people_deactivate", args=[cast.teammate.pk])).content.decode()
    assert "still looks after" not in quiet


def test_the_last_administrator_stays_one(cast, settings_of):
    told = "Admin is the last administrator."
    response = settings_of.post(
        reverse("people_edit", args=[cast.admin.pk]), person_form(cast.admin, roles=[role("seller").pk])
    )
    assert response.status_code == 403
    assert told in response.headers["HX-Trigger"]
    with pytest.raises(Refused, match=told):
        services.settle(cast.admin.email, {"is_active": False}, operation=Operation(SYSTEM, PAGE))
    with pytest.raises(Refused, match="cannot deactivate yourself"):
        lifecycle.deactivate(cast.admin, operation=act(cast.admin))

    cast.admin.refresh_from_db()
    assert [each.key for each in cast.admin.roles.all()] == ["admin"]
    assert cast.admin.is_active
    assert Change.objects.count() == 0


def test_nor_does_an_undo_leave_nobody_to_administer(cast):
    # given the owner became an administrator and deactivated the other one
    promotion = act(cast.admin)
    lifecycle.change(cast.owner, {"roles": [role(ready_made.ADMIN).pk]}, operation=promotion)
    lifecycle.deactivate(cast.admin, operation=act(cast.owner))
    before = Change.objects.count()
    # when / then
    with pytest.raises(Refused, match="Owner is the last administrator"):
        undo(promotion.id, actor=actor_of(cast.owner))
    assert [each.key for each in User.objects.get(pk=cast.owner.pk).roles.all()] == ["admin"]
    assert Change.objects.count() == before


def test_with_two_administrators_one_may_go(cast):
    give_roles(cast.manager, ready_made.ADMIN)

    lifecycle.deactivate(cast.admin, operation=act(cast.manager))

    assert User.objects.get(pk=cast.admin.pk).is_active is False


def test_sessions_are_ended_by_an_administrator(cast, settings_of, client):
    client.post(reverse("account_login"), {"login": cast.owner.email, "password": PASSWORD})
    page = settings_of.get(reverse("people_person", args=[cast.owner.pk])).content.decode()
    assert "127.0.0.1" in page

    assert settings_of.post(reverse("people_end_sessions", args=[cast.owner.pk])).status_code == 204

    assert client.get("/accounts/").status_code == 302
    assert User.objects.get(pk=cast.owner.pk).is_active


def test_the_page_of_a_person_leads_to_what_he_looks_after(cast, settings_of, signed_in):
    Account.objects.create(name="Aceros", owner=cast.owner)
    Account.objects.create(name="Bronces", owner=cast.outsider)

    page = settings_of.get(reverse("people_person", args=[cast.owner.pk])).content.decode()

    assert "/accounts/?view=all&amp;filter=" in page
    listed = settings_of.get(
        "/accounts/", {"view": "all", "filter": f'{{"field":"owner","op":"in","value":[{cast.owner.pk}]}}'}
    ).content.decode()
    assert "Aceros" in listed
    assert "Bronces" not in listed
    # the record's own page shows to each only what he may see
    own = signed_in(cast.teammate).get(f"/users/{cast.outsider.pk}/").content.decode()
    assert "Nothing at the moment." in own


@pytest.mark.parametrize(
    ("words", "found"), [("OWN", True), ("owner@exam", True), ("nobody", False), ("own zz", False)]
)
def test_people_are_found_by_name_and_mail(cast, settings_of, words, found):
    page = settings_of.get(reverse("people"), {"q": words}).content.decode()

    assert ("owner@example.com" in page) is found
    assert "teammate@example.com" not in page


def test_the_tree_goes_over_pages_and_its_queries_do_not_grow(
    cast, settings_of, django_assert_max_num_queries, monkeypatch
):
    from clientela.platform.people import directory

    for number in range(30):
        make_person(f"more{number:02}", ready_made.SELLER, cast.owner.team)
    with django_assert_max_num_queries(24):
        whole = settings_of.get(reverse("people")).content.decode()
    assert whole.count("@example.com</small>") == 36
    monkeypatch.setattr(directory, "SIZE", 10)
    seen = []
    for number in range(1, 5):
        with django_assert_max_num_queries(24):
            page = settings_of.get(reverse("people"), {"page": number}).content.decode()
        seen += [line.split("<")[0] for line in page.split("<small>") if "@example.com" in line.split("<")[0]]
    assert len(seen) == len(set(seen)) == 36
