"""A private field leaks in no way: not its value, nor whether it sorts before another's."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clientela.access.models import User
from clientela.platform.savedviews.models import SavedView
from clientela.records import registry, urlnames, values
from tests.cast import Cast
from tests.contract import samples, ways

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
THING = registry.get("thing")
MARGIN, URL = Decimal("7317.25"), "https://hush.example/whisper"
# The margin, twice and four times the margin, each with and without commas; the private address.
THRESHOLD = "6543"
VALUES = ("7317", "7,317", "14634", "14,634", "29269", "29,269", "whisper")
PRIVATE = ("margin", "doubled_margin", "url", "parent__margin", "parent__url")
SELLERS = ("owner", "teammate", "reader")


@pytest.fixture
def thing(cast: Cast) -> Any:
    """Something with private values, linked to another such thing."""
    parent = samples.make(THING, cast.owner, name="Parent", margin=MARGIN, url=URL)
    return samples.make(
        THING, cast.owner, name="Machine", margin=MARGIN, url=URL, price=Decimal("3"), parent=parent.pk
    )


def told(text: str) -> list[str]:
    return [value for value in VALUES if value in text]


def pages(thing: Any) -> dict[str, str]:
    """Addresses that would show the private fields to who may see them."""
    record, part = urlnames.record_url, urlnames.part_url
    columns = {"view": "all", "columns": ",".join(["name", *PRIVATE])}
    measures = {"view": "all", "measure": "doubled_margin:sum", "by": "size"}
    return {
        "list": urlnames.list_url(THING, **columns),
        "usual list": urlnames.list_url(THING),
        "totals": urlnames.view_url(THING, "totals", **columns, totals="margin:sum,margin:max"),
        "groups": urlnames.list_url(THING, **columns, group="size", totals="margin:sum"),
        "board": urlnames.view_url(THING, "board", view="all"),
        "calendar": urlnames.view_url(THING, "calendar", view="all", month=f"{thing.day:%Y-%m}"),
        "chart": urlnames.view_url(THING, "chart", **measures),
        "record": record(THING, thing.pk),
        "record with parts": record(THING, thing.parent_id),
        "panel": part(THING, thing.parent_id, "panel", "thing-parent"),
        "timeline": reverse("timeline", args=[THING.plural, thing.pk]),
        "options": f"{urlnames.options_url(THING)}?q=Machine",
        "palette": f"{reverse('search_palette')}?q=Machine",
        "search": f"{reverse('search_page')}?q=Machine",
        "export": urlnames.view_url(THING, "export", **columns),
        "filter": urlnames.view_url(THING, "filter"),
        "columns": urlnames.view_url(THING, "columns"),
        "grouping": urlnames.view_url(THING, "grouping"),
        "new": urlnames.create_url(THING),
    }


SHOWN_TO_MANAGERS = (
    "list",
    "totals",
    "groups",
    "board",
    "chart",
    "record",
    "record with parts",
    "panel",
    "export",
)


@pytest.mark.parametrize("who", SELLERS)
def test_no_page_shows_it(who: str, thing: Any, cast: Cast, signed_in: SignIn) -> None:
    # given
    client = signed_in(getattr(cast, who))
    for name, url in pages(thing).items():
        # when
        response = client.get(url)
        text = ways.body_of(response)
        # then
        assert response.status_code == (403 if who == "reader" and name == "new" else 200), name
        assert told(text) == [], name
        if "margin" not in url:  # what an address asks for comes back in the page's own links
            assert "margin" not in text.lower(), name


def test_the_same_pages_show_it_to_managers(thing: Any, cast: Cast, signed_in: SignIn) -> None:
    client, addresses = signed_in(cast.manager), pages(thing)
    for name in SHOWN_TO_MANAGERS:
        assert told(ways.body_of(client.get(addresses[name]))) != [], name


def test_it_is_not_in_a_workbook(thing: Any, cast: Cast, signed_in: SignIn) -> None:
    url = urlnames.view_url(THING, "export", view="all", columns=",".join(["name", *PRIVATE]), format="xlsx")
    for who, expected in (("owner", False), ("manager", True)):
        content = b"".join(signed_in(getattr(cast, who)).get(url))
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
        assert "Machine" in text
        assert bool(told(text)) is expected, who


@pytest.mark.parametrize("who", SELLERS)
def test_it_has_no_editor_and_takes_no_value(who: str, thing: Any, cast: Cast, signed_in: SignIn) -> None:
    # given
    client, program = signed_in(getattr(cast, who)), ways.Program(getattr(cast, who))
    before = ways.saved(THING, thing.pk)
    # then
    for name in ("margin", "url"):
        address = urlnames.part_url(THING, thing.pk, "field", name)
        assert client.get(address).status_code == 404
        assert client.post(address, {name: "9"}).status_code == 404
        bulk = {"do": "field", "field": name, name: "9", "confirmed": "1", "ids": [thing.pk]}
        answer = client.post(urlnames.view_url(THING, "bulk"), bulk)
        assert answer.status_code == (403 if who == "reader" else 200)
        assert told(ways.body_of(answer)) == []
        refused = program.patch(THING, thing.pk, {name: "9"})
        # the answer for a field that there is not
        unknown = program.patch(THING, thing.pk, {"no_such": "9"})
        assert refused.status_code == unknown.status_code
        assert refused.content == unknown.content.replace(b"no_such", name.encode())
    assert ways.saved(THING, thing.pk) == before


def test_a_form_that_names_it_does_not_set_it(cast: Cast, signed_in: SignIn) -> None:
    # when
    data = {"name": "New", "size": "small", "margin": "9", "url": URL}
    made = signed_in(cast.owner).post(urlnames.create_url(THING), data)
    # then
    assert made.status_code == 302
    new = THING.model._default_manager.get(name="New")
    assert values.snapshot(THING, new, ["margin", "url"]) == {"margin": None, "url": ""}


@pytest.mark.parametrize("who", SELLERS)
def test_programs_do_not_get_it(who: str, thing: Any, cast: Cast) -> None:
    # given
    program, manager = ways.Program(getattr(cast, who)), ways.Program(cast.manager)
    # then
    for item in (program.get(THING, thing.pk).json(), *program.items(THING)):
        assert not {"margin", "doubled_margin", "url"} & item.keys()
        assert told(json.dumps(item)) == []
    assert manager.get(THING, thing.pk).json()["margin"] == str(MARGIN)
    document = program.client.get("/api/v1/openapi.json").content.decode()
    assert "margin" not in document
    assert "margin" in manager.client.get("/api/v1/openapi.json").content.decode()


@pytest.mark.parametrize("who", SELLERS)
@pytest.mark.parametrize("path", PRIVATE)
def test_asking_by_it_is_asking_by_nothing(path: str, who: str, thing: Any, cast: Cast) -> None:
    """Filter, sort and choice of fields: the same answer as for a field that there is not."""
    program = ways.Program(getattr(cast, who))
    filters = [{"field": path, "op": op, "value": "7317"} for op in ("not_empty", "gt", "is", "contains")]
    for asked in (
        *({"filter": json.dumps(leaf)} for leaf in filters),
        *({"filter": json.dumps({"not": leaf})} for leaf in filters),
        {"sort": path},
        {"sort": f"-{path}"},
        {"fields": path},
    ):
        # when
        hidden = program.get(THING, **asked)
        unknown = program.get(THING, **{name: text.replace(path, "no_such") for name, text in asked.items()})
        # then
        assert hidden.status_code == unknown.status_code == 400, asked
        assert hidden.content.replace(path.encode(), b"no_such") == unknown.content, asked


@pytest.mark.parametrize("who", SELLERS)
@pytest.mark.parametrize("path", PRIVATE)
def test_no_list_is_filtered_sorted_or_grouped_by_it(
    path: str, who: str, thing: Any, cast: Cast, signed_in: SignIn
) -> None:
    # given
    client = signed_in(getattr(cast, who))
    leaf = json.dumps({"field": path, "op": "not_empty"})
    for name, url in ways.lists(THING).items():
        for asked in ({"filter": leaf}, {"sort": f"-{path}"}, {"group": path}, {"totals": f"{path}:sum"}):
            # when
            response = client.get(url, {"view": "all", **asked})
            text = ways.body_of(response)
            # then
            assert response.status_code in (200, 403), (name, asked)
            assert told(text) == [], (name, asked)
            if "filter" in asked:
                assert "Machine" not in text, name


@pytest.mark.parametrize("who", SELLERS)
def test_searching_for_it_finds_nothing(who: str, thing: Any, cast: Cast, signed_in: SignIn) -> None:
    client, program = signed_in(getattr(cast, who)), ways.Program(getattr(cast, who))
    for text in ("whisper", "hush.example", "7317"):
        for url in (
            urlnames.list_url(THING, view="all", q=text),
            urlnames.view_url(THING, "board", view="all", q=text),
            urlnames.view_url(THING, "export", view="all", q=text),
            f"{reverse('search_palette')}?q={text}",
            f"{reverse('search_page')}?q={text}",
            f"{urlnames.options_url(THING)}?q={text}",
        ):
            assert "Machine" not in ways.body_of(client.get(url)), (text, url)
        assert program.items(THING, q=text) == []


def test_it_is_no_reason_to_be_alike(thing: Any, cast: Cast, signed_in: SignIn) -> None:
    url = urlnames.view_url(THING, "duplicates")
    data = {"name": "Something else", "url": URL}
    assert "Machine" not in ways.body_of(signed_in(cast.owner).post(url, data))
    assert "Machine" in ways.body_of(signed_in(cast.manager).post(url, data))


def test_the_story_of_a_record_does_not_tell_it(thing: Any, cast: Cast, signed_in: SignIn) -> None:
    # given a manager changed the private field alone, and it together with another
    program = ways.Program(cast.manager)
    for sent in ({"margin": "14634"}, {"margin": "7317", "price": "55"}):
        assert program.patch(THING, thing.pk, sent).status_code == 200
    address = reverse("timeline", args=[THING.plural, thing.pk])
    # then
    for who in SELLERS:
        story = ways.body_of(signed_in(getattr(cast, who)).get(address))
        assert told(story) == [], who
        assert "Margin" not in story, who
        assert "55" in story, who
    assert "14,634" in ways.body_of(signed_in(cast.manager).get(address))


@pytest.mark.parametrize("who", SELLERS)
def test_a_shared_view_that_names_it_tells_nothing(
    who: str, thing: Any, cast: Cast, signed_in: SignIn
) -> None:
    # given views that a manager shares
    looks: dict[str, dict[str, Any]] = {
        "columns": {"columns": [["name", 0], ["margin", 0], ["url", 0]]},
        "sort": {"sort": ["-margin"]},
        "filter": {"condition": {"all": [{"field": "margin", "op": "gt", "value": THRESHOLD}]}},
        "group": {"group": "url"},
        "totals": {"totals": ["margin:sum"]},
    }
    shared = {
        name: SavedView.objects.create(record="thing", owner=cast.manager, name=name, shared=True, **look)
        for name, look in looks.items()
    }
    client, manager = signed_in(getattr(cast, who)), signed_in(cast.manager)
    for name, view in shared.items():
        for look, url in {**ways.lists(THING), **ways.parts(THING)}.items():
            # when
            response = client.get(url, {"view": f"v{view.pk}"})
            text = ways.body_of(response)
            # then neither the values, nor the field, nor what it was compared with
            assert response.status_code in (200, 403), (name, look)
            assert told(text) == [], (name, look)
            assert THRESHOLD not in text, (name, look)
            assert "margin" not in text.lower(), (name, look)
            if name == "filter":
                assert "Machine" not in text, look
            elif look == "list":  # it opens all the same
                assert "Machine" in text, name
        if name == "filter":
            shown = ways.body_of(client.get(urlnames.list_url(THING), {"view": f"v{view.pk}"}))
            assert "it uses a field that you may not see" in shown
        assert manager.get(urlnames.list_url(THING), {"view": f"v{view.pk}"}).status_code == 200
    counts = ways.body_of(client.get(urlnames.view_url(THING, "counts")))
    assert f'id="n-v{shared["filter"].pk}"' not in counts
