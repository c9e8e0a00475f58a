"""The job the product is for: spreadsheets in, deals worked, one won. Each step is checked by its rows."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import Lead, LeadStatus, Opportunity, StageKind
from clientela.platform.audit.models import Change
from clientela.platform.savedviews.models import SavedView
from clientela.platform.timeline.models import Note
from clientela.platform.transfer.models import ImportJob, Status
from tests.browser.company import Company, make_company
from tests.browser.conftest import enter, settled, sign_in
from tests.cast import Cast, make_cast
from tests.pages.builders import make

RunJobs = Callable[[], None]

CUSTOMERS = """Código;Razón social;Correo electrónico;Población;Sector
C-1;Talleres Núñez, S.L.;info@nunez.example;Zaragoza;Metal
C-2;Áridos del Ebro;hola@aridos.example;Huesca;Construcción
C-3;Cerámicas Peña;pena@ceramicas.example;Teruel;Construcción
"""
CUSTOMER_FIELDS = ["external_id", "name", "email", "city", "sector"]
DEALS = """Id;Cliente;Nombre;Etapa;Importe;Moneda;Cierre previsto
O-1;C-1;Excavadora de orugas;Nuevo contacto;12.500,50;EUR;31/03/2031
O-2;C-2;Carretilla elevadora;Presupuesto;8.000,00;EUR;30/04/2031
O-3;C-3;Grúa puente;Nuevo contacto;;EUR;
"""
DEAL_FIELDS = ["external_id", "account", "name", "stage", "amount", "currency", "close_date"]


def stage_of(name: str) -> str:
    return Opportunity.objects.select_related("stage").get(name=name).stage.name


def card(tab: Page, name: str) -> Locator:
    return tab.locator("[data-card]", has_text=name)


def lane(tab: Page, name: str) -> Locator:
    return tab.locator(".board-column", has=tab.get_by_role("heading", name=name, exact=True))


def cell(tab: Page, row: str, column: str) -> Locator:
    """The cell of a list's row under a column."""
    heads = tab.locator(".data-table thead th").all_inner_texts()
    place = next(at for at, head in enumerate(heads) if head.strip() == column)
    return tab.locator("tbody tr", has_text=row).locator("td").nth(place)


def undo_by_toast(tab: Page) -> None:
    with tab.expect_response(lambda response: "/undo/" in response.url) as answer:
        tab.locator("[data-toast] [data-undo]").last.click()
    assert answer.value.status == 204


def import_file(tab: Page, plural: str, path: Path, fields: list[str], run_jobs: RunJobs) -> ImportJob:
    """Through the wizard: columns recognised as `fields`, rehearsed, imported by the worker."""
    tab.goto(f"/{plural}/import/")
    tab.set_input_files("input[type=file]", path)
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading", name="Assign the columns")).to_be_visible()
    job = ImportJob.objects.latest("pk")
    expect(tab.locator(".mapping tbody select")).to_have_count(len(fields))
    assert [each.input_value() for each in tab.locator(".mapping tbody select").all()] == fields
    tab.get_by_role("button", name="Rehearse").click()
    expect(tab.locator("#progress")).to_be_visible()
    run_jobs()
    expect(tab.locator(".dry-run")).to_contain_text("Will be created")
    tab.get_by_role("button", name="Import 3 rows").click()
    expect(tab.locator("#progress")).to_contain_text("Waiting for the worker")
    run_jobs()
    expect(tab.get_by_role("heading", name="Import finished")).to_be_visible()
    job.refresh_from_db()
    return job


def test_from_spreadsheets_to_a_won_deal(page: Page, live: str, run_jobs: RunJobs, tmp_path: Path) -> None:
    cast = make_cast()
    customers, deals = tmp_path / "clientes.csv", tmp_path / "ventas.csv"
    customers.write_bytes(CUSTOMERS.encode("windows-1252"))
    deals.write_text(DEALS)
    make("sector", cast.admin, name="Construcción")
    sign_in(page, cast.owner)

    first = import_file(page, "accounts", customers, CUSTOMER_FIELDS, run_jobs)
    second = import_file(page, "opportunities", deals, DEAL_FIELDS, run_jobs)
    check_the_import(cast, first, second)
    find_by_the_palette(page)
    write_a_note(page, cast)
    move_on_the_board(page)
    edit_the_amount(page)
    win_and_undo(page)
    undo_the_import(page, second, run_jobs)


def check_the_import(cast: Cast, first: ImportJob, second: ImportJob) -> None:
    assert (first.status, first.created, first.rejected) == (Status.DONE, 3, 0)
    assert (second.status, second.created, second.rejected) == (Status.DONE, 3, 0)
    accounts = Account.objects.order_by("external_id").values_list(
        "external_id", "name", "city", "sector__name"
    )
    assert list(accounts) == [
        ("C-1", "Talleres Núñez, S.L.", "Zaragoza", None),  # a seller adds no sectors
        ("C-2", "Áridos del Ebro", "Huesca", "Construcción"),
        ("C-3", "Cerámicas Peña", "Teruel", "Construcción"),
    ]
    deals = Opportunity.objects.order_by("external_id")
    assert list(deals.values_list("name", "account__external_id", "stage__name", "amount", "close_date")) == [
        ("Excavadora de orugas", "C-1", "Nuevo contacto", Decimal("12500.50"), dt.date(2031, 3, 31)),
        ("Carretilla elevadora", "C-2", "Presupuesto", Decimal("8000.00"), dt.date(2031, 4, 30)),
        ("Grúa puente", "C-3", "Nuevo contacto", None, None),
    ]
    assert {deal.owner for deal in deals.select_related("owner")} == {cast.owner}


def find_by_the_palette(tab: Page) -> None:
    """Without the accents and with a slip: the customer; on its page, its deal."""
    tab.goto("/accounts/")
    tab.keyboard.press("Control+k")
    tab.get_by_role("combobox", name="Search or run a command").fill("taleres nunez")
    first = tab.locator("#palette [aria-selected=true]")
    expect(first).to_contain_text("Talleres Núñez, S.L.")
    expect(first).to_contain_text("Account")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Talleres Núñez, S.L.")
    tab.locator("aside a", has_text="Excavadora de orugas").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Excavadora de orugas")


def write_a_note(tab: Page, cast: Cast) -> None:
    tab.get_by_label("Text of the note").fill("Quieren verla el martes.")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#feed")).to_contain_text("Quieren verla el martes.")
    expect(tab.get_by_label("Text of the note")).to_have_value("")
    note = Note.objects.get()
    assert (note.body, note.created_by) == ("Quieren verla el martes.", cast.owner)


def moved(tab: Page, name: str, to: str) -> None:
    expect(lane(tab, to).locator("[data-card]", has_text=name)).to_have_count(1)
    expect(tab.locator("[data-toast]").last).to_contain_text(f"Moved to {to}")
    assert stage_of(name) == to


def move_on_the_board(tab: Page) -> None:
    """By mouse, by keyboard, by the card's menu; the heads of the columns follow."""
    name = "Excavadora de orugas"
    tab.goto("/opportunities/board/")
    expect(lane(tab, "Nuevo contacto").locator(".count")).to_have_text("2")
    drag(tab, card(tab, name).locator("footer"), lane(tab, "Visita técnica").locator("[data-cards]"))
    moved(tab, name, "Visita técnica")
    expect(lane(tab, "Nuevo contacto").locator(".count")).to_have_text("1")
    expect(lane(tab, "Visita técnica").locator(".count")).to_have_text("1")
    card(tab, name).locator("a").focus()
    tab.keyboard.press("Alt+ArrowRight")
    moved(tab, name, "Presupuesto")
    expect(card(tab, name).locator("a")).to_be_focused()
    card(tab, name).get_by_role("button", name=f"Move {name}").click()
    tab.locator("#card-menu").get_by_role("menuitem", name="Negociación").click()
    moved(tab, name, "Negociación")
    spans = Opportunity.objects.get(name=name).stage_spans.order_by("position")
    assert [span.stage.name for span in spans] == [
        "Nuevo contacto",
        "Visita técnica",
        "Presupuesto",
        "Negociación",
    ]


def drag(tab: Page, what: Locator, where: Locator) -> None:
    """With the mouse, in steps as a hand does it."""
    start, end = what.bounding_box(), where.bounding_box()
    assert start is not None
    assert end is not None
    tab.mouse.move(start["x"] + 10, start["y"] + 8)
    tab.mouse.down()
    tab.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=8)
    tab.mouse.up()


def edit_the_amount(tab: Page) -> None:
    """In the list's cell: Esc restores, a bad value stays with its error, Enter keeps."""
    name = "Excavadora de orugas"
    deal = Opportunity.objects.get(name=name)
    tab.goto("/opportunities/?view=all")
    place = cell(tab, name, "Amount")
    expect(place).to_have_text("€12,500.50")
    place.click()
    expect(place.locator("input[name=amount]")).to_be_focused()
    tab.keyboard.type("99")
    tab.keyboard.press("Escape")
    expect(place).to_have_text("€12,500.50")
    place.click()
    expect(place.locator("input[name=amount]")).to_be_focused()
    tab.keyboard.type("a lot")
    tab.keyboard.press("Enter")
    expect(place.locator(".error")).to_be_visible()
    expect(place.locator("input[name=amount]")).to_have_value("a lot")
    deal.refresh_from_db()
    assert deal.amount == Decimal("12500.50")
    place.locator("input[name=amount]").fill("13,750.25")
    tab.keyboard.press("Enter")
    expect(place).to_have_text("€13,750.25")
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_base) == (Decimal("13750.25"), Decimal("13750.25"))
    change = Change.objects.filter(record="opportunity").latest("pk")
    assert (change.record_id, change.actor_id, change.verb) == (deal.pk, deal.owner_id, "update")


def win_and_undo(tab: Page) -> None:
    """Dropped on Won a whole deal is won at once, one without an amount asks for it; the toast undoes it."""
    tab.goto("/opportunities/board/")
    drop_on(tab, "Excavadora de orugas", "win")
    expect(card(tab, "Excavadora de orugas")).to_have_count(0)
    deal = Opportunity.objects.get(name="Excavadora de orugas")
    assert (deal.stage.kind, deal.amount) == (StageKind.WON, Decimal("13750.25"))
    assert deal.closed_at is not None
    undo_by_toast(tab)
    expect(lane(tab, "Negociación").locator("[data-card]")).to_have_count(1)
    deal = Opportunity.objects.get(pk=deal.pk)
    assert (deal.stage.name, deal.closed_at) == ("Negociación", None)

    drop_on(tab, "Grúa puente", "win")
    asked = tab.get_by_role("dialog", name="Won")
    expect(asked).to_be_visible()
    assert stage_of("Grúa puente") == "Nuevo contacto"
    asked.get_by_label("Amount", exact=False).first.fill("4000")
    asked.get_by_role("button", name="Won").click()
    expect(card(tab, "Grúa puente")).to_have_count(0)
    bare = Opportunity.objects.get(name="Grúa puente")
    assert (bare.stage.kind, bare.amount) == (StageKind.WON, Decimal("4000"))
    undo_by_toast(tab)
    expect(card(tab, "Grúa puente")).to_have_count(1)
    bare.refresh_from_db()
    assert (bare.stage.name, bare.amount, bare.closed_at) == ("Nuevo contacto", None, None)


def drop_on(tab: Page, name: str, outcome: str) -> None:
    """Drag a card onto one of the zones that show while dragging."""
    box = card(tab, name).locator("footer").bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 10, box["y"] + 8)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 40, box["y"] + 60, steps=4)
    zone = tab.locator(f"[data-outcome-url*='/{outcome}/']")
    expect(zone).to_be_visible()
    end = zone.bounding_box()
    assert end is not None
    tab.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=4)
    tab.mouse.up()


def undo_the_import(tab: Page, job: ImportJob, run_jobs: RunJobs) -> None:
    """What nobody touched since is gone; the deal that was worked on stays, and the page says so."""
    tab.goto(f"/imports/{job.pk}/")
    tab.get_by_role("button", name="Undo the import").click()
    expect(tab.locator("#progress")).to_be_visible()
    run_jobs()
    expect(tab.get_by_role("heading", name="Import undone")).to_be_visible()
    expect(tab.locator("#content")).to_contain_text("“Excavadora de orugas” stays: changed since.")
    assert list(Opportunity.objects.values_list("name", flat=True)) == ["Excavadora de orugas"]
    assert Account.objects.count() == 3


def test_the_list_is_worked_with(page: Page, live: str) -> None:
    company = make_company()
    enter(page, live, company.cast.manager)
    filter_and_save(page, company)
    arrange_columns(page)
    hand_over(page, company)
    convert_the_lead(page, company)
    export_the_list(page)


def filter_and_save(tab: Page, company: Company) -> None:
    """A condition through the builder, kept as a view of one's own."""
    tab.goto("/opportunities/?view=all")
    tab.get_by_role("button", name="Filter", exact=False).first.click()
    tab.get_by_label("Field 1").select_option("amount")
    tab.get_by_label("Operator 1").select_option("gt")
    settled(tab)
    tab.get_by_label("Value 1").fill("9000")
    tab.locator("#filter").get_by_role("button", name="Apply").click()
    expect(tab.locator("tbody .primary")).to_have_text(["Press", "Crane"])
    tab.get_by_role("button", name="Save as a new view").click()
    tab.get_by_role("dialog").get_by_label("Name").fill("Large ones")
    tab.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(tab.get_by_role("link", name="Large ones")).to_have_attribute("aria-current", "page")
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.shared, view.record) == (
        "Large ones",
        company.cast.manager,
        False,
        "opportunity",
    )
    tab.goto("/opportunities/")
    tab.get_by_role("link", name="Large ones").click()
    expect(tab.locator("tbody .primary")).to_have_text(["Press", "Crane"])


def arrange_columns(tab: Page) -> None:
    """A width dragged in the head is kept; the order changed by the grip's keys stands in the address."""
    large = tab.url
    tab.goto("/opportunities/?view=all")
    heads = tab.locator("thead [data-sorts]")
    edge, before = heads.nth(1).locator("[data-resize]").bounding_box(), heads.nth(1).bounding_box()
    assert edge is not None
    assert before is not None
    tab.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(edge["x"] + edge["width"] / 2 + 80, edge["y"] + 5, steps=4)
    with tab.expect_response(lambda response: "/columns/" in response.url):
        tab.mouse.up()
    tab.reload()
    after = heads.nth(1).bounding_box()
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] + 80, abs=2)
    tab.get_by_role("button", name="Columns").click()
    rows = tab.locator("#columns .column-order > [data-column]")
    name = rows.nth(2).get_attribute("data-column") or ""
    rows.nth(2).locator("[data-grip]").press("Alt+ArrowUp")
    expect(rows.nth(1)).to_have_attribute("data-column", name)
    tab.locator("#columns").get_by_role("button", name="Apply").click()
    expect(heads.nth(1)).to_have_attribute("data-sorts", name)
    tab.goto(tab.url)
    expect(heads.nth(1)).to_have_attribute("data-sorts", name)
    tab.goto(large)


def hand_over(tab: Page, company: Company) -> None:
    """Both deals get another owner, and get their own again."""
    tab.get_by_label("Select all", exact=True).check()
    expect(tab.locator("[data-selected-count]")).to_have_text("2 selected")
    tab.locator(".bulk-bar").get_by_role("button", name="Owner").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_label("Owner").select_option(label="Teammate")
    dialog.locator("[type=submit]").click()
    expect(cell(tab, "Press", "Owner")).to_contain_text("Teammate")
    owners = Opportunity.objects.order_by("pk").values_list("name", "owner__name")
    assert list(owners) == [
        ("Crane", "Teammate"),
        ("Forklift", "Owner"),
        ("Press", "Teammate"),
        ("Lathe", "Owner"),
    ]
    undo_by_toast(tab)
    expect(cell(tab, "Press", "Owner")).to_contain_text("Owner")
    assert {name for _deal, name in owners.all()} == {"Owner"}


def convert_the_lead(tab: Page, company: Company) -> None:
    tab.goto(f"/leads/{company.lead.pk}/")
    tab.locator("header.topbar").get_by_role("button", name="Convert").click()
    tab.get_by_role("dialog").get_by_role("button", name="Convert").click()
    expect(tab.locator("[data-toast]")).to_contain_text("Jon Sanz is now Prensas Sanz")
    lead = Lead.objects.get()
    assert lead.status == LeadStatus.CONVERTED
    assert lead.account == Account.objects.get(name="Prensas Sanz")
    assert lead.contact == Contact.objects.get(name="Jon Sanz")
    assert lead.opportunity is not None
    assert lead.opportunity.account == lead.account


def export_the_list(tab: Page) -> None:
    """As it is filtered, no row more."""
    tab.goto("/opportunities/?view=all&q=Lathe")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Export").first.click()
    path = download.value.path()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert rows == [
        {
            "Name": "Lathe",
            "Account": "Metales Ibarra",
            "Stage": "Negociación",
            "Amount": "8000.50",
            "Weighted": "5600.35",
            "Expected close": "2031-03-31",
            "Next step": "",
            "Owner": "Owner",
        }
    ]
