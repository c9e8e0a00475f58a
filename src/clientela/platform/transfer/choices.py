"""Choices of a field by what people write for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.utils import translation

from clientela.kit.text import fold
from clientela.platform.transfer.targets import Target


def choice_finder(target: Target) -> Callable[[str], str | None]:
    """From what is written to one of the field's choices: its key, or its words in any language."""
    choices = target.field.flatchoices if target.field is not None else ()
    known: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            known |= {fold(str(label)): str(key) for key, label in choices}
    known |= {fold(str(key)): str(key) for key, _label in choices}

    @lru_cache(maxsize=1024)
    def find(text: str) -> str | None:
        word = fold(text)
        if word in known:
            return known[word]
        first = re.split(r"[^\w]+", word, maxsplit=1)[0]
        return known.get(first) or known.get(word.rstrip("s")) if len(first) > 2 else None

    return find
