"""The settings: who may enter, and words changed where they are read."""

from __future__ import annotations

import re

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Source, Tag
from clientela.records import registry, write
from clientela.records.changes import Operation
from clientela.records.changes import Source as Through
from tests.cast import Cast


def undo_url(response) -> str:
    found = re.search(r'"undo_url": "([^"]+)"', response.headers["HX-Trigger"])
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", ["/settings/", "/settings/pipelines/"])
@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_only_administrators_enter_the_settings(cast: Cast, signed_in, path: str, who: str):
    assert signed_in(getattr(cast, who)).get(path).status_code == 403


def test_a_visitor_signs_in_first(db, client):
    assert client.get("/settings/").status_code == 302


def test_the_settings_lead_to_people_stages_and_lists_of_values(cast: Cast, signed_in):
    html = signed_in(cast.admin).get("/settings/").text

    for url in (
        "/settings/people/",
        "/settings/roles/",
        "/settings/pipelines/",
        "/sources/",
        "/sectors/",
        "/tags/",
        "/imports/",
    ):
        assert f'href="{url}"' in html
    assert 'href="/stages/"' not in html


def test_the_way_into_the_settings_is_shown_to_administrators_only(cast: Cast, signed_in):
    assert 'href="/settings/"' in signed_in(cast.admin).get("/opportunities/board/").text
    assert 'href="/settings/"' not in signed_in(cast.manager).get("/opportunities/board/").text


def test_a_word_is_changed_and_brought_back(cast: Cast, signed_in):
    fair = Source.objects.create(name="Fair", color="gray")
    client = signed_in(cast.admin)
    url = f"/settings/words/sources/{fair.pk}/"

    assert '<input name="name"' in client.get(url).text.replace('type="text" ', "")
    response = client.post(url, {"name": "Trade fair", "color": "teal"})

    assert response.status_code == 204
    fair.refresh_from_db()
    assert (fair.name, fair.color) == ("Trade fair", "teal")
    client.post(undo_url(response))
    fair.refresh_from_db()
    assert (fair.name, fair.color) == ("Fair", "gray")


def test_a_word_without_a_name_or_like_another_is_refused(cast: Cast, signed_in):
    Source.objects.create(name="Web2")
    fair = Source.objects.create(name="Fair")
    client = signed_in(cast.admin)

    for name in ("", "Web2"):
        assert client.post(f"/settings/words/sources/{fair.pk}/", {"name": name}).status_code == 422
    fair.refresh_from_db()
    assert fair.name == "Fair"


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_others_do_not_change_words(cast: Cast, signed_in, who: str):
    fair = Source.objects.create(name="Fair")

    response = signed_in(getattr(cast, who)).post(f"/settings/words/sources/{fair.pk}/", {"name": "Mine"})

    assert response.status_code == 403
    fair.refresh_from_db()
    assert fair.name == "Fair"


def test_the_word_in_a_field_is_found(cast: Cast, signed_in):
    fair, gold = Source.objects.create(name="Fair"), Tag.objects.create(name="Gold")
    account = write.create(
        registry.get("account"),
        {"name": "Crane hire", "source": fair.pk, "tags": [gold.pk]},
        operation=Operation(actor_of(cast.admin), Through("test")),
    )
    client = signed_in(cast.admin)
    base = f"/settings/words/accounts/{account.pk}"

    assert f"/settings/words/sources/{fair.pk}/" in client.get(f"{base}/source/").text
    assert f"/settings/words/tags/{gold.pk}/" in client.get(f"{base}/tags/?text=Gold").text
    for path in ("tags/?text=Silver", "sector/", "name/", "parent/", "nothing/"):
        assert client.get(f"{base}/{path}").status_code == 404


def test_records_that_are_no_words_have_no_such_form(cast: Cast, signed_in):
    client = signed_in(cast.admin)

    assert client.get(f"/settings/words/users/{cast.owner.pk}/").status_code == 404
    assert client.get("/settings/words/accounts/1/").status_code == 404
    assert client.get("/settings/words/sources/999/").status_code == 404
