"""The big list of naughty strings, all of it, through the API into every free text of every kind of record.

Packed into texts as long as a field takes, and of those for short fields every fourth to each kind of record
but accounts, which get all: together every one of them goes through short texts of several kinds.
`CLIENTELA_TEST_ALL_STRINGS=1` sends all to every kind. `test_hostile` sends single ones.
"""

from __future__ import annotations

import json
import os
from itertools import zip_longest
from pathlib import Path

import pytest

from clientela.records import registry
from clientela.records.refs import FieldRef
from tests.cast import Cast
from tests.contract import naughty, samples, ways
from tests.contract.test_hostile import KEYS, fields, is_free

pytestmark = pytest.mark.django_db
FILE = Path(__file__).parents[3] / "shared" / "data" / "hostile" / "blns.json"
BETWEEN = " | "
LONG = 20_000
SHARES = 1 if "CLIENTELA_TEST_ALL_STRINGS" in os.environ else 4


def strings() -> list[str]:
    """The list where it is at hand, else our own."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else list(naughty.KEPT)


def packed(longest: int) -> list[str]:
    """Every string that fits, in texts of at most `longest` characters."""
    texts: list[str] = []
    for each in (text for text in strings() if text.strip() and len(text) <= longest):
        if texts and len(texts[-1]) + len(BETWEEN) + len(each) <= longest:
            texts[-1] += BETWEEN + each
        else:
            texts.append(each)
    return [text.strip() for text in texts]


def share(key: str, texts: list[str]) -> list[str]:
    """Those of `texts` that go to this kind of record."""
    whole = SHARES == 1 or key == "account" or len(texts) <= SHARES
    return texts if whole else texts[KEYS.index(key) % SHARES :: SHARES]


def longest_of(ref: FieldRef) -> int:
    return getattr(ref.field, "max_length", None) or LONG


@pytest.mark.parametrize("key", KEYS)
def test_every_text_keeps_all_of_them(key: str, cast: Cast) -> None:
    # given
    spec, program = registry.get(key), ways.Program(cast.admin)
    record = samples.make(spec, cast.owner)
    texts = [ref for ref in ways.texts(spec) if ref.path in fields(spec) and is_free(ref)]
    free = {ref.path: share(key, packed(longest_of(ref))) for ref in texts}
    assert free
    for row in zip_longest(*free.values()):
        given = {name: text for name, text in zip(free, row, strict=True) if text is not None}
        # when
        response = program.patch(spec, record.pk, given)
        # then
        assert response.status_code == 200, (given, response.content)
        answer = response.json()
        assert {name: answer[name] for name in given} == given
    state = ways.saved(spec, record.pk)
    assert state is not None
    assert {name: state[name] for name in free} == {name: answer[name] for name in free}
