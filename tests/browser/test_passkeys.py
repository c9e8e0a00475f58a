"""Passkeys with a virtual authenticator, and the pages of signing in as people see them."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clientela.platform.signing import invitations
from clientela.platform.signing.models import Invitation
from tests.browser.conftest import PHONE, sign_in
from tests.cast import PASSWORD, Cast, make_cast


def with_authenticator(page: Page) -> None:
    """A fingerprint reader that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def confirm(page: Page) -> None:
    """Show the password once more."""
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")


def add_passkey(page: Page, name: str, *, alone: bool = True) -> None:
    page.goto("/profile/security/keys/add/")
    confirm(page)
    page.fill("input[name=name]", name)
    page.locator("input[name=passwordless]").set_checked(alone)
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/profile/security/codes/")


def leave(page: Page) -> None:
    page.goto("/profile/")
    page.locator("#content form[action='/account/logout/'] button").click()
    page.wait_for_url("**/account/login/")


def test_a_passkey_lets_in_without_the_password(page: Page, live: str) -> None:
    cast = make_cast()
    with_authenticator(page)
    sign_in(page, cast.owner)
    add_passkey(page, "My laptop")
    assert Authenticator.objects.filter(user=cast.owner, type="webauthn").count() == 1
    leave(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/account/" not in url)
    page.goto("/profile/security/")
    expect(page.locator("#passkeys")).to_contain_text("My laptop")
    expect(page.locator("#sessions")).to_contain_text("Chrome · Linux")


def test_a_passkey_is_the_second_step_after_the_password(page: Page, live: str) -> None:
    cast = make_cast()
    with_authenticator(page)
    sign_in(page, cast.owner)
    add_passkey(page, "My key", alone=False)
    leave(page)
    page.fill("input[name=login]", cast.owner.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/account/code/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/account/" not in url)


def test_without_a_passkey_it_is_said(page: Page, live: str) -> None:
    make_cast()
    page.context.new_cdp_session(page).send("WebAuthn.enable")
    page.goto("/account/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')) }")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-passkey-failed]")).to_contain_text("The passkey was not used.")


def test_a_required_second_factor_comes_first(page: Page, live: str) -> None:
    cast = make_cast()
    cast.manager.roles.update(requires_mfa=True)
    with_authenticator(page)
    sign_in(page, cast.manager)
    expect(page.get_by_role("heading", level=1)).to_have_text("One thing before you start")
    add_passkey(page, "My laptop")
    page.goto("/profile/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My profile")


def invited(cast: Cast) -> str:
    made = Invitation.objects.create(user=cast.reader, expires_at="2100-01-01T00:00Z")
    return f"/account/invitation/{invitations.token_of(made)}/"


@pytest.mark.only_on("sqlite")  # what a page looks like is no matter of the database
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_pages_are_for_everybody(page: Page, live: str, phone: bool) -> None:
    cast = make_cast()
    if phone:
        page.set_viewport_size(PHONE)
    with_authenticator(page)
    for address in ("/account/login/", invited(cast), "/account/invitation/forged/", "/account/not-me/x/"):
        page.goto(address)
        check(page, address)
    sign_in(page, cast.owner)
    page.goto("/account/password/change/")
    check(page, "change")
    page.goto("/profile/security/keys/add/")
    check(page, "confirm")
    confirm(page)
    for part in ("keys/add/", "app/add/", ""):
        page.goto(f"/profile/security/{part}")
        check(page, part or "security")
    page.goto("/profile/tokens/")
    check(page, "tokens")
    add = page.goto("/profile/security/keys/add/")
    assert add is not None
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/profile/security/codes/")
    check(page, "recovery codes")


def check(page: Page, name: str) -> None:
    """Nothing that axe minds, and nothing wider than the screen."""
    found = Axe().run(page)
    assert found.violations_count == 0, (name, found.generate_report())
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not too_wide, name
    assert re.search(r"\S", page.title())
