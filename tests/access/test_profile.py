"""A person's own preferences change for her alone, and only to what exists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from clientela.access.models import User
from tests.cast import Cast

WANTED = {
    "name": "Owner",
    "language": "ca",
    "time_zone": "America/Bogota",
    "theme": "dark",
    "density": "compact",
}
KEPT = ("name", "language", "time_zone", "theme", "density", "shortcuts")


def kept(user: User) -> tuple[object, ...]:
    user.refresh_from_db()
    return tuple(getattr(user, name) for name in KEPT)


def test_saving_the_profile_changes_the_next_page(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    browser = signed_in(cast.owner)
    others = kept(cast.teammate)
    response = browser.post("/profile/", WANTED, follow=True)
    assert kept(cast.owner) == ("Owner", "ca", "America/Bogota", "dark", "compact", False)
    html = response.content.decode()
    assert '<html lang="ca" dir="ltr" data-theme="dark" data-density="compact" data-shortcuts="off"' in html
    assert "Perfil desat" in html
    assert kept(cast.teammate) == others


@pytest.mark.parametrize(
    "wrong", [{"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"theme": "pink"}, {"name": ""}]
)
def test_what_does_not_exist_is_refused_and_nothing_changes(
    cast: Cast, signed_in: Callable[[User], Client], wrong: dict[str, str]
) -> None:
    before = kept(cast.owner)
    response = signed_in(cast.owner).post("/profile/", WANTED | wrong)
    assert response.status_code == 422
    assert '<html lang="en" dir="ltr" ' in response.content.decode()
    assert kept(cast.owner) == before


def test_the_theme_of_the_palette_is_kept(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(cast.owner).post("/profile/theme/", {"theme": "dark"}).status_code == 204
    assert kept(cast.owner)[3] == "dark"


def test_a_theme_that_does_not_exist_is_refused(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    before = kept(cast.owner)
    assert signed_in(cast.owner).post("/profile/theme/", {"theme": "pink"}).status_code == 400
    assert kept(cast.owner) == before


@pytest.mark.parametrize("address", ["/profile/", "/profile/theme/"])
def test_a_visitor_is_sent_to_sign_in(client: Client, db: None, address: str) -> None:
    response = client.post(address, WANTED)
    assert (response.status_code, response.headers["Location"]) == (302, f"/account/login/?next={address}")


def test_reading_the_profile_writes_nothing(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    before = kept(cast.owner)
    assert signed_in(cast.owner).get("/profile/").status_code == 200
    assert kept(cast.owner) == before


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/account/login/", "Entra en Clientela"),
        ("/account/password/reset/", "Elige una contraseña nueva"),
        ("/account/password/reset/done/", "Mira tu correo"),
        ("/account/inactive/", "Esta cuenta está desactivada"),
        ("/account/password/reset/key/done/", "Has cambiado la contraseña"),
    ],
)
def test_pages_for_visitors_speak_their_language(client: Client, db: None, address: str, text: str) -> None:
    response = client.get(address, headers={"accept-language": "es-MX,es;q=0.9"})
    assert response.status_code == 200
    assert text in response.content.decode()


def test_a_wrong_password_is_said_beside_the_field(cast: Cast, client: Client) -> None:
    response = client.post("/account/login/", {"login": cast.owner.email, "password": "not this one"})
    html = response.content.decode()
    assert 'aria-invalid="true" aria-describedby="password-error"' in html
    assert 'id="password-error"' in html
    assert "_auth_user_id" not in client.session


def test_an_unknown_address_is_answered_in_the_frame(cast: Cast, signed_in: Callable[[User], Client]) -> None:
    response = signed_in(cast.owner).get("/no/such/page/")
    assert response.status_code == 404
    assert '<nav class="sidebar"' in response.content.decode()
