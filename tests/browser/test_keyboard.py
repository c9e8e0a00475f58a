"""The keys of a list and of every page: what they do, not while typing, and not for who wants none."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity
from clientela.platform.timeline.models import Note
from tests.browser.company import Company, make_company
from tests.browser.conftest import enter, settled
from tests.pages.builders import make

LIST = "/opportunities/?view=all&sort=name"
NAMES = ["Crane", "Forklift", "Lathe", "Press"]


@pytest.fixture
def company(page: Page, live: str) -> Company:
    """The owner of the four deals sits before their list."""
    made = make_company()
    enter(page, live, made.cast.owner)
    page.goto(LIST)
    expect(page.locator("tbody .primary")).to_have_text(NAMES)
    return made


def press(tab: Page, keys: str) -> None:
    for key in keys.split():
        tab.keyboard.press(key)


def current(tab: Page) -> Locator:
    return tab.locator("tr[aria-current=true] .primary")


def selected(tab: Page) -> list[str]:
    boxes = tab.locator("tbody .check input:checked").all()
    return [str(box.get_attribute("aria-label")) for box in boxes]


def test_j_and_k_walk_the_rows_and_stop_at_the_ends(page: Page, company: Company) -> None:
    press(page, "j")
    expect(current(page)).to_have_text("Crane")
    press(page, "j j")
    expect(current(page)).to_have_text("Lathe")
    press(page, "k")
    expect(current(page)).to_have_text("Forklift")
    press(page, "k k k")
    expect(current(page)).to_have_text("Crane")


def test_x_selects_and_escape_clears_before_it_leaves(page: Page, company: Company) -> None:
    press(page, "j x j j Shift+X")
    assert selected(page) == ["Crane", "Forklift", "Lathe"]
    expect(page.locator("[data-selected-count]")).to_have_text("3 selected")
    press(page, "Escape")
    assert selected(page) == []
    assert page.url.endswith(LIST)


def test_enter_opens_j_goes_on_and_escape_goes_back(page: Page, company: Company) -> None:
    press(page, "j j Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Forklift")
    expect(page.locator("a[rel=next]")).to_be_visible()
    press(page, "j")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lathe")
    press(page, "Escape")
    expect(page.locator("tbody .primary")).to_have_text(NAMES)
    assert page.url.endswith(LIST)


def test_e_edits_the_row_and_z_undoes(page: Page, company: Company) -> None:
    press(page, "j e")
    editor = page.locator("tr[aria-current=true] .cell-edit input:not([type=hidden])").first
    expect(editor).to_be_focused()
    editor.fill("Crane of 40 t")
    press(page, "Enter")
    expect(current(page)).to_have_text("Crane of 40 t")
    deal = Opportunity.objects.get(pk=company.deals[0].pk)
    assert deal.name == "Crane of 40 t"
    press(page, "z")
    expect(page.locator("tbody .primary")).to_have_text(NAMES)
    deal.refresh_from_db()
    assert deal.name == "Crane"


def test_f_filters_slash_searches_question_mark_helps(page: Page, company: Company) -> None:
    press(page, "f")
    expect(page.get_by_label("Field 1")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#filter")).to_be_hidden()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    press(page, "/")
    expect(page.locator("#list-q")).to_be_focused()
    page.keyboard.type("press")
    expect(page.locator("tbody .primary")).to_have_text(["Press"])
    expect(page.locator("#list-q")).to_be_focused()


def test_g_goes_and_c_creates(page: Page, company: Company) -> None:
    press(page, "g u")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
    page.wait_for_load_state()  # before, no script listens to keys
    press(page, "c o")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="New opportunity")).to_be_visible()
    expect(dialog.get_by_label("Name", exact=False).first).to_be_focused()
    page.keyboard.type("By keyboard")
    press(page, "Control+Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-toast]")).to_be_visible()
    made = Opportunity.objects.get(name="By keyboard")
    assert (made.owner, made.stage.name) == (company.cast.owner, "Nuevo contacto")


def test_letters_that_are_typed_are_no_keys(page: Page, company: Company) -> None:
    page.locator("#list-q").focus()
    page.keyboard.type("jxefgoc?")
    expect(page.locator("#list-q")).to_have_value("jxefgoc?")
    settled(page)
    expect(current(page)).to_have_count(0)
    expect(page.locator("dialog[open], :popover-open")).to_have_count(0)
    assert "/opportunities/" in page.url


def test_keys_are_off_where_the_profile_says_so(page: Page, company: Company) -> None:
    page.goto("/profile/")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-toast]")).to_contain_text("Profile saved")
    company.cast.owner.refresh_from_db()
    assert company.cast.owner.shortcuts is False
    page.goto(LIST)
    press(page, "j x c ? f")
    expect(current(page)).to_have_count(0)
    expect(page.locator("dialog[open], :popover-open")).to_have_count(0)
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_menus_go_by_arrows_and_give_the_focus_back(page: Page, company: Company) -> None:
    opener = page.get_by_role("button", name="Group by")
    opener.focus()
    press(page, "Enter")
    items = page.locator("#grouping [role=menuitem]")
    expect(items.first).to_be_focused()
    press(page, "ArrowDown")
    expect(items.nth(1)).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#grouping")).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_palette_runs_a_command(page: Page, company: Company) -> None:
    press(page, "Control+k")
    page.keyboard.type(">lead")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("New lead")
    press(page, "Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", name="New lead")).to_be_visible()
    assert Account.objects.count() == 4


def test_a_call_is_noted_from_any_page_by_the_palette(page: Page, company: Company) -> None:
    page.goto("/profile/")

    press(page, "Control+k")
    page.keyboard.type("crane")
    expect(page.locator("#palette [data-record]").first).to_contain_text("Crane")
    press(page, "Shift+Enter")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Called: wants two.")
    press(page, "Control+Enter")

    expect(page.locator("#feed")).to_contain_text("Called: wants two.")
    assert Note.objects.get().body == "Called: wants two."


def test_n_writes_on_the_marked_row_and_on_the_page(page: Page, company: Company) -> None:
    press(page, "j j n")
    expect(page.locator("h1")).to_have_text("Forklift")
    expect(page.locator("#note-text")).to_be_focused()

    page.locator("h1").click()
    press(page, "n")
    expect(page.locator("#note-text")).to_be_focused()
    expect(page.locator("#note-text")).to_have_value("")


def test_a_call_by_telephone_leaves_the_note_open(page: Page, company: Company) -> None:
    lead = make("lead", company.cast.owner, first_name="Jon", last_name="Sanz", phone="+34976550182")
    page.goto(f"/leads/{lead.pk}/")

    page.locator("main a[href^='tel:']:visible").first.click()

    expect(page.locator("#note-text")).to_be_focused()


def test_a_card_keeps_the_focus_when_its_move_is_undone(page: Page, company: Company) -> None:
    page.goto("/opportunities/board/?view=all")
    card = page.get_by_role("link", name="Crane")
    first = card.locator("xpath=ancestor::section").get_attribute("data-lane")
    card.focus()
    press(page, "Alt+ArrowRight")
    expect(page.locator("[data-toast]")).to_be_visible()

    press(page, "z")

    expect(page.locator("[data-toast]").last).to_contain_text("undone")
    expect(page.locator(f"[data-lane='{first}']").get_by_role("link", name="Crane")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_who_types_faster_than_the_offer_gets_what_was_typed(page: Page, company: Company, key: str) -> None:
    """Given all accounts on offer; when some letters and a key come before the offer for them;
    then the one that matches is chosen, not the first of the old list."""
    wanted = sorted(account.name for account in company.accounts)[-1]
    page.goto("/opportunities/new/")
    field = page.get_by_role("combobox", name="Account", exact=True)
    field.click()
    expect(page.locator("[role=listbox]:popover-open [role=option]").first).to_be_visible()

    page.keyboard.type(wanted)
    press(page, key)

    expect(field).to_have_attribute("data-chosen", wanted)
    expect(field).to_have_value(wanted)
