"""What one types or has on screen survives: the way back, an ended session, somebody faster."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from clientela.domain.parties.models import Account
from clientela.domain.sales.models import Opportunity
from clientela.platform.timeline.models import Note
from tests.browser.company import make_company
from tests.browser.conftest import enter, settled
from tests.cast import PASSWORD
from tests.pages.builders import change

LIST = "/opportunities/?view=all&sort=name"
NAMES = ["Crane", "Forklift", "Lathe", "Press"]


def names(tab: Page) -> Locator:
    return tab.locator("tbody .primary")


def cell(tab: Page, row: str, column: str) -> Locator:
    heads = tab.locator(".data-table thead th").all_inner_texts()
    place = next(at for at, head in enumerate(heads) if head.strip() == column)
    return tab.locator("tbody tr", has_text=row).locator("td").nth(place)


def test_the_way_back_inside_a_list_loads_no_page_and_keeps_nothing(page: Page, live: str) -> None:
    """Given a list searched, sorted and left for a record; when one goes back step by step;
    then each state is there again, drawn into the page that never left."""
    company = make_company()
    enter(page, live, company.cast.owner)
    page.goto(LIST)
    page.evaluate("window.same = true")
    page.locator("thead a.sort", has_text="Name").click()
    expect(names(page)).to_have_text(NAMES[::-1])
    page.locator("#list-q").fill("fork")
    expect(names(page)).to_have_text(["Forklift"])
    page.go_back()
    expect(names(page)).to_have_text(NAMES[::-1])
    expect(page.locator("#list-q")).to_have_value("")
    page.go_back()
    expect(names(page)).to_have_text(NAMES)
    page.go_forward()
    page.go_forward()
    expect(names(page)).to_have_text(["Forklift"])
    expect(page.locator("#list-q")).to_have_value("fork")
    assert page.evaluate("window.same") is True
    expect(page.locator("main")).to_have_count(1)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Crane" not in kept
    page.get_by_role("link", name="Forklift").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forklift")
    page.go_back()
    expect(names(page)).to_have_text(["Forklift"])


def test_a_session_that_ends_while_one_edits_loses_nothing(page: Page, live: str) -> None:
    """Given a cell and a note half written; when the session has ended; then both stay, it is said, and
    both are saved after signing in in another tab."""
    company = make_company()
    enter(page, live, company.cast.owner)
    deal = company.deals[0]
    page.goto(f"/opportunities/{deal.pk}/")
    page.get_by_label("Text of the note").fill("They called twice.")
    page.locator(".inline-value[data-edit-url*='/name/']").click()
    field = page.locator(".inline-edit input[name=name]")
    field.fill("Crane of 90 t")
    Session.objects.all().delete()

    page.keyboard.press("Enter")

    notice = page.get_by_role("dialog", name="Your session has ended")
    expect(notice).to_be_visible()
    expect(field).to_have_value("Crane of 90 t")
    assert not Opportunity.objects.filter(name="Crane of 90 t").exists()
    with page.context.expect_page() as opened:
        notice.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.fill("input[name=login]", company.cast.owner.email)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button[type=submit]")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Crane")
    tab.close()
    page.bring_to_front()
    if notice.is_visible():
        notice.get_by_role("button", name="Close", exact=True).click()
    expect(notice).to_be_hidden()
    expect(field).to_have_value("Crane of 90 t")
    field.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Crane of 90 t")
    assert Opportunity.objects.get(pk=deal.pk).name == "Crane of 90 t"
    expect(page.get_by_label("Text of the note")).to_have_value("They called twice.")
    page.get_by_label("Text of the note").press("Control+Enter")
    expect(page.locator("#feed")).to_contain_text("They called twice.")
    assert Note.objects.get().body == "They called twice."


def test_a_form_sent_after_the_session_ended_is_sent_again_with_the_new_token(page: Page, live: str) -> None:
    """Given a form sent by htmx and a session ended and begun anew elsewhere; then one press saves it."""
    company = make_company()
    enter(page, live, company.cast.owner)
    page.goto("/accounts/")
    page.locator("[data-create-url]:visible").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=False).first.fill("Grúas del Norte")
    Session.objects.all().delete()
    dialog.locator("[type=submit]").last.click()
    expect(page.get_by_role("dialog", name="Your session has ended")).to_be_visible()
    page.get_by_role("dialog", name="Your session has ended").get_by_role(
        "button", name="Close", exact=True
    ).click()
    tab = page.context.new_page()
    tab.goto("/account/login/")
    tab.fill("input[name=login]", company.cast.owner.email)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button[type=submit]")
    tab.wait_for_url(lambda url: "/account/login" not in url)
    tab.close()
    dialog.locator("[type=submit]").last.dblclick()
    page.wait_for_url(lambda url: "/accounts/" in url)
    expect(page.locator("[data-toast]").first).to_be_visible()
    assert Account.objects.filter(name="Grúas del Norte").count() == 1


def test_what_others_did_meanwhile_is_shown_and_chosen(page: Page, live: str) -> None:
    """A double press creates one; a value changed by somebody else is shown beside one's own; a row that
    no longer fits the list goes; Esc in an editor without lines puts back what was there."""
    company = make_company()
    owner = company.cast.owner
    enter(page, live, owner)
    page.goto(LIST)
    page.locator("[data-create-url]:visible").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=False).first.fill("Saw")
    dialog.locator("[type=submit]").last.dblclick()
    expect(page.locator("[data-toast]").first).to_be_visible()
    settled(page)
    assert Opportunity.objects.filter(name="Saw").count() == 1
    conflict_in_a_cell(page, company.deals[0].pk)
    conflict_in_the_column(page, company.deals[1].pk)
    row_leaves_the_filter(page)
    escape_without_lines(page, company.contact.pk)


def conflict_in_a_cell(tab: Page, deal: int) -> None:
    tab.goto(LIST)
    place = cell(tab, "Crane", "Amount")
    place.click()
    place.locator("input[name=amount]").fill("15000")
    theirs(deal, {"amount": "13000"})
    tab.keyboard.press("Enter")
    expect(place.get_by_role("alert")).to_contain_text("Theirs: €13,000.00")
    expect(place.locator("input[name=amount]")).to_have_value("15000")
    assert str(Opportunity.objects.get(pk=deal).amount) == "13000.00"
    place.get_by_role("button", name="Save mine").click()
    expect(place).to_have_text("€15,000")
    assert str(Opportunity.objects.get(pk=deal).amount) == "15000.00"


def conflict_in_the_column(tab: Page, deal: int) -> None:
    tab.goto(f"/opportunities/{deal}/")
    tab.locator(".inline-value[data-edit-url*='/next_step/']").click()
    tab.locator(".inline-edit input[name=next_step]").fill("Send the offer")
    theirs(deal, {"next_step": "Visit them"})
    tab.keyboard.press("Enter")
    place = tab.locator("dd", has=tab.locator(".inline-edit"))
    expect(place.get_by_role("alert")).to_contain_text("Theirs: Visit them · yours: Send the offer.")
    expect(place.locator("input[name=next_step]")).to_have_value("Send the offer")
    place.get_by_role("button", name="Keep theirs").click()
    expect(tab.locator(".inline-value[data-edit-url*='/next_step/']")).to_contain_text("Visit them")
    assert Opportunity.objects.get(pk=deal).next_step == "Visit them"


def theirs(deal: int, values: dict[str, str]) -> None:
    found = Opportunity.objects.get(pk=deal)
    assert found.owner is not None
    change("opportunity", found, found.owner, **values)


def row_leaves_the_filter(tab: Page) -> None:
    tab.goto(
        "/opportunities/?view=all&sort=name&filter=%7B%22field%22:%22next_step%22,%22op%22:%22empty%22%7D"
    )
    expect(names(tab)).to_have_text(["Lathe", "Press", "Saw"])
    place = cell(tab, "Lathe", "Next step")
    place.click()
    place.locator("input[name=next_step]").fill("Call")
    tab.keyboard.press("Enter")
    expect(tab.locator("tbody tr", has_text="Lathe")).to_have_attribute("data-gone", "")
    expect(tab.locator("tfoot")).to_contain_text("2 records")
    assert Opportunity.objects.get(name="Lathe").next_step == "Call"


def escape_without_lines(tab: Page, contact: int) -> None:
    tab.goto(f"/contacts/{contact}/")
    opener = tab.locator(".inline-value[data-edit-url*='/phones/']")
    before = opener.inner_text()
    opener.click()
    expect(tab.locator(".inline-edit")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator(".inline-edit")).to_have_count(0)
    expect(opener).to_have_text(before)


def test_a_form_closed_by_escape_can_be_had_back(page: Page, live: str) -> None:
    """Given a new account half written; when it is closed by Escape; then a toast offers to go on with it."""
    enter(page, live, make_company().cast.owner)
    page.goto("/accounts/")
    page.keyboard.press("c")
    page.keyboard.press("u")
    page.locator("dialog [name=name]").fill("Half an account")

    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("button", name="Go on writing").click()

    expect(page.locator("dialog[open] [name=name]")).to_have_value("Half an account")


def test_an_untouched_form_closes_without_a_word(page: Page, live: str) -> None:
    enter(page, live, make_company().cast.owner)
    page.goto("/accounts/")
    page.keyboard.press("c")
    page.keyboard.press("u")
    expect(page.locator("dialog [name=name]")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-toast]")).to_have_count(0)
