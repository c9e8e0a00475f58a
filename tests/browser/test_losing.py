"""A card dropped on Lost asks why, and nothing else."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from clientela.domain.sales.models import LostReason, Opportunity, StageKind
from tests.browser.company import make_company
from tests.browser.conftest import enter
from tests.browser.test_the_whole_job import card, drop_on, lane, undo_by_toast


def state_of(name: str) -> tuple[str, object]:
    deal = Opportunity.objects.select_related("stage", "lost_reason").get(name=name)
    return deal.stage.name, deal.lost_reason


def test_a_card_dropped_on_lost_asks_only_for_the_reason(page: Page, live: str) -> None:
    # given a deal without an amount, which winning would ask for
    company = make_company()
    reason = LostReason.objects.get(name="Precio")
    enter(page, live, company.cast.owner)
    page.goto("/opportunities/board/")
    # when
    drop_on(page, "Forklift", "lose")
    # then
    asked = page.get_by_role("dialog", name="Lost")
    expect(asked).to_be_visible()
    assert state_of("Forklift") == ("Nuevo contacto", None)
    shown = asked.locator("input:visible, select:visible, textarea:visible")
    assert [each.get_attribute("name") for each in shown.all()] == ["lost_reason", None, "comment"]
    # when the reason is not told
    asked.get_by_role("button", name="Lost").click()
    # then it is the only thing that is wanted
    expect(asked.locator(".error")).to_have_count(1)
    expect(asked.locator("[aria-invalid=true]")).to_have_attribute("name", "lost_reason")
    assert state_of("Forklift") == ("Nuevo contacto", None)
    # when it is left, the card is where it was
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(lane(page, "Nuevo contacto").locator("[data-card]", has_text="Forklift")).to_have_count(1)
    assert state_of("Forklift") == ("Nuevo contacto", None)
    # when the reason is told
    drop_on(page, "Forklift", "lose")
    asked.locator("[name=lost_reason]").select_option(label="Precio")
    asked.get_by_role("button", name="Lost").click()
    # then
    expect(card(page, "Forklift")).to_have_count(0)
    lost = Opportunity.objects.select_related("stage").get(name="Forklift")
    assert (lost.stage.kind, lost.lost_reason, lost.amount) == (StageKind.LOST, reason, None)
    undo_by_toast(page)
    expect(lane(page, "Nuevo contacto").locator("[data-card]", has_text="Forklift")).to_have_count(1)
    assert state_of("Forklift") == ("Nuevo contacto", None)
