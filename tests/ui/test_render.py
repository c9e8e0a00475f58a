"""Pages and their parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from clientela.ui import icons
from clientela.ui.render import page, part, wants_part
from clientela.ui.shell import CreateItem, NavGroup, NavItem, Shell, ShellUser
from clientela.ui.views import no_permission, not_found, signed_out

TEMPLATES = sorted(icons.PACKAGE.parent.rglob("jinja2/**/*.html"))


def request(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def frame(**changes: object) -> Shell:
    item = NavItem("things", "Things", "target", "/things/", 3, "t")
    given: dict[str, object] = {
        "workspace": "Maquinaria Ebro",
        "user": ShellUser("Lucía <Ferrer>", "LF", "teal", "/profile/"),
        "menu": [NavGroup(None, [item])],
        "language": "es",
        "create": [CreateItem("Thing", "target", "/things/new/", "t")],
        "tabs": [item],
        "url_palette": "/palette/",
        **changes,
    }
    return Shell(**given)  # type: ignore[arg-type]


def drawn(**changes: object) -> str:
    return page(request(), "ui/offline.html", {"shell": frame(**changes), "nav": "things"}).content.decode()


@pytest.mark.parametrize(
    ("headers", "part_wanted"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "list"}, True),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true", "HX-Target": "content"}, True),
    ],
)
def test_only_htmx_asking_for_a_part_gets_one(headers: dict[str, str], part_wanted: bool) -> None:
    assert wants_part(request(**headers)) is part_wanted
    response = page(request(**headers), "ui/offline.html", {}, fragment="message")
    assert (b"<!doctype html>" not in response.content) is part_wanted
    assert "HX-Request" in response.headers["Vary"]


def test_a_part_has_the_macros_the_words_and_the_token_of_a_page() -> None:
    with translation.override("ca"):
        html = part(request(), "account/logout.html", "card", {})
    assert "Vols sortir?" in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert 'class="button"' in html


def test_the_shell_says_language_theme_density_and_keys_from_the_first_byte() -> None:
    tag = re.search(r"<html[^>]*>", drawn(theme="dark", density="compact", shortcuts_enabled=False))
    assert tag is not None
    assert tag[0] == (
        '<html lang="es" dir="ltr" data-theme="dark" data-density="compact" data-shortcuts="off">'
    )
    plain = re.search(r"<html[^>]*>", drawn())
    assert plain is not None
    assert plain[0] == '<html lang="es" dir="ltr">'


def test_the_menu_marks_the_page_one_is_on_and_carries_its_key() -> None:
    html = drawn()
    assert '<a class="nav-link" href="/things/" title="Things" aria-current="page" data-key-go="t">' in html
    assert 'data-create-url="/things/new/" data-key-create="t"' in html


def test_names_are_escaped() -> None:
    assert "Lucía &lt;Ferrer&gt;" in drawn()
    assert "<Ferrer>" not in drawn()


def test_without_a_palette_there_is_no_search() -> None:
    assert 'id="palette"' in drawn()
    assert 'id="palette"' not in drawn(url_palette="")


def test_a_refusal_says_whom_to_ask() -> None:
    with translation.override("es"):
        response = no_permission(request(), who="Begoña Sánchez")
    assert response.status_code == 403
    assert "Pide acceso: te lo puede dar Begoña Sánchez." in response.content.decode()


def test_what_is_not_found_is_said_in_the_readers_language() -> None:
    with translation.override("ca"):
        response = not_found(request())
    assert response.status_code == 404
    assert "Aquí no hi ha res, o no ho pots veure" in response.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Tu sesión ha terminado"), ("ca", "La teva sessió ha acabat"), ("xx", "Your session has ended")],
)
def test_the_notice_of_an_ended_session_speaks_the_pages_language(language: str, words: str) -> None:
    with translation.override("en"):
        response = signed_out(RequestFactory().get("/", {"language": language}))
    assert response.status_code == 200
    assert words in response.content.decode()


def test_the_page_of_a_failure_needs_neither_request_nor_session() -> None:
    html = engines["jinja2"].get_template("500.html").render()
    assert "<script" not in html
    assert 'href="/"' in html


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_templates_hold_nothing_the_security_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|\son[a-z]+=\"|<style|javascript:|hx-on|<script(?![^>]*\bsrc=)", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_templates_compile(path: Path) -> None:
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    assert env.parse(path.read_text(encoding="utf-8")) is not None
