"""What columns hold, and the texts that stand for nothing."""

import pytest

from clientela.kit.tables import Kind, guess_kind, is_empty_marker, parse_boolean


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (["ana@example.com", "luis@example.es", "null"], "email"),
        (["+34 976 55 01 82", "976 55 01 82"], "phone"),
        (["976550182", "654321987"], "phone"),
        (["(415) 555-0132", "415-555-0199 x12"], "phone"),
        (["31/03/2026", "01/04/2026"], "date"),
        (["2026-03-31", "N/A"], "date"),
        (["31 de marzo de 2026"], "date"),
        (["2024-01-23T03:54:57.000+0000"], "datetime"),
        (["31/03/2026 17:30"], "datetime"),
        (["1.234,50 €", "300 €"], "money"),
        (["USD 300", "EUR 20"], "money"),
        (["1.234,50", "12"], "number"),
        (["50000"], "number"),
        (["-3", "1e5"], "number"),
        (["sí", "no", "no"], "boolean"),
        (["0", "1", "1"], "boolean"),
        (["1", "1"], "number"),
        (["https://example.com", "www.example.es"], "url"),
        (["España", "México", "Reino Unido"], "country"),
        (["Áridos Jalón", "Canteras"], "text"),
        (["001Ec00000FzlUdIAJ", "001Ec00000FzlUdIAK"], "text"),
        (["", "-"], "text"),
        ([], "text"),
    ],
)
def test_the_kind_of_a_column_is_guessed(samples: list[str], kind: Kind) -> None:
    assert guess_kind(samples) == kind


def test_the_texts_that_stand_for_nothing() -> None:
    for text in ("", " ", "null", "NULL", "N/A", "n/a", "-", "--", "#N/D", "(vacío)", "None", "\\N"):
        assert is_empty_marker(text), text
    for text in ("0", "no", "Na", "nulla", "-1", "x" * 100):
        assert not is_empty_marker(text), text
    assert [parse_boolean(text) for text in ("Sí", "VERDADERO", "0", "fals", "quizá", "")] == [
        True,
        True,
        False,
        False,
        None,
        None,
    ]
