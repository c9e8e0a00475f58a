"""How Spanish and Catalan speak to people: as tu, with the words of the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

SOURCE = Path(__file__).parents[2] / "src" / "clientela"
FORMAL = re.compile(
    r"\b(usted|ustedes|vostè|(?<!se )elija|elíjalos?|escriba|suelte|pulse|introduzca|seleccione|compruebe|"
    r"inténtelo|pruebe|confirme|espere|guarde|trieu|escriviu|premeu|torneu|deixeu)\b",
    re.IGNORECASE,
)
# A token is a key; an agreed word has one translation.
REPLACED = {
    "es": r"\b(testigos?|leads?(?!:)|pipelines?)\b",
    "ca": r"\b(testimonis?|leads?(?!:)|pipelines?)\b",
}
PLACE = re.compile(r"%\(\w+\)s")


def texts(language: str) -> list[str]:
    found = []
    for path in sorted(SOURCE.rglob(f"locale/{language}/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                given = message.string if isinstance(message.string, tuple | list) else [message.string]
                found += [PLACE.sub("", str(text)) for text in given if message.id]
    return found


@pytest.mark.parametrize("language", ["es", "ca"])
def test_nobody_is_spoken_to_formally_and_words_are_those_of_the_glossary(language: str) -> None:
    said = texts(language)
    assert len(said) > 1000
    assert [text for text in said if FORMAL.search(text)] == []
    assert [text for text in said if re.search(REPLACED[language], text, re.IGNORECASE)] == []
