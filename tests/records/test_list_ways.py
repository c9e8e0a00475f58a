"""Ways of looking at a list: what only one of them has stays while filters change; the menu of groupings."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from clientela.domain.sales.models import Pipeline
from tests.cast import Cast
from tests.pages.builders import make

pytestmark = pytest.mark.django_db
FILTER = {"field": "name", "op": "contains", "value": "a"}


@pytest.fixture
def second(cast: Cast) -> Pipeline:
    """A second pipeline, so that the board has two sheets."""
    made = make("pipeline", cast.admin, name="Rentals")
    make("stage", cast.admin, name="Asked", kind="open", pipeline=made.pk)
    assert isinstance(made, Pipeline)
    return made


def sheet_of(address: str) -> list[str]:
    return parse_qs(urlsplit(address).query).get("sheet", [])


def test_the_sheet_of_a_board_stays_when_filters_and_views_change(cast: Cast, signed_in, second: Pipeline):
    client = signed_in(cast.admin)
    page = client.get("/opportunities/board/", {"view": "all"}).text
    key = next(each for each in re.findall(r"sheet=([^\"&;]+)\"", page) if each)
    here = f"/opportunities/board/?view=all&sheet={key}"

    html = client.get(here, {}).text
    links = re.findall(r'href="(/opportunities/board/\?[^"]*)"', html)
    tabs = [each.replace("&amp;", "&") for each in links if "view=" in each or "sheet=" in each]
    assert [key] in [sheet_of(each) for each in tabs if "view=open" in each or "view=mine" in each]

    data = {"from": "view=all", "way": "board", "do": "apply", "row": "0"}
    condition = {"f-0": "name", "o-0": "contains", "v-0": "a", "was-0": "name"}
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    answer = client.post("/opportunities/filter/", {**data, **condition}, headers=headers)
    went = json.loads(answer.headers["HX-Location"])["path"]
    assert went.startswith("/opportunities/board/?")
    assert sheet_of(went) == [key]
    assert json.loads(parse_qs(urlsplit(went).query)["filter"][0]) == FILTER


def test_what_a_chart_measures_stays_when_its_view_changes(cast: Cast, signed_in):
    address = "/opportunities/chart/?view=all&by=owner&measure=count"
    html = signed_in(cast.admin).get(address).text.replace("&amp;", "&")
    tabs = html[html.index('class="tabs"') : html.index("</nav>", html.index('class="tabs"'))]
    links = re.findall(r'href="([^"]+)"', tabs)
    assert links
    assert all("by=owner" in each and "measure=count" in each for each in links)


def test_the_menu_of_groupings_has_sections_and_one_row_for_a_date(cast: Cast, signed_in):
    html = signed_in(cast.admin).get("/opportunities/grouping/?view=all&group=close_date:month").text
    titles = re.findall(r'<p class="muted" role="presentation">([^<]+)</p>', html)
    assert titles == ["Columns", "Dates", "Other fields"]
    row = re.search(r'<div class="menu-row" role="group" aria-label="Expected close">.*?</div>', html)
    assert row is not None
    assert re.findall(r">(\w+)</a>", row[0]) == ["month", "quarter", "year"]
    assert 'aria-current="true" aria-label="Expected close month"' in row[0]
    assert html.count("menu-row") < html.count('role="menuitem"')
