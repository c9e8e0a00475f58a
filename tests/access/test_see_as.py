"""An administrator looks as another person: he sees what she sees, changes nothing, and it is kept."""

from __future__ import annotations

import pytest
from django.urls import reverse

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.audit.models import Change, SecurityEvent
from clientela.records import registry, urlnames
from tests.cast import Cast
from tests.contract import samples

pytestmark = pytest.mark.django_db


def kept() -> list[tuple[str, int | None, str]]:
    rows = SecurityEvent.objects.filter(kind__startswith="see_as").order_by("pk")
    return list(rows.values_list("kind", "user_id", "detail"))


def test_he_sees_what_she_sees_and_it_is_kept(cast: Cast, signed_in) -> None:
    # given
    spec = registry.get("account")
    own, other = samples.make(spec, cast.owner), samples.make(spec, cast.outsider)
    client = signed_in(cast.admin)
    # when
    assert client.post(reverse("people_see_as", args=[cast.outsider.pk])).status_code == 302
    # then
    assert client.get(urlnames.record_url(spec, own.pk)).status_code == 404
    page = client.get(urlnames.record_url(spec, other.pk))
    assert page.status_code == 200
    assert page.wsgi_request.user.seen_by == cast.admin.pk
    # when he stops
    assert client.post(reverse("people_see_as_stop")).status_code == 302
    # then
    assert client.get(urlnames.record_url(spec, own.pk)).status_code == 200
    told = f"Outsider <{cast.outsider.email}>"
    assert kept() == [("see_as_started", cast.admin.pk, told), ("see_as_ended", cast.admin.pk, told)]


def test_nothing_is_changed_meanwhile(cast: Cast, signed_in) -> None:
    # given
    spec = registry.get("account")
    record = samples.make(spec, cast.outsider)
    client, entries = signed_in(cast.admin), Change.objects.count()
    client.post(reverse("people_see_as", args=[cast.outsider.pk]))
    # then
    for url, data in (
        (urlnames.part_url(spec, record.pk, "field", "name"), {"name": "Changed"}),
        (urlnames.part_url(spec, record.pk, "delete"), {}),
        (urlnames.create_url(spec), {"name": "New"}),
        (reverse("profile_theme"), {"theme": "dark"}),
        (reverse("people_see_as", args=[cast.owner.pk]), {}),
    ):
        assert client.post(url, data).status_code == 403, url
    assert client.get(reverse("profile")).status_code == 403
    assert Change.objects.count() == entries
    assert User.objects.get(pk=cast.outsider.pk).theme == ""


def test_the_policy_itself_only_reads(cast: Cast) -> None:
    cast.manager.seen_by = cast.admin.pk
    actor, spec = actor_of(cast.manager), registry.get("account")
    allowed = {verb for verb in policy.VERBS if policy.may(actor, verb, spec)}
    assert allowed == {"see", "export"}
    assert not policy.may_act(actor, "win", registry.get("opportunity"))
    assert (actor.seen_by, actor.is_admin) == (cast.admin.pk, False)


@pytest.mark.parametrize("who", ["manager", "reader"])
def test_only_administrators_do_it(cast: Cast, signed_in, who: str) -> None:
    client = signed_in(getattr(cast, who))
    assert client.post(reverse("people_see_as", args=[cast.owner.pk])).status_code == 403
    assert client.get("/").wsgi_request.user.seen_by is None
    assert kept() == []


def test_who_is_no_administrator_any_more_is_himself_again(cast: Cast, signed_in) -> None:
    client = signed_in(cast.admin)
    client.post(reverse("people_see_as", args=[cast.owner.pk]))
    cast.admin.roles.clear()
    assert client.get("/").wsgi_request.user.pk == cast.admin.pk


def test_nobody_looks_as_himself_or_as_who_has_left(cast: Cast, signed_in) -> None:
    client = signed_in(cast.admin)
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    for person in (cast.admin, cast.owner):
        assert client.post(reverse("people_see_as", args=[person.pk])).status_code == 403
    assert client.post(reverse("people_see_as", args=[10**9])).status_code == 404
    assert kept() == []


def test_one_confirms_first_from_the_menu_and_from_the_palette(cast: Cast, signed_in) -> None:
    client = signed_in(cast.admin)
    start = reverse("people_see_as", args=[cast.owner.pk])
    confirmation = reverse("rights_see_as") + f"?person={cast.owner.pk}"
    for page in (reverse("people"), reverse("people_person", args=[cast.owner.pk])):
        shown = client.get(page).content.decode()
        assert confirmation in shown
        assert start not in shown
    assert start in client.get(confirmation).content.decode()
    assert client.get("/").wsgi_request.user.seen_by is None
    # and by name
    for person, offered in ((cast.admin, True), (cast.manager, False), (cast.owner, False)):
        found = signed_in(person).get(reverse("search_palette"), {"q": "see as"}).content.decode()
        assert (reverse("rights_see_as") in found) is offered, person
    client.post(start)
    found = client.get(reverse("search_palette"), {"q": "see as"}).content.decode()
    assert reverse("rights_see_as") not in found


def test_what_happens_meanwhile_is_kept_as_the_administrators(cast: Cast, signed_in) -> None:
    # given
    client = signed_in(cast.admin)
    client.post(reverse("people_see_as", args=[cast.owner.pk]))
    # when he is refused a page as she is
    assert client.get(reverse("people")).status_code == 403
    # then
    event = SecurityEvent.objects.filter(kind="access_refused").get()
    assert event.user == cast.admin
    assert event.detail.startswith("seeing as Owner")
    # and every page of a record says so
    spec = registry.get("account")
    record = samples.make(spec, cast.owner)
    page = client.get(urlnames.record_url(spec, record.pk)).content.decode()
    assert "You see as Owner. Nothing can be changed." in page
    assert reverse("people_see_as_stop") in page
    # and, to himself again, the log of security
    client.post(reverse("people_see_as_stop"))
    log = client.get(reverse("activity_security")).content.decode()
    assert "seeing as Owner" in log
    assert "Began to see as another person" in log
