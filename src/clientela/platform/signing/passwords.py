"""Passwords that are easy to guess here: common ones dressed up, the company's own words, leaked ones."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Words of the product and of its trade; those of the company are added to them (docs/security.md, V6.1.2).
PRODUCT_WORDS = (
    "clientela",
    "password",
    "contraseña",
    "contrasenya",
    "cliente",
    "client",
    "ventas",
    "vendes",
)
_LEAST_LEFT = 6  # characters besides a word that anybody here would guess
_SHORTEST_WORD = 4
_SWAPS = str.maketrans("04135$7@!", "oaiesstai")


class DressedUpValidator:
    """Refuses a common password with digits and signs around it or letters swapped: “Dragon-2026”."""

    def validate(self, password: str, user: Any = None) -> None:
        common = _common()
        if any(core in common for core in _cores(password)):
            raise ValidationError(_("This is a common password with something around it."), code="common")

    def get_help_text(self) -> str:
        return _("Not a common password, nor one with a few digits or signs added.")


class WordsValidator:
    """Refuses a password that is little more than words of the company, the product or the person."""

    def validate(self, password: str, user: Any = None) -> None:
        left = bare = password.casefold()
        for word in words_of_the_house():
            left = left.replace(word, "")
        if left != bare and len(re.sub(r"[\W\d_]", "", left)) < _LEAST_LEFT:
            raise ValidationError(
                _("This is little more than a word that everybody here knows."), code="words"
            )

    def get_help_text(self) -> str:
        return _("Not the name of the company with something added.")


class LeakedValidator:
    """Refuses a password that is in the file of leaked ones, where the installation has one."""

    def validate(self, password: str, user: Any = None) -> None:
        path = settings.LEAKED_PASSWORDS
        if path and is_leaked(password, Path(path)):
            raise ValidationError(
                _("This password has been leaked somewhere: choose another."), code="leaked"
            )

    def get_help_text(self) -> str:
        return _("Not one that is known to have been leaked.")


def words_of_the_house() -> list[str]:
    """Words nobody may build a password on, longest first: the company's, its own list, the product's."""
    named = re.split(r"[\W_]+", settings.WORKSPACE_NAME)
    hosts = [part for host in settings.ALLOWED_HOSTS for part in host.split(".")]
    words = {each.casefold() for each in (*named, *hosts, *settings.PASSWORD_WORDS, *PRODUCT_WORDS)}
    return sorted((word for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True)


def is_leaked(password: str, path: Path) -> bool:
    """Whether the SHA-1 of a password is in a file of sorted lines “HASH” or “HASH:count”.

    That is the form of Have I Been Pwned's list (its downloader writes it); the search is binary, some thirty
    reads in a file of 40 GB. Raises OSError where the file cannot be read. SHA-1 protects nothing here: it is
    only the list's spelling of a password.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            line = _line_from(file, middle)
            if line[:40].upper() == wanted:
                return True
            if line and line[:40].upper() < wanted:
                low = middle + 1
            else:
                high = middle
        return False


def _line_from(file: Any, place: int) -> bytes:
    """The first line that begins at `place` or after it; empty at the end."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline()
    return bytes(file.readline())


def _cores(password: str) -> set[str]:
    """What is left of a password without what people add to it."""
    plain = password.casefold()
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    letters = re.sub(r"[\W_]", "", plain)
    swapped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain).translate(_SWAPS)
    # “swordfishswordfish”: once and once more.
    halves = {each[: len(each) // 2] for each in (plain, letters) if each == each[: len(each) // 2] * 2}
    return {stripped, letters, swapped, *halves}


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
