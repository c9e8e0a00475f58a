"""Text made comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.kit.text import (
    COLOURS,
    bare_company_name,
    colour_of,
    fold,
    initials,
    is_plain_name,
    similarity,
    snippet,
    trigrams,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Áridos   JALÓN\n", "aridos jalon"),
        ("Ñandú", "nandu"),
        ("Paral·lel", "parallel"),
        ("Straße ﬃ ℡", "strasse ffi tel"),
        ("Łódź Ærø", "lodz aero"),
        ("a\u200bb\u00adc", "abc"),
        ("plain ascii", "plain ascii"),
        ("東京", "東京"),
        ("", ""),
    ],
)
def test_fold_makes_texts_comparable(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_idempotent_and_blind_to_case(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert "  " not in once
    assert once == once.strip()


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_folds_fast_path_agrees_with_the_slow_one(text: str) -> None:
    assert fold(text + " é") == " ".join([*fold(text).split(), "e"])


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Lucía Ferrer", "LF"),
        ("Fermín Jalón Royo", "FJ"),
        ("Canteras de Ricla", "CR"),
        ("Ibercaja", "IB"),
        ("Íñigo", "IN"),
        ("de la", "DL"),
        ("Ñ", "N"),
        ("!!", "?"),
        ("", "?"),
    ],
)
def test_initials_come_from_the_words_that_tell(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_colour_is_stable_and_spread() -> None:
    assert colour_of("Áridos Jalón") == colour_of("aridos  jalon")
    assert {colour_of(f"account {number}") for number in range(200)} == set(COLOURS)


@pytest.mark.parametrize(
    "name",
    [
        "Áridos Jalón",
        "Áridos Jalón, S.L.",
        "ARIDOS JALON SL",
        "Áridos Jalón S. L. U.",
        "Áridos Jalón, S.A.U.",
        "Áridos Jalón S.Coop.",
        "Áridos Jalón, C.B.",
        "Áridos Jalón S.A.S.",
        "Áridos Jalón S. de R.L. de C.V.",
        "Áridos Jalón, S.A. de C.V.",
        "Áridos Jalón C.A.",
        "Áridos Jalón Ltda.",
        "Áridos Jalón E.I.R.L.",
        "Áridos Jalón SpA",
        "Áridos Jalón S.C.P.",
        "Áridos Jalón, Inc.",
        "Áridos Jalón LLC",
        "Áridos Jalón Co., Ltd.",
        "Áridos Jalón GmbH & Co. KG",
        "Áridos Jalón, Sociedad Limitada",
        "Áridos Jalón S.A. en liquidación",
    ],
)
def test_legal_forms_do_not_count_in_a_company_name(name: str) -> None:
    assert bare_company_name(name) == "aridos jalon"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("S.A.", "s a"),
        ("Casa", "casa"),
        ("Brisa", "brisa"),
        ("Hermanos Ballabriga & Cía.", "hermanos ballabriga cia"),
        ("", ""),
    ],
)
def test_a_name_is_never_emptied_nor_cut_inside_a_word(name: str, bare: str) -> None:
    assert bare_company_name(name) == bare


def test_trigrams_are_padded_as_in_postgresql() -> None:
    # select show_trgm('cat dó') with unaccent
    assert trigrams("Cat dó") == {"  c", " ca", "cat", "at ", "  d", " do", "do "}


def test_similarity_is_the_share_of_common_trigrams() -> None:
    assert similarity("Jalón", "jalon") == 1.0
    assert similarity("word", "two words") == pytest.approx(
        4 / 11
    )  # the example of PostgreSQL's manual: 0.36
    assert similarity("", "jalon") == 0.0


@given(st.text(), st.text())
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0.0 <= similarity(one, other) <= 1.0


def test_a_snippet_shows_the_match_as_written() -> None:
    text = "Una visita a las canteras de Áridos y Hormigones del Jalón para ver la excavadora que pidieron"
    found = snippet(text, "jalon para", width=40)
    assert found.match == "Jalón para"
    assert found.before == "…del "
    assert found.after == " ver la excavadora que pid…"


def test_a_snippet_without_match_is_the_beginning() -> None:
    assert str(snippet("corto", "nada")) == "corto"
    assert snippet("uno dos tres", "", width=7) == ("", "", "uno dos…")


@given(st.text(max_size=300), st.text(max_size=10), st.integers(5, 80))
def test_a_snippet_is_always_part_of_the_text(text: str, query: str, width: int) -> None:
    found = snippet(text, query, width)
    flat = " ".join(text.split())
    assert f"…{flat}…".count(found.match) >= 1
    assert found.before.removeprefix("…") + found.match + found.after.removesuffix("…") in flat + "…"


@pytest.mark.parametrize(
    "name", ["Ana", "José O'Neill-Núñez", "שרה", "محمد", "李", "L\u200e שרה", "x\u200dy", ""]
)
def test_names_of_any_writing_are_plain(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "odd",
    [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\x00\x07\n\t\x9f\ud83d"],
    ids=ascii,
)
def test_what_turns_a_name_round_or_is_not_seen_is_none(odd: str) -> None:
    assert not is_plain_name(f"Ana{odd}Grau")
