"""Forms and requests of signing in: what they take, and from where."""

from __future__ import annotations

import re
import ssl
import zipfile

import pytest
import xlsxwriter
from django.core.mail.backends.smtp import EmailBackend
from django.core.signing import dumps, loads
from django.test import override_settings

from clientela.config.account import CompanyAdapter
from clientela.kit.tables.opening import open_table
from clientela.platform.signing import sealing
from tests.cast import PASSWORD
from tests.security.doors import browser, set_up_codes, sign_in, signed_in, who


@pytest.mark.parametrize("address", ["/account/login/", "/account/password/change/"])
def test_passwords_are_masked_and_may_be_pasted(cast, address):
    client = browser() if "login" in address else signed_in("203.0.113.1", cast.owner)
    page = client.get(address).content.decode()
    fields = re.findall(r"<input[^>]*password[^>]*>", page)
    assert fields
    assert all('type="password"' in field and "autocomplete=" in field for field in fields)
    assert "paste" not in page


@pytest.mark.parametrize(
    "other", ["  Ñandú con dos Espacios", "  ñandú con dos espacios  ", "Ñandú con dos Espacios"]
)
def test_a_password_counts_as_it_was_written(cast, other):
    exact = "  Ñandú dos Espacios  "
    cast.owner.set_password(exact)
    cast.owner.save()
    wrong, right = browser(), browser()
    sign_in(wrong, cast.owner, other)
    sign_in(right, cast.owner, exact)
    assert [who(wrong), who(right)] == [None, cast.owner.pk]


def test_a_password_of_two_hundred_characters_is_checked_whole(cast):
    cast.owner.set_password("k" * 199 + "1")
    cast.owner.save()
    wrong, right = browser(), browser()
    sign_in(wrong, cast.owner, "k" * 199 + "2")
    sign_in(right, cast.owner, "k" * 199 + "1")
    assert [who(wrong), who(right)] == [None, cast.owner.pk]


def test_what_stands_in_the_address_is_no_part_of_a_form(cast):
    client = browser()
    client.post(f"/account/login/?login={cast.owner.email}&password={PASSWORD}", {})
    client.cookies["login"] = cast.owner.email
    client.cookies["password"] = PASSWORD
    client.post("/account/login/", {"login": [cast.owner.email, "nobody@example.com"], "password": PASSWORD})
    assert who(client) is None


def test_everybody_may_be_asked_for_a_second_factor(cast, settings):
    settings.REQUIRE_MFA = True
    client = signed_in("203.0.113.1", cast.reader)
    assert client.get("/accounts/").headers["Location"] == "/profile/security/required/"


def test_every_page_leads_out(cast):
    client = signed_in("203.0.113.1", cast.owner)
    for address in ("/accounts/", "/profile/", "/profile/security/", "/search/?q=x"):
        assert "/account/logout/" in client.get(address).content.decode(), address


@pytest.mark.parametrize("address", ["/static/", "/static/ui/", "/static/ui/js/", "/media/", "/.git/HEAD"])
def test_a_folder_is_not_listed(cast, address):
    assert signed_in("203.0.113.1", cast.owner).get(address).status_code == 404


def test_the_secret_key_is_changed_without_losing_anything():
    with override_settings(SECRET_KEY="the first key " * 4):
        sealed, signed = sealing.seal("seed"), dumps("word", salt="test")
    with override_settings(SECRET_KEY="the second key " * 4, SECRET_KEY_FALLBACKS=["the first key " * 4]):
        assert sealing.unseal(sealed) == "seed"
        assert loads(signed, salt="test") == "word"
        again = sealing.seal("seed")
    with override_settings(SECRET_KEY="the second key " * 4):
        assert sealing.unseal(again) == "seed"
        with pytest.raises(Exception, match=r"^$"):
            sealing.unseal(sealed)


def test_an_entity_of_a_spreadsheet_reads_no_file(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden words")
    plain, hostile = tmp_path / "plain.xlsx", tmp_path / "hostile.xlsx"
    with xlsxwriter.Workbook(str(plain)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nombre", "Correo"])
        sheet.write_row(1, 0, ["PLACE", "a@b.example"])
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(hostile, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sharedStrings.xml"):
                kind = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "file://{secret}">]>\n<sst'.encode()
                content = content.replace(b"<sst", kind).replace(b"PLACE", b"&x;")
            new.writestr(name, content)
    assert "hidden words" not in what_is_read(hostile)


def what_is_read(path) -> str:
    """Every cell, or the reason why there is none."""
    try:
        return str(list(open_table(path).rows()))
    except Exception as error:
        return repr(error)


def test_certificates_are_verified():
    assert CompanyAdapter().get_requests_session().verify is True
    context = EmailBackend(use_tls=True).ssl_context
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_new_password_does_not_pass_by_the_second_factor(cast):
    set_up_codes(signed_in("203.0.113.1", cast.owner))
    cast.owner.set_password("another horse battery")
    cast.owner.save()
    client = browser()
    assert sign_in(client, cast.owner, "another horse battery").headers["Location"] == "/account/code/"
    assert who(client) is None
