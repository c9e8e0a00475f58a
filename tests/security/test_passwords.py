"""Passwords that are easy to guess here are not taken."""

from __future__ import annotations

import hashlib
from typing import IO

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from clientela.config import environment
from clientela.platform.signing import passwords


def codes_of(password: str) -> set[str | None]:
    """Why a password is not taken; nothing for a good one."""
    try:
        validate_password(password)
    except ValidationError as error:
        return {each.code for each in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "tres tristes tigres",
        "q8#Lw!vZ2pX9",
        "árbol de la ribera",
        "x" * 5 + "Öqwzt 😀 7",
    ],
)
def test_any_characters_make_a_good_one(password):
    assert codes_of(password) == set()


def test_a_long_one_is_taken_whole():
    assert codes_of("la lluvia en Sevilla es una maravilla " * 6) == set()


@pytest.mark.parametrize(
    "password", ["Dragon-2026", "123456monkey", "p4ssw0rd!!!!", "swordfishswordfish", "i.l.o.v.e.y.o.u"]
)
def test_a_common_one_dressed_up_is_not_taken(password):
    assert "common" in codes_of(password)


def test_every_common_word_counts_with_something_around_it():
    words = [word for word in CommonPasswordValidator().passwords if word.isalpha() and len(word) >= 6]
    assert len(words) > 3000
    refused = [word for word in words if codes_of(f"{word}2026!")]
    assert len(refused) == len(words)


@pytest.mark.parametrize("password", ["Ebro-2026-Ebro", "maquinaria123", "Clientela.Z99", "jalon_jalon_7"])
def test_a_word_of_the_house_is_not_taken(settings, password):
    settings.WORKSPACE_NAME = "Maquinaria Ebro"
    settings.PASSWORD_WORDS = ["Jalon"]
    assert codes_of(password) == {"words"}


def test_a_word_of_the_house_within_a_longer_one_is_taken(settings):
    settings.WORKSPACE_NAME = "Maquinaria Ebro"
    assert codes_of("el ebro nace en fontibre") == set()


@pytest.mark.parametrize("ending", ["", ":42"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 500])
def test_a_leaked_one_is_found_in_a_sorted_file(tmp_path, settings, count, ending):
    leaked = [f"leaked and long {number}" for number in range(count)]
    file = tmp_path / "leaked.txt"
    file.write_text("".join(f"{line}{ending}\n" for line in sorted(map(sha1, leaked))))
    settings.LEAKED_PASSWORDS = str(file)
    assert [codes_of(each) for each in leaked] == [{"leaked"}] * count
    assert codes_of("never leaked so far") == set()


def test_few_reads_are_enough(tmp_path, monkeypatch):
    file = tmp_path / "leaked.txt"
    file.write_text("".join(f"{line}:1\r\n" for line in sorted(sha1(str(n)) for n in range(20_000))))
    reads: list[int] = []
    line_from = passwords._line_from

    def counted(opened: IO[bytes], place: int) -> bytes:
        reads.append(place)
        return line_from(opened, place)

    monkeypatch.setattr(passwords, "_line_from", counted)
    assert passwords.is_leaked("777", file)
    assert not passwords.is_leaked("20001", file)
    assert len(reads) < 2 * 24


def test_a_list_that_is_not_there_is_said_at_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("CLIENTELA_LEAKED_PASSWORDS", str(tmp_path / "none"))
    with pytest.raises(environment.ConfigurationError, match="CLIENTELA_LEAKED_PASSWORDS"):
        environment.readable_file("CLIENTELA_LEAKED_PASSWORDS")


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()
