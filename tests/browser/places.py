"""Every page there is, and what may stand open over it: for the tests that look at them all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from clientela.access import rules
from clientela.access.actor import actor_of
from clientela.access.models import Role, User
from clientela.platform.duplicates import comparison, finding
from clientela.platform.duplicates.models import Pair
from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry, write
from tests.browser.company import Company
from tests.pages.builders import by, make

SHEET = (
    "Nombre;Correo electrónico;Fecha;Extraño\nTalleres Gil;gil@gil.example;03/04/2026;a\n;no;05/06/2026;b\n"
)


@dataclass(frozen=True)
class Place:
    """An address, with {account} and the like for ids; what to press there in turn, and what then shows."""

    name: str
    address: str
    press: tuple[str, ...] = ()
    shows: str = "h1, h2"
    who: str = "admin"
    status: int = 200


PLACES = (
    Place("sign in", "/account/login/", who=""),
    Place("forgotten password", "/account/password/reset/", who=""),
    Place("accounts", "/accounts/"),
    Place("deals", "/opportunities/?view=all&group=stage"),
    Place("selection", "/opportunities/?view=all", ("[data-select-all]",), ".bulk-bar strong"),
    Place("filters", "/opportunities/", ("[data-key=f]",), "#filter footer"),
    Place("columns", "/opportunities/", ("[popovertarget=columns]",), "#columns footer"),
    Place("grouping", "/opportunities/", ("[popovertarget=grouping]",), "#grouping [role=menuitem]"),
    Place("cell", "/opportunities/?view=all", ("tbody td.num",), ".cell-edit input:not([type=hidden])"),
    Place("no match", "/accounts/?q=nothing+such", (), ".empty-state"),
    Place("no records", "/zones/", (), ".empty-state"),
    Place("bad filter", "/accounts/?filter={bad}", (), ".empty-state"),
    Place("board", "/opportunities/board/?view=all", (), ".deal-card"),
    Place("card menu", "/opportunities/board/", (".deal-card button",), "#card-menu button"),
    Place("chart", "/opportunities/chart/?view=all"),
    Place("calendar", "/opportunities/calendar/?view=all"),
    Place("account", "/accounts/{account}/"),
    Place("contact", "/contacts/{contact}/"),
    Place("lead", "/leads/{lead}/"),
    Place("convert", "/leads/{lead}/", ("[data-dialog-url*=convert]:visible",), "#convert footer"),
    Place("deal", "/opportunities/{deal}/"),
    Place("lose", "/opportunities/{deal}/", ("[data-dialog-url*=lose]:visible",), "#action footer"),
    Place("read only", "/opportunities/{deal}/", who="teammate"),
    Place(
        "field",
        "/opportunities/{deal}/",
        (".inline-value[data-edit-url*=name]",),
        ".inline-edit input:not([type=hidden])",
    ),
    Place("new account", "/accounts/", ("[data-create-url]:visible",), "dialog .quick-body"),
    Place("new deal", "/opportunities/new/"),
    Place("palette", "/accounts/", ("Control+k",), "#palette [data-palette-remote] [role=option]"),
    Place("shortcuts", "/accounts/", ("?",), "#shortcuts h2"),
    Place("search", "/search/?q=nunez", (), ".panel-list li"),
    Place("search without result", "/search/?q=qqqqqq", (), ".empty-state"),
    Place("import", "/accounts/import/"),
    Place("columns of a file", "/imports/{mapped}/"),
    Place("import finished", "/imports/{done}/"),
    Place("imports", "/imports/"),
    Place("duplicates", "/duplicates/accounts/"),
    Place("duplicates side by side", "/duplicates/leads/?pair={pair}", (), ".merge-grid"),
    Place("bin", "/bin/accounts/", (), "tbody tr"),
    Place("day to choose", "/accounts/as-of/"),
    Place("list of a day", "/accounts/as-of/{moment}/"),
    Place("record of a day", "/accounts/{account}/as-of/{moment}/"),
    Place("activity", "/settings/activity/", (), "tbody tr"),
    Place("security events", "/settings/activity/security/"),
    Place("settings", "/settings/"),
    Place("pipelines", "/settings/pipelines/"),
    Place("people", "/settings/people/", (), ".tree-table"),
    Place("person", "/settings/people/{owner}/"),
    Place("invitation", "/settings/people/", ("[data-dialog-url*=invite]:visible",), "#person-form footer"),
    Place("team", "/settings/people/", (".row-toggle",), "#team-form footer"),
    Place("hand-over", "/settings/people/{owner}/hand-over/?rule=territory&to={teammate}", (), ".receiver"),
    Place(
        "hand-over, with exceptions",
        "/settings/people/{owner}/hand-over/?rule=one&to={teammate}&open=account&on=2030-01-01",
        (),
        "select[name^=one-account-]",
    ),
    Place("lost second factor", "/settings/people/{without_key}/lost-factor/", (), "#how"),
    Place("roles", "/settings/roles/"),
    Place("new role", "/settings/roles/", ("[data-dialog-url*=new]",), "#new-role footer"),
    Place(
        "role", "/settings/roles/{role}/", ("#toggle-account", "[data-forget]:visible"), ".save-bar strong"
    ),
    Place("reach", "/settings/roles/{role}/", ("#cell-account-see",), "#scope-menu [role=menuitem]"),
    Place("condition", "/settings/roles/{role}/", ("[data-edit-cell]",), "#condition footer"),
    Place("why", "/settings/why/?person={outsider}&record=account:{account}", (), ".verdict"),
    Place("why, asked of nobody", "/settings/why/", (), ".empty-state"),
    Place("who sees it", "/accounts/{account}/access/"),
    Place("see as", "/settings/see-as/?person={outsider}", (), ".verdict"),
    Place("seen as", "/settings/see-as/?person={outsider}", (".verdict button",), ".seen-as"),
    Place(
        "share",
        "/accounts/{account}/",
        ("[popovertarget=record-menu]", "[data-dialog-url*=share]"),
        "#share footer",
    ),
    Place("shared with me", "/shared/", (), ".empty-state"),
    Place("tags", "/tags/"),
    Place("profile", "/profile/"),
    Place("security", "/profile/security/"),
    Place("tokens", "/profile/tokens/"),
    Place("API", "/api/docs"),
    Place("not found", "/accounts/99999/", status=404),
    Place("refused", "/settings/", who="reader", status=403),
)


def ids_of(company: Company, folder: Path) -> dict[str, object]:
    """What stands for the names in braces; the import jobs are made here."""
    return {
        "account": company.accounts[0].pk,
        "contact": company.contact.pk,
        "lead": company.lead.pk,
        "deal": company.deals[0].pk,
        "owner": company.cast.owner.pk,
        "teammate": company.cast.teammate.pk,
        "mapped": job(company.cast.admin, folder).pk,
        "done": services.run(job(company.cast.admin, folder)).pk,
        "role": role().pk,
        "outsider": company.cast.outsider.pk,
        "pair": alike(company).pk,
        "without_key": lost(company.cast.reader).pk,
        "moment": dt.datetime.now(dt.UTC).date().isoformat(),
        "bad": '{"field":"nothing","op":"is","value":1}',
    }


def role() -> Role:
    """One of the company's own, with a condition and a hidden field."""
    condition = {"condition": {"field": "name", "op": "contains", "value": "Gil"}}
    kept = rules.dump(
        {"records": {"account": {"see": condition}}, "fields": {"account": {"website": "hidden"}}}
    )
    return Role.objects.create(name="Zone", rules=kept)


def lost(person: User) -> User:
    """Somebody with codes in a telephone that is gone."""
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return person


def alike(company: Company) -> Pair:
    """The company's lead and another one like it, found; an account is in the bin."""
    owner = company.cast.owner
    make("lead", owner, first_name="Jon", last_name="Sanz", company="Sanz", email=company.lead.email)
    gone = make("account", owner, name="Gone")
    write.delete(registry.get("account"), [gone], operation=by(owner))
    compared = comparison.of(registry.get("lead"))
    assert compared is not None
    finding.search(compared)
    return Pair.objects.get()


def job(user: User, folder: Path) -> ImportJob:
    path = folder / "sheet.csv"
    path.write_text(SHEET)
    return services.open_job(registry.get("account"), path, actor=actor_of(user))


def go(tab: Page, place: Place, ids: dict[str, object]) -> None:
    """Be there, with what the place presses pressed; a word of one letter or with a plus is a key."""
    answer = tab.goto(place.address.format(**ids))
    assert answer is not None
    assert answer.status == place.status, place.name
    for each in place.press:
        if len(each) == 1 or "+" in each:
            tab.keyboard.press(each)
        else:
            tab.locator(each).first.click()
    expect(tab.locator(place.shows).first, place.name).to_be_visible()
