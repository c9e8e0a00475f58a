"""What somebody reads who mistypes a password, and whoever reads about the API."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "El correo o la contraseña no son correctos."),
        ("ca", "El correu o la contrasenya no són correctes."),
        ("en", "The e-mail or the password is not right."),
    ],
)
def test_a_wrong_password_is_told_in_the_voice_of_the_product(client: Client, language: str, words: str):
    answer = client.post(
        "/account/login/",
        {"login": "nobody@example.com", "password": "wrong"},
        headers={"Accept-Language": language},
    )

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_page_about_the_api_speaks_the_language_of_its_reader(client: Client):
    text = client.get("/api/docs", headers={"Accept-Language": "es"}).content.decode()

    assert "un valor del tipo del campo" in text
    assert "Crear: Oportunidad" in text
    assert "a value of" not in text
