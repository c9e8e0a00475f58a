"""A real browser on a live server: `page` is a tab, `live` the server's address."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from clientela.access.models import User
from tests.cast import PASSWORD

# Playwright's loop runs in this thread, where Django would otherwise refuse to speak to the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HERE = Path(__file__).parent
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
WAIT_MILLISECONDS = 10_000
expect.set_options(timeout=WAIT_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs the browser, so that `-m "not browser"` leaves exactly them out."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """The browser to drive: CLIENTELA_TEST_CHROMIUM or the one on the path."""
    found = (
        os.environ.get("CLIENTELA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if not found:
        pytest.fail("No Chromium: install it or set CLIENTELA_TEST_CHROMIUM.")
    return found


@pytest.fixture(scope="session")
def migrated_rows(django_db_setup: None) -> str:
    """The rows that migrations made, as Django keeps them on the connection of this thread."""
    return str(connection._test_serialized_contents)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def browser(migrated_rows: str) -> Iterator[Browser]:
    """One browser for all tests of the process."""
    with sync_playwright() as playwright:
        # Playwright's loop has a connection of its own, which must know the migrated rows too.
        connections["default"]._test_serialized_contents = migrated_rows  # type: ignore[attr-defined]
        launched = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def live(
    django_db_serialized_rollback: None,
    transactional_db: None,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> str:
    """The address of a server on the test's database, begun as an installation is, with its pipeline."""
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "media")
    return str(live_server.url)


@pytest.fixture
def context(browser: Browser, live: str) -> Iterator[BrowserContext]:
    """A browser profile of its own: English, UTC, desktop size."""
    made = browser.new_context(base_url=live, locale="en", timezone_id="UTC", viewport=DESKTOP)
    made.set_default_timeout(WAIT_MILLISECONDS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; the test fails when a script failed or the Content-Security-Policy refused something."""
    tab = context.new_page()
    problems = watch(tab)
    yield tab
    tab.close()
    assert problems == []


def watch(tab: Page) -> list[str]:
    """What goes wrong in the tab from now on: failing scripts, refusals of the Content-Security-Policy."""
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            problems.append(message.text)

    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", note)
    return problems


def sign_in(tab: Page, user: User) -> None:
    """Sign in through the form, as a person does."""
    tab.goto("/account/login/")
    tab.fill("input[name=login]", user.email)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button[type=submit]")
    tab.wait_for_url(lambda url: "/account/login" not in url)


def enter(tab: Page, live: str, user: User) -> None:
    """Be signed in without the form, for tests of what comes after it."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    tab.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live}])


def settled(tab: Page) -> None:
    """Wait until no part of the page is being fetched or swapped."""
    expect(tab.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
