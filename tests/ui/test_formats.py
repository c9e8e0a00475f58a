"""The filters of the templates write as the reader's language does, and nothing for no value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import timezone, translation

from clientela.ui import formats

NO_BREAK = "\N{NO-BREAK SPACE}"


def written(template: str, language: str, **values: object) -> str:
    with translation.override(language):
        text: str = engines["jinja2"].from_string(template).render(values)
    return text.replace(NO_BREAK, " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "text"), [("es", "1.234,50 €"), ("ca", "1.234,50 €"), ("en", "€1,234.50")]
)
def test_money(language: str, text: str) -> None:
    assert written("{{ amount|money('EUR') }}", language, amount=Decimal("1234.5")) == text


def test_a_moment_is_shown_in_the_readers_time_zone() -> None:
    late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    with timezone.override("Europe/Madrid"):
        assert written("{{ when|datetime }}", "es", when=late) == "01/04/2026 00:30"


def test_a_day_is_told_from_today() -> None:
    assert written("{{ day|relative_day }}", "es", day=timezone.localdate()) == "hoy"
    assert written("{{ day|date }}", "es", day=date(2026, 3, 31)) == "31/03/2026"


@pytest.mark.parametrize("name", sorted(set(formats.FILTERS) - {"money", "money_short"}))
def test_no_value_gives_nothing(name: str) -> None:
    assert formats.FILTERS[name](None) == ""


@pytest.mark.parametrize("name", ["money", "money_short"])
def test_no_amount_gives_nothing(name: str) -> None:
    assert formats.FILTERS[name](None, "EUR") == ""


@pytest.mark.parametrize(("active", "code"), [("es", "es"), ("es-co", "es"), ("ca", "ca"), ("en-gb", "en")])
def test_the_language_has_no_region(active: str, code: str) -> None:
    with translation.override(active):
        assert formats.language() == code
