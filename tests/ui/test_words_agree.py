"""Words that agree with what they are said of."""

from __future__ import annotations

import pytest
from django.utils import translation

from clientela.kit.text import COLOURS
from clientela.records import registry
from clientela.ui import colours, sentences

MINE = {
    "es": {"account": "Mías", "contact": "Míos", "lead": "Míos", "opportunity": "Mías"},
    "ca": {"account": "Meus", "contact": "Meus", "lead": "Meus", "opportunity": "Meves"},
}


@pytest.mark.parametrize("language", ["es", "ca"])
def test_mine_has_the_gender_of_the_records(language: str) -> None:
    with translation.override(language):
        views = [(spec.key, view) for spec in registry.every() for view in spec.views]
        said = {key: str(view.label) for key, view in views if view.name == "mine"}
    assert said == MINE[language]


def test_every_customer_colour_has_a_word_in_every_language() -> None:
    assert tuple(colours.NAMES) == COLOURS
    with translation.override("es"):
        assert str(colours.NAMES["teal"]) == "turquesa"
    with translation.override("ca"):
        assert str(colours.NAMES["gray"]) == "gris"
    with translation.override("en"):
        assert [str(name) for name in colours.NAMES.values()] == list(COLOURS)


@pytest.mark.parametrize("language", ["es", "ca"])
def test_what_the_framework_says_is_said_in_our_own_words(language: str) -> None:
    with translation.override("en"):
        english = [translation.gettext(each) for each in sentences.SENTENCES]
    with translation.override(language):
        said = [translation.gettext(each) for each in sentences.SENTENCES]
    assert english == list(sentences.SENTENCES)
    for formal in ("Introduzca", "Asegúrese", "Escoja", "Introduïu", "Assegureu", "Esculliu"):
        assert [each for each in said if formal in each] == []
    assert len(set(said) - set(english)) == len(said)
