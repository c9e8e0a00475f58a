"""Amounts and numbers."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.kit.money import (
    Decimals,
    InvalidAmount,
    currency_codes,
    currency_name,
    format_money,
    format_money_short,
    minor_units,
    parse_money,
    round_amount,
)
from clientela.kit.numbers import (
    DecimalMark,
    InvalidNumber,
    decimal_mark_of,
    format_number,
    format_percent,
    parse_decimal,
)

LOCALES = ("es", "ca", "en", "es-CO", "es-MX", "en-GB")
AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=2)


def test_currencies_are_those_in_use() -> None:
    assert {"EUR", "USD", "COP", "MXN", "CLP", "PYG"} <= set(currency_codes())
    assert "ESP" not in currency_codes()
    assert currency_name("EUR", "es") == "euro"
    assert (minor_units("EUR"), minor_units("CLP"), minor_units("TND")) == (2, 0, 3)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("0.015", "EUR", "0.02"),
        ("-0.005", "EUR", "-0.01"),
        ("1.5", "CLP", "2"),
        ("2.5", "CLP", "3"),
        ("123456789012345678901234567890.125", "EUR", "123456789012345678901234567890.13"),
    ],
)
def test_amounts_round_half_up(amount: str, currency: str, rounded: str) -> None:
    assert str(round_amount(Decimal(amount), currency)) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "decimals", "text"),
    [
        ("1234.5", "EUR", "es", "full", "1.234,50 €"),
        ("1234.5", "EUR", "ca", "full", "1.234,50 €"),
        ("1234.5", "EUR", "en", "full", "€1,234.50"),
        ("1234.5", "COP", "es-CO", "full", "$ 1.234,50"),
        ("1234.5", "USD", "es-CO", "full", "US$ 1.234,50"),
        ("1234.5", "MXN", "es-MX", "full", "$ 1,234.50"),
        ("9900", "EUR", "es", "auto", "9.900 €"),
        ("9900.10", "EUR", "es", "auto", "9.900,10 €"),
        ("9900", "EUR", "es", "full", "9.900,00 €"),
        ("9900.50", "EUR", "es", "none", "9.901 €"),
        ("9900", "CLP", "es", "auto", "9.900 CLP"),
        ("-1234.5", "EUR", "es", "full", "-1.234,50 €"),
        ("-1234.5", "EUR", "en", "full", "-€1,234.50"),
        ("-0.001", "EUR", "es", "full", "0,00 €"),
        ("0.005", "EUR", "es", "auto", "0,01 €"),
    ],
)
def test_money_reads_as_in_the_design(
    amount: str, currency: str, locale: str, decimals: Decimals, text: str
) -> None:
    assert format_money(Decimal(amount), currency, locale, decimals).replace("\u00a0", " ") == text


def test_the_space_before_the_symbol_does_not_break() -> None:
    assert format_money(Decimal(1), "EUR", "es") == "1,00\u00a0€"


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("9900", "EUR", "es", "9.900 €"),
        ("1129000", "EUR", "es", "1.129 k€"),
        ("-853400", "EUR", "es", "-853 k€"),
        ("12000000", "EUR", "es", "12 M€"),
        ("188000000", "COP", "es", "COP 188 M"),
        ("188000000", "COP", "es-CO", "$ 188 M"),
        ("853000", "EUR", "en", "€853k"),
    ],
)
def test_short_money_fits_a_chart(amount: str, currency: str, locale: str, text: str) -> None:
    assert format_money_short(Decimal(amount), currency, locale).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("text", "locale", "amount", "currency"),
    [
        ("1.234,50 €", "es", "1234.50", "EUR"),
        ("1,234.50", "es", "1234.50", None),
        ("USD 300", "es", "300", "USD"),
        ("300 usd", "es", "300", "USD"),
        ("$ 300", "es-CO", "300", "COP"),
        ("$ 300", "es", "300", None),
        ("US$ 300", "es-CO", "300", "USD"),
        ("$ 300 USD", "es-CO", "300", "USD"),
        ("12k", "es", "12000", None),
        ("1,5 M€", "es", "1500000", "EUR"),
        ("1.5", "es", "1.5", None),
        ("1.234", "es", "1234", None),
        ("1.234", "en", "1.234", None),
        ("(50)", "es", "-50", None),
        ("-5 €", "es", "-5", "EUR"),
        ("€ -5", "es", "-5", "EUR"),
        ("5-", "es", "-5", None),
        ("1'234.50", "en", "1234.50", None),
        ("1 234,50 €", "es", "1234.50", "EUR"),
    ],
)
def test_amounts_are_read_as_people_write_them(
    text: str, locale: str, amount: str, currency: str | None
) -> None:
    assert parse_money(text, locale) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "text", ["", "abc", "€", "1.2.3", "12 zzz", "1,23,4", "1/2", "NaN", "Infinity", "١٢", "9" * 200]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_money(text, "es")


@given(AMOUNTS, st.sampled_from(LOCALES), st.sampled_from(["EUR", "USD", "COP"]))
def test_formatted_money_reads_back(amount: Decimal, locale: str, currency: str) -> None:
    rounded = round_amount(amount, currency)
    read, named = parse_money(format_money(amount, currency, locale), locale)
    assert read == rounded
    assert named in (currency, None)


@given(AMOUNTS, st.sampled_from(LOCALES))
def test_formatted_numbers_read_back(value: Decimal, locale: str) -> None:
    mark: DecimalMark = "." if locale in ("en", "en-GB", "es-MX") else ","
    assert parse_decimal(format_number(value, locale), mark) == value


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    for mark in (",", "."):
        try:
            assert parse_decimal(text, mark).is_finite()
        except InvalidNumber:
            continue
    with suppress(InvalidAmount):
        assert parse_money(text, "es")[0].is_finite()


@pytest.mark.parametrize(
    ("value", "locale", "decimals", "text"),
    [
        (1234567, "es", None, "1.234.567"),
        (9900, "es", None, "9.900"),
        (Decimal("1234.50"), "es", None, "1.234,50"),
        (0.1, "es", None, "0,1"),
        (Decimal("0.125"), "en", 2, "0.13"),
        (Decimal("-0.001"), "es", 2, "0,00"),
    ],
)
def test_numbers_group_by_locale(
    value: int | float | Decimal, locale: str, decimals: int | None, text: str
) -> None:
    assert format_number(value, locale, decimals) == text


def test_percentages_are_points() -> None:
    assert format_percent(70, "es") == "70\u00a0%"
    assert format_percent(70, "ca") == "70\u00a0%"
    assert format_percent(70, "en") == "70%"
    assert format_percent(Decimal("12.345"), "es", 1) == "12,3\u00a0%"


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,5", ",", "1234.5"),
        ("1,234.5", ".", "1234.5"),
        ("1234", ",", "1234"),
        ("-1.234.567", ",", "-1234567"),
        ("1,5E+03", ",", "1500"),
        (",5", ",", "0.5"),
    ],
)
def test_decimals_are_read_with_their_mark(text: str, mark: DecimalMark, value: str) -> None:
    assert parse_decimal(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "mark"), [("1.5", ","), ("1,5", "."), ("12.34.567", ","), ("1e999", "."), ("1_0.", ",")]
)
def test_a_number_in_another_notation_is_refused(text: str, mark: DecimalMark) -> None:
    with pytest.raises(InvalidNumber):
        parse_decimal(text, mark)


@pytest.mark.parametrize(
    ("samples", "mark"),
    [
        (["1.234,50", "3"], ","),
        (["1,234.50"], "."),
        (["14.2222", "168"], "."),
        (["1.234.567"], ","),
        (["1.234"], None),
        (["0,125"], ","),
        (["12", "abc"], None),
        (["1,5", "1.5"], None),
        (["-3,5 €"], ","),
        ([], None),
    ],
)
def test_the_decimal_mark_of_a_column(samples: list[str], mark: DecimalMark | None) -> None:
    assert decimal_mark_of(samples) == mark
