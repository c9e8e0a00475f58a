"""Ids, tokens, tax numbers, phones, addresses and countries."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.kit.identifiers import (
    InvalidEmail,
    InvalidPhone,
    InvalidTaxId,
    InvalidUrl,
    check_tax_id,
    countries,
    country_code_of,
    country_name,
    email_domain,
    format_phone,
    format_tax_id,
    normalise_email,
    normalise_phone,
    normalise_url,
    tax_id_label,
)
from clientela.kit.ids import hash_token, new_token, token_matches, uuid7


def test_uuid7_carries_the_time_and_sorts_by_it() -> None:
    before = time.time_ns() // 1_000_000
    first = uuid7()
    time.sleep(0.002)
    second = uuid7()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert before <= first.int >> 80 <= time.time_ns() // 1_000_000
    assert first < second
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_a_token_is_known_by_its_hash_only() -> None:
    token = new_token("clt_")
    assert token.startswith("clt_")
    assert len(token) == 47
    assert token_matches(token, hash_token(token))
    assert not token_matches(new_token("clt_"), hash_token(token))
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


TAX_IDS = [
    ("ES", "B-58378431", "B58378431"),
    ("es", "ESB58378431", "B58378431"),
    ("ES", "12345678Z", "12345678Z"),
    ("ES", "x-2482300w", "X2482300W"),
    ("PT", "501 964 843", "501964843"),
    ("FR", "Fr 40 303 265 045", "40303265045"),
    ("FR", "552 008 443", "552008443"),
    ("DE", "DE 136,695 976", "136695976"),
    ("IT", "IT 00743110157", "00743110157"),
    ("MX", "GODE 561231 GR8", "GODE561231GR8"),
    ("CO", "213.123.432-1", "2131234321"),
    ("AR", "20-05536168-2", "20055361682"),
    ("CL", "76.086.428-5", "760864285"),
    ("PE", "20512333797", "20512333797"),
    ("EC", "1792060346-001", "1792060346001"),
    ("VE", "V-11470283-4", "V114702834"),
    ("UY", "21-100342-001-7", "211003420017"),
    ("DO", "1-01-85004-3", "101850043"),
    ("GT", "576937-k", "576937K"),
    ("CR", "3-101-999999", "3101999999"),
    ("PY", "80028061-0", "800280610"),
    ("BR", "16.727.230/0001-97", "16727230000197"),
    ("US", "91-1144442", "911144442"),
    ("GB", "GB 980 7806 84", "980780684"),
    ("BO", "1020 304-5", "10203045"),
    ("ZZ", "anything 1", "ANYTHING1"),
]


@pytest.mark.parametrize(("country", "value", "stored"), TAX_IDS)
def test_tax_ids_are_stored_bare(country: str, value: str, stored: str) -> None:
    assert check_tax_id(country, value) == stored
    assert check_tax_id(country, format_tax_id(country, stored)) == stored


@pytest.mark.parametrize(
    ("country", "value", "key"),
    [
        ("ES", "12345678A", "checksum"),
        ("ES", "B58378432", "checksum"),
        ("ES", "1234", "length"),
        ("CO", "213.123.432-9", "checksum"),
        ("MX", "hola", "length"),
        ("ZZ", "<script>", "format"),
        ("ZZ", "9" * 60, "length"),
    ],
)
def test_a_wrong_tax_id_says_what_is_wrong(country: str, value: str, key: str) -> None:
    with pytest.raises(InvalidTaxId) as refusal:
        check_tax_id(country, value)
    assert refusal.value.key == key


@given(st.sampled_from([country for country, _, _ in TAX_IDS]), st.text(max_size=30))
def test_any_text_is_a_tax_id_or_refused(country: str, value: str) -> None:
    try:
        stored = check_tax_id(country, value)
    except InvalidTaxId:
        return
    assert check_tax_id(country, stored) == stored


def test_each_country_calls_its_tax_id_its_own_way() -> None:
    assert [tax_id_label(code) for code in ("ES", "CO", "MX", "PE", "EC", "AR", "CL", "ZZ")] == [
        "NIF", "NIT", "RFC", "RUC", "RUC", "CUIT", "RUT", "",
    ]  # fmt: skip
    assert format_tax_id("CL", "760864285") == "76.086.428-5"
    assert format_tax_id("ES", "B58378431") == "B58378431"


def test_phones_are_stored_in_e164_and_shown_from_home() -> None:
    assert normalise_phone("976 55 01 82", "ES") == "+34976550182"
    assert normalise_phone("0034 976-55-01-82", "ES") == "+34976550182"
    assert normalise_phone("+57 601 7441234") == "+576017441234"
    assert normalise_phone("(415) 555-0132 ext 12", "US") == "+14155550132;ext=12"
    assert format_phone("+34976550182", "ES") == "976 55 01 82"
    assert format_phone("+34976550182", "CO") == "+34 976 55 01 82"
    assert format_phone("+14155550132;ext=12", "ES") == "+1 415-555-0132 ext. 12"
    assert format_phone("ask for Ana", "ES") == "ask for Ana"


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("abc", "ES", "format"),
        ("976550182", None, "country"),
        ("12", "ES", "too_short"),
        ("976 55 01 82 99 88 77", "ES", "too_long"),
        ("9" * 100, "ES", "too_long"),
    ],
)
def test_a_wrong_phone_says_what_is_wrong(text: str, region: str | None, key: str) -> None:
    with pytest.raises(InvalidPhone) as refusal:
        normalise_phone(text, region)
    assert refusal.value.key == key


@given(st.text(max_size=40))
def test_any_text_is_a_phone_or_refused(text: str) -> None:
    try:
        stored = normalise_phone(text, "ES")
    except InvalidPhone:
        return
    assert normalise_phone(format_phone(stored)) == stored


def test_emails_are_lower_case_and_bare() -> None:
    assert normalise_email(" Ana López <Ana@Example.ES> ") == "ana@example.es"
    assert normalise_email("mailto:x.y+z@sub.example.com") == "x.y+z@sub.example.com"
    assert normalise_email("ñandú@mañana.es") == "ñandú@mañana.es"
    assert email_domain("ana@Example.es") == "example.es"
    assert email_domain("ana") == ""


@pytest.mark.parametrize(
    "text",
    ["", "a@b", "a b@c.com", "a..b@c.com", "a@b@c.com", ".a@b.com", "a@-b.com", "a@b.com\nx", "@b.com"],
)
def test_what_is_no_email_is_refused(text: str) -> None:
    with pytest.raises(InvalidEmail) as refusal:
        normalise_email(text)
    assert refusal.value.key == "format"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Example.com/", "https://example.com"),
        ("http://A.es:80/Path?q=1", "http://a.es/Path?q=1"),
        ("www.foo.es:8080", "https://www.foo.es:8080"),
        ("HTTPS://foo.es", "https://foo.es"),
        ("mañana.es/á", "https://mañana.es/á"),
    ],
)
def test_web_addresses_get_a_scheme(text: str, stored: str) -> None:
    assert normalise_url(text) == stored


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("ftp://example.com", "scheme"),
        ("foo", "format"),
        ("a b.com", "format"),
        ("https://user:pass@example.com", "format"),
        ("http://[::1", "format"),
        ("java\nscript:alert(1)", "format"),
        ("x.com/" + "a" * 3000, "too_long"),
    ],
)
def test_what_is_no_web_address_is_refused(text: str, key: str) -> None:
    with pytest.raises(InvalidUrl) as refusal:
        normalise_url(text)
    assert refusal.value.key == key


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        stored = normalise_url(text)
    except InvalidUrl:
        pass
    else:
        assert stored.startswith(("http://", "https://"))
        assert normalise_url(stored) == stored
    try:
        stored = normalise_email(text)
    except InvalidEmail:
        return
    assert normalise_email(stored) == stored


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("México", "MX"), ("Reino Unido", "GB"), ("Regne Unit", "GB"), ("USA", "US"), ("EE.UU.", "US"),
        ("es", "ES"), ("ESP", "ES"), ("Alemania", "DE"), ("Deutschland", "DE"), ("Estats Units", "US"),
        ("united states", "US"), ("ESPAÑA", "ES"), ("Holanda", "NL"), ("Atlantis", None), ("", None),
        ("EU", None),
    ],
)  # fmt: skip
def test_countries_are_known_by_their_names_and_codes(text: str, code: str | None) -> None:
    assert country_code_of(text) == code


@pytest.mark.parametrize("locale", ["es", "ca", "en"])
def test_every_country_is_known_by_its_own_name(locale: str) -> None:
    for code, name in countries(locale):
        assert country_code_of(name) == code
        assert country_code_of(code) == code
        assert country_name(code, locale) == name
    assert country_name("ES", "ca") == "Espanya"
    assert country_name("??", "es") == "??"
