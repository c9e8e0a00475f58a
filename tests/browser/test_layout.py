"""Pages fit, stand still while they fill, change without being loaded anew, and speak one language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from clientela.access.models import User
from tests.browser.company import Company, make_company, make_deal
from tests.browser.conftest import DESKTOP, PHONE, enter, settled
from tests.browser.places import PLACES, go, ids_of
from tests.pages.builders import make

# English that no page in Spanish or Catalan may show; none of it is a word of those languages.
ENGLISH = re.compile(
    r"\b(the|and|with|of|to|from|this|that|all|new|save|cancel(?!·)|create|delete|edit|search|filters?|columns?|"
    r"owner|amount|stage|name|deals?|leads?|opportunit\w+|accounts?|contacts?|settings|next|previous|"
    r"views?|mine|open|won|lost|undo|close|group|density|rows?|records?|show|write|notes?|changes?|"
    r"everything|today|yesterday|file|import|imports|field|value|choose|upload|by|more|without)\b",
    re.IGNORECASE,
)
# A person of the cast, and words that are Catalan too.
DATA = {"owner", "import", "notes"}
SHIFTS = """() => { window.shifts = 0; new PerformanceObserver(list => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts += each.value;
}).observe({type: 'layout-shift', buffered: true}); }"""


@pytest.fixture
def company(page: Page, live: str) -> Company:
    made = make_company()
    enter(page, live, made.cast.admin)
    return made


@pytest.mark.only_on("sqlite")  # what a page looks like is no matter of the database
def test_no_page_is_wider_than_the_screen(page: Page, live: str, company: Company, tmp_path: Path) -> None:
    ids = ids_of(company, tmp_path)
    wide = []
    for place in PLACES:
        if place.who != "admin" or place.press:
            continue
        go(page, place, ids)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > size["width"]:
                wide.append(f"{place.name}: {width} of {size['width']}")
        page.set_viewport_size(DESKTOP)
    assert wide == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_list_stands_still_while_totals_and_counts_arrive(
    page: Page, company: Company, size: dict[str, int]
) -> None:
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    for number in range(30):
        make_deal(company.cast, company.accounts[number % 4], f"Deal {number}", "Presupuesto", "1000")
    page.goto("/opportunities/?view=all")
    expect(page.locator("#list-totals")).to_contain_text("34")
    expect(page.locator("#list-count")).to_have_text("34")
    settled(page)
    page.evaluate(SHIFTS)
    page.wait_for_timeout(200)
    assert page.evaluate("window.shifts") < 0.001


def test_a_list_sorts_filters_and_pages_without_being_loaded_anew(page: Page, company: Company) -> None:
    for number in range(30):
        make_deal(company.cast, company.accounts[0], f"Deal {number:02}", "Presupuesto", "1000")
    page.goto("/opportunities/?view=all&size=25")
    page.evaluate("window.stayed = true")
    rows = page.locator("tbody .primary")
    page.locator("th[data-sorts=name] a").click()
    expect(rows.first).to_have_text("Crane")
    assert "sort=name" in page.url
    page.locator("a[rel=next]").click()
    expect(rows).to_have_count(9)
    page.locator("#list-q").fill("Lathe")
    expect(rows).to_have_text(["Lathe"])
    page.get_by_role("link", name=re.compile("^Mine")).click()
    expect(page.locator(".tabs [aria-current=page]")).to_contain_text("Mine")
    page.get_by_role("link", name=re.compile("^All")).click()
    expect(rows).to_have_count(25)
    page.get_by_role("button", name="Density").or_(page.get_by_role("link", name="Density")).click()
    expect(page.locator(".table-scroll")).to_have_attribute("data-density", "compact")
    assert page.evaluate("window.stayed") is True


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_is_there_from_the_first_paint_and_is_kept(
    page: Page, company: Company, theme: str
) -> None:
    page.emulate_media(color_scheme="light" if theme == "dark" else "dark")
    page.goto("/accounts/")
    page.keyboard.press("Control+k")
    with page.expect_response("**/profile/theme/"):
        page.locator(f"#palette [data-set-theme={theme}]").click()
    chosen = page.evaluate("getComputedStyle(document.body).backgroundColor")
    company.cast.admin.refresh_from_db()
    assert company.cast.admin.theme == theme
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/accounts/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == chosen


@pytest.mark.only_on("sqlite")  # what a page looks like is no matter of the database
@pytest.mark.parametrize("language", ["es", "ca"])
def test_no_english_is_left_over(
    page: Page, live: str, company: Company, tmp_path: Path, language: str
) -> None:
    company.cast.admin.language = language
    company.cast.admin.save()
    ids = ids_of(company, tmp_path)
    found = []
    for place in PLACES:
        if place.who != "admin" or place.name in ("API", "shortcuts"):
            continue
        enter(page, live, company.cast.admin)  # a place may have changed who one sees as
        go(page, place, ids)
        assert page.locator("html").get_attribute("lang") == language
        text = page.evaluate(WORDS).replace("account:17", "")  # a record's key, as one types it
        strange = {word.group().lower() for word in ENGLISH.finditer(text)} - DATA
        if strange:
            found.append((place.name, sorted(strange)))
    assert found == []


# What one reads or hears, without the long lists of currencies and time zones.
WORDS = """() => {
for (const each of document.querySelectorAll('select')) if (each.length > 50) each.replaceChildren();
return [document.title, document.body.innerText,
    ...[...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap(each =>
        ['aria-label', 'title', 'placeholder'].map(name => each.getAttribute(name) ?? '')),
    ...[...document.querySelectorAll('[role=menuitem], .visually-hidden')].map(each => each.textContent),
].join(' | '); }"""


CUT = """nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.innerText)"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_stage_a_deal_is_in_is_told_whole_among_ten(
    page: Page, company: Company, size: dict[str, int]
) -> None:
    deal = company.deals[0]
    for number in range(10 - deal.pipeline.stages.count()):
        make(
            "stage", company.cast.admin, name=f"Long stage {number}", pipeline=deal.pipeline, position=number
        )
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(f"/opportunities/{deal.pk}/")

    path = page.locator(".stage-path")
    assert path.locator("[aria-current] button > *").evaluate_all(CUT) == []
    assert path.evaluate("path => path.scrollWidth <= path.clientWidth")
    for button in path.locator("button").all():
        assert button.get_attribute("title") == button.locator("b").inner_text()


@pytest.mark.parametrize("language", ["es", "ca", "en"])
def test_the_bar_of_a_phone_cuts_no_word(page: Page, company: Company, language: str) -> None:
    User.objects.update(language=language)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/accounts/")
    assert page.locator(".tab-bar > *").evaluate_all(CUT) == []


def test_an_account_of_a_phones_list_shows_its_telephone_at_the_edge(page: Page, company: Company) -> None:
    make("account", company.cast.admin, name="Aceros Luna", phone="+34976550182")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto("/accounts/?view=all&q=aceros")

    row = page.locator("tbody tr", has_text="Aceros Luna")
    expect(row.locator("[data-col=amount]")).to_have_text("976 55 01 82")
    left = "node => Math.round(node.getBoundingClientRect().left)"
    right = "node => Math.round(node.getBoundingClientRect().right)"
    assert [row.locator(at).evaluate(left) for at in (".primary", "[data-col=link]")] == [14, 14]
    edges = {row.locator(f"[data-col={name}]").evaluate(right) for name in ("amount", "date")}
    assert edges == {PHONE["width"] - 14}


def test_an_answer_that_comes_late_takes_the_keys_from_nobody(page: Page, company: Company) -> None:
    account = make("account", company.cast.admin, name="Aceros Luna")
    page.goto(f"/accounts/{account.pk}/")
    held: list[Route] = []
    page.route(re.compile(r"/field/name/"), lambda route: hold_posts(route, held))
    values = page.locator(".record-fields .inline-value")
    website = page.locator(".inline-edit input[name=website]")

    # when the name is still being saved while the website is written
    values.and_(page.locator("[data-edit-url*='/name/']")).click()
    page.locator(".inline-edit input[name=name]").fill("Aceros Sol")
    page.keyboard.press("Enter")
    values.and_(page.locator("[data-edit-url*='/website/']")).click()
    website.fill("https://sol.example")
    with page.expect_response(re.compile(r"/field/name/")):
        held[0].continue_()
    expect(page.locator(".breadcrumb [aria-current]")).to_have_text("Aceros Sol")

    # then the website goes on being written
    expect(website).to_be_focused()
    page.keyboard.press("Enter")
    expect(values.and_(page.locator("[data-edit-url*='/website/']"))).to_contain_text("sol.example")
    expect(page.locator(".inline-edit")).to_have_count(0)


def hold_posts(route: Route, held: list[Route]) -> None:
    if route.request.method == "POST":
        held.append(route)
    else:
        route.continue_()


def test_what_a_page_says_of_its_record_follows_each_change(page: Page, company: Company) -> None:
    account = make("account", company.cast.admin, name="Aceros Luna")
    page.goto(f"/accounts/{account.pk}/")
    complete = page.locator("#panel-completeness .count")
    before = complete.inner_text()

    for field, value in (("name", "Aceros Sol"), ("website", "https://sol.example")):
        page.locator(f".record-fields .inline-value[data-edit-url*='/{field}/']").click()
        page.locator(f".inline-edit input[name={field}]").fill(value)
        page.keyboard.press("Enter")

    expect(page.locator(".breadcrumb [aria-current]")).to_have_text("Aceros Sol")
    expect(page.locator("h1")).to_have_text("Aceros Sol")
    expect(complete).not_to_have_text(before)
