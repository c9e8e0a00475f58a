"""axe finds nothing to object to on any page, light and dark, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.company import make_company
from tests.browser.conftest import DESKTOP, PHONE, enter
from tests.browser.places import PLACES, go, ids_of

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# In the dark only the colours differ, so only those are looked at again.
RUN = """([axe_tags, dark]) => axe.run(document, {
    runOnly: dark ? {type: 'rule', values: ['color-contrast']} : {type: 'tag', values: axe_tags},
    resultTypes: ['violations'], preload: false,
}).then(found => found.violations.flatMap(each => each.nodes.map(node =>
    [each.id, node.target, node.html.slice(0, 200), ...node.any.map(one => one.message)].join(' '))))"""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PARTS = 6  # so many tests may run beside each other
LOOKS = [(size, scheme) for size in (DESKTOP, PHONE) for scheme in SCHEMES]


@pytest.mark.only_on("sqlite")  # axe reads pages, which are the same on every database
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_is_content(page: Page, live: str, tmp_path: Path, part: int) -> None:
    company = make_company()
    ids = ids_of(company, tmp_path)
    found = []
    for place in PLACES[part::PARTS]:
        page.context.clear_cookies()
        if place.who:
            enter(page, live, getattr(company.cast, place.who))
        go(page, place, ids)
        page.evaluate(AXE)
        for size, scheme in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            for problem in page.evaluate(RUN, [TAGS, scheme == "dark"]):
                found.append(f"{place.name} {size['width']} {scheme}: {problem}")
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light")
    assert found == []
