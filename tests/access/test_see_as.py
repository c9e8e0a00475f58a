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
