"""On a phone, with a finger: a card held and dragged changes its column; a swipe only scrolls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from clientela.domain.sales.models import Opportunity
from tests.browser.company import make_company
from tests.browser.conftest import PHONE, WAIT_MILLISECONDS, enter, watch

HOLD = 450


@pytest.fixture
def phone(browser: Browser, live: str) -> Iterator[Page]:
    """A tab on a phone."""
    context = browser.new_context(
        base_url=live, locale="en", timezone_id="UTC", viewport=PHONE, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(WAIT_MILLISECONDS)
    tab = context.new_page()
    problems = watch(tab)
    yield tab
    context.close()
    assert problems == []


class Finger:
    """Touches of one finger, as the browser gets them from the screen."""

    def __init__(self, tab: Page) -> None:
        self.session: CDPSession = tab.context.new_cdp_session(tab)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def glide(self, start: tuple[float, float], end: tuple[float, float], steps: int = 6) -> None:
        for step in range(1, steps + 1):
            part = step / steps
            here = start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
            self.send("touchMove", here)


def middle(what: Locator) -> tuple[float, float]:
    box = what.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_card_held_and_dragged_changes_its_column(phone: Page, live: str) -> None:
    company = make_company()
    enter(phone, live, company.cast.owner)
    phone.goto("/opportunities/board/")
    card = phone.locator("[data-card]", has_text="Press")
    card.scroll_into_view_if_needed()
    finger, start = Finger(phone), middle(card.locator("footer"))
    finger.send("touchStart", start)
    phone.wait_for_timeout(HOLD)
    expect(card.locator(".deal-card")).to_have_attribute("data-dragging", "")
    finger.glide(start, (PHONE["width"] - 15, start[1]))
    finger.send("touchEnd")
    arrived = phone.locator(".board-column", has=phone.get_by_role("heading", name="Negociación"))
    expect(arrived.locator("[data-card]")).to_have_count(2)
    expect(phone.locator("[data-toast]")).to_contain_text("Moved to Negociación")
    assert Opportunity.objects.get(name="Press").stage.name == "Negociación"


def test_a_swipe_over_a_card_only_scrolls(phone: Page, live: str) -> None:
    company = make_company()
    enter(phone, live, company.cast.owner)
    phone.goto("/opportunities/board/")
    before = {deal.pk: deal.stage_id for deal in Opportunity.objects.all()}
    board = phone.locator("#board")
    finger = Finger(phone)
    start = middle(phone.locator("[data-card]", has_text="Crane").locator("footer"))
    finger.send("touchStart", start)
    finger.glide(start, (start[0] - 200, start[1]))
    finger.send("touchEnd")
    expect(phone.locator("[data-dragging]")).to_have_count(0)
    assert board.evaluate("board => board.scrollLeft") > 0
    assert {deal.pk: deal.stage_id for deal in Opportunity.objects.all()} == before
