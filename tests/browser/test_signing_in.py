"""Signing in, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.cast import make_cast


def test_a_wrong_password_says_so_and_keeps_the_address(page: Page, live: str) -> None:
    cast = make_cast()
    page.goto("/account/login/")
    page.fill("input[name=login]", cast.owner.email)
    page.fill("input[name=password]", "wrong")
    page.click("button[type=submit]")
    expect(page.locator("input[name=login]")).to_have_value(cast.owner.email)
    expect(page.locator(".error").first).to_be_visible()


def test_a_sign_in_link_lets_in_once(page: Page, live: str) -> None:
    from clientela.access import signin_link

    cast = make_cast()
    address = f"/account/link/{signin_link.make(cast.admin)}/"
    page.goto(address)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/account/" not in url)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("This address no longer works")
