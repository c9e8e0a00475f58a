"""Saved views: whose they are, who sees them, what a person makes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import translation

from clientela.access import policy
from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.domain.sales.models import Opportunity, Pipeline, Stage
from clientela.platform.lists import listing
from clientela.platform.savedviews import queries
from clientela.platform.savedviews.models import SavedView, ViewChoice
from clientela.records import registry
from tests.answers import Answer
from tests.cast import Cast
from tests.pages.builders import make

SignIn = Callable[[User], Client]
CONDITION = {"field": "amount", "op": "gt", "value": "5000"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def saved(owner: User, name: str = "Large deals", **fields: Any) -> SavedView:
    given: dict[str, Any] = {
        "condition": CONDITION,
        "columns": [["name", 300], ["amount", 0]],
        "sort": ["-amount"],
    }
    return SavedView.objects.create(record="opportunity", owner=owner, name=name, **{**given, **fields})


def labels(user: User) -> list[str]:
    return [str(view.label) for view in listing.views_of(registry.get("opportunity"), actor_of(user))]


def change(client: Client, do: str, view: str, **given: str) -> Answer:
    return client.post("/opportunities/views/change/", {"do": do, "from": f"view={view}", **given})


def shown_view(response: Answer) -> str:
    path = str(json.loads(response["HX-Location"])["path"])
    return parse_qs(urlsplit(path).query).get("view", [""])[0]


def test_what_a_list_shows_is_saved_and_shown_again(cast: Cast, signed_in: SignIn):
    query = urlencode(
        {
            "view": "all",
            "filter": json.dumps(CONDITION),
            "columns": "name,amount:90",
            "sort": "-amount",
            "group": "stage",
            "totals": "amount:max",
        }
    )
    response = signed_in(cast.owner).post("/opportunities/views/new/", {"name": " Large ", "from": query})
    view = SavedView.objects.get()
    assert response.status_code == 204
    assert shown_view(response) == f"v{view.pk}"
    assert (view.name, view.owner, view.shared, view.record) == ("Large", cast.owner, False, "opportunity")
    read = listing.read(registry.get("opportunity"), actor_of(cast.owner), f"view=v{view.pk}")
    assert read.look == listing.Look(
        CONDITION, (("name", 0), ("amount", 90)), ("-amount",), "stage", ("amount:max",)
    )
    assert not read.is_modified


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "nul\x00"])
def test_a_view_needs_a_decent_name(cast: Cast, signed_in: SignIn, name: str):
    response = signed_in(cast.owner).post("/opportunities/views/new/", {"name": name, "from": ""})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert SavedView.objects.count() == 0


def test_a_personal_view_is_nobody_else_s(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner)
    assert "Large deals" in labels(cast.owner)
    for other in (cast.teammate, cast.manager, cast.admin, cast.outsider):
        assert "Large deals" not in labels(other)
        client = signed_in(other)
        for do in ("save", "share", "delete"):
            assert change(client, do, f"v{view.pk}").status_code == 404
        assert client.post(f"/opportunities/views/{view.pk}/rename/", {"name": "Mine"}).status_code == 404
        assert "Large deals" not in client.get(f"/opportunities/?view=v{view.pk}").content.decode()
    view.refresh_from_db()
    assert (view.name, view.shared, view.condition) == ("Large deals", False, CONDITION)


def test_all_see_a_shared_view_and_its_owner_and_administrators_change_it(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner)
    response = change(signed_in(cast.owner), "share", f"v{view.pk}")
    assert response.status_code == 204
    assert "Large deals" in labels(cast.outsider)
    for do in ("save", "unshare", "delete"):
        assert change(signed_in(cast.teammate), do, f"v{view.pk}").status_code == 403
    view.refresh_from_db()
    assert view.shared
    assert (
        signed_in(cast.admin).post(f"/opportunities/views/{view.pk}/rename/", {"name": "Big"}).status_code
        == 204
    )
    view.refresh_from_db()
    assert view.name == "Big"
    assert change(signed_in(cast.owner), "unshare", f"v{view.pk}").status_code == 204
    assert "Big" not in labels(cast.outsider)


def test_somebody_else_works_with_a_shared_view_and_keeps_her_changes_as_her_own(
    cast: Cast, signed_in: SignIn
):
    # given
    small, large = (
        make("opportunity", cast.owner, name=name, amount=amount)
        for name, amount in (("Hoist", "4000"), ("Crane", "9000"))
    )
    view = saved(cast.owner, shared=True)
    client = signed_in(cast.teammate)
    # when
    page = client.get(f"/opportunities/?view=v{view.pk}").content.decode()
    # then she sees it among the views, with its rows and its columns
    assert re.findall(r'<a[^>]*aria-current="page"[^>]*>.*?Large deals', page, re.DOTALL)
    assert f"/opportunities/{large.pk}/" in page
    assert f"/opportunities/{small.pk}/" not in page
    spec = registry.get("opportunity")
    read = listing.read(spec, actor_of(cast.teammate), f"view=v{view.pk}")
    assert list(read.columns()) == [("name", 300), ("amount", 0)]
    # when she changes it and may not keep that in the view of another
    changed = urlencode({"view": f"v{view.pk}", "sort": "name"})
    refused = client.post("/opportunities/views/change/", {"do": "save", "from": changed})
    kept = client.post("/opportunities/views/new/", {"name": "By name", "from": changed})
    # then
    assert (refused.status_code, kept.status_code) == (403, 204)
    view.refresh_from_db()
    assert (view.sort, view.owner, view.shared) == (["-amount"], cast.owner, True)
    own = SavedView.objects.get(name="By name")
    assert (own.owner, own.shared, own.sort, own.condition) == (cast.teammate, False, ["name"], CONDITION)
    assert "By name" not in labels(cast.owner)


def test_a_reader_saves_for_herself_and_does_not_share(cast: Cast, signed_in: SignIn):
    client = signed_in(cast.reader)
    client.post("/opportunities/views/new/", {"name": "Hers", "from": "view=all", "shared": "1"})
    view = SavedView.objects.get()
    assert not view.shared
    assert change(client, "share", f"v{view.pk}").status_code == 403
    view.refresh_from_db()
    assert not view.shared


def test_a_shared_view_shows_each_only_his_records_and_fails_closed_on_a_hidden_field(
    cast: Cast, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    pipeline = Pipeline.objects.create(name="Machines", position=90)
    stage = Stage.objects.create(pipeline=pipeline, name="Talks")
    for name, owner in (("Loader", cast.owner), ("Digger", cast.outsider)):
        Opportunity.objects.create(
            name=name,
            stage=stage,
            pipeline=pipeline,
            owner=owner,
            amount=9000,
            amount_base=9000,
            currency="EUR",
        )
    view = saved(cast.owner, shared=True)
    page = signed_in(cast.outsider).get(f"/opportunities/?view=v{view.pk}").content.decode()
    assert "Digger" in page
    assert "Loader" not in page
    monkeypatch.setattr(
        policy,
        "hidden_fields",
        lambda actor, spec: frozenset({"amount"} if spec.key == "opportunity" else ()),
    )
    page = signed_in(cast.outsider).get(f"/opportunities/?view=v{view.pk}").content.decode()
    assert "Digger" not in page
    assert "9,000" not in page
    assert "This filter cannot be followed" in page
    counts = signed_in(cast.outsider).get("/opportunities/counts/").content.decode()
    assert f'id="n-v{view.pk}"' not in counts


def test_saving_over_a_view_keeps_what_was_changed(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner)
    client = signed_in(cast.owner)
    changed = {"view": f"v{view.pk}", "sort": "name", "group": "stage"}
    page = client.get("/opportunities/", changed).content.decode()
    assert "View modified" in page
    response = client.post("/opportunities/views/change/", {"do": "save", "from": urlencode(changed)})
    assert response.status_code == 204
    view.refresh_from_db()
    assert (view.sort, view.group, view.condition) == (["name"], "stage", CONDITION)
    assert "View modified" not in client.get(f"/opportunities/?view=v{view.pk}").content.decode()


def test_a_default_view_is_the_one_a_list_opens_with(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner)
    client = signed_in(cast.owner)
    change(client, "default", "won")
    change(client, "default", f"v{view.pk}")
    spec = registry.get("opportunity")
    assert listing.read(spec, actor_of(cast.owner), "").view.key == f"v{view.pk}"
    assert listing.read(spec, actor_of(cast.teammate), "").view.key == "open"
    assert ViewChoice.objects.filter(default=True).count() == 1


def test_favourites_are_in_the_menu_with_their_colour_and_go_with_the_view(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner)
    client = signed_in(cast.owner)
    change(client, "favourite", f"v{view.pk}", color="teal")
    pinned = {favourite.label: favourite for favourite in queries.favourites(actor_of(cast.owner))}
    assert pinned["Large deals"].url == f"/opportunities/?view=v{view.pk}"
    assert pinned["Large deals"].color == "teal"
    assert "Closing this month" in pinned
    change(client, "unfavourite", "closing")
    assert [each.label for each in queries.favourites(actor_of(cast.owner))] == ["Large deals"]
    assert "Closing this month" in [each.label for each in queries.favourites(actor_of(cast.teammate))]
    change(client, "delete", f"v{view.pk}")
    assert SavedView.objects.count() == 0
    assert queries.favourites(actor_of(cast.owner)) == []


def test_a_favourite_that_is_shared_no_more_is_gone_for_the_others(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner, shared=True)
    change(signed_in(cast.teammate), "favourite", f"v{view.pk}")
    assert "Large deals" in [each.label for each in queries.favourites(actor_of(cast.teammate))]
    change(signed_in(cast.owner), "unshare", f"v{view.pk}")
    assert "Large deals" not in [each.label for each in queries.favourites(actor_of(cast.teammate))]


def test_a_colour_that_there_is_not_is_refused(cast: Cast, signed_in: SignIn):
    response = change(signed_in(cast.owner), "favourite", "won", color='red"><script>')
    assert response.status_code == 422
    assert ViewChoice.objects.count() == 0


def test_a_width_is_kept_for_the_one_who_dragged_it(cast: Cast, signed_in: SignIn):
    client = signed_in(cast.owner)
    response = client.post(
        "/opportunities/columns/?view=all", {"column": "account", "width": "333", "from": "view=all"}
    )
    assert response.status_code == 204
    spec = registry.get("opportunity")
    assert dict(listing.read(spec, actor_of(cast.owner), "view=all").columns())["account"] == 333
    assert dict(listing.read(spec, actor_of(cast.teammate), "view=all").columns())["account"] == 0
    client.post("/opportunities/columns/?view=all", {"column": "nope", "width": "333"})
    assert ViewChoice.objects.get().widths == {"account": 333}


def test_nothing_changes_on_get_and_unknown_changes_are_refused(cast: Cast, signed_in: SignIn):
    client = signed_in(cast.owner)
    assert client.get("/opportunities/views/change/").status_code == 405
    assert change(client, "explode", "won").status_code == 400
    assert client.get("/opportunities/views/new/").status_code == 200
    assert (SavedView.objects.count(), ViewChoice.objects.count()) == (0, 0)


def test_names_are_text_not_markup(cast: Cast, signed_in: SignIn):
    view = saved(cast.owner, name="<script>alert(1)</script>")
    client = signed_in(cast.owner)
    change(client, "favourite", f"v{view.pk}")
    for address in ("/opportunities/", f"/opportunities/views/{view.pk}/rename/"):
        assert "<script>alert" not in client.get(address).content.decode()


def test_a_crooked_saved_view_does_no_harm(cast: Cast, signed_in: SignIn):
    view = saved(
        cast.owner, condition=["x"], columns=[["name", 1, 2], "x"], sort=[5], totals=[None], group="nope"
    )
    assert signed_in(cast.owner).get(f"/opportunities/?view=v{view.pk}").status_code == 200
