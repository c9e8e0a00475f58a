"""Things made one ahead, by a thread."""

from __future__ import annotations

import threading

import pytest

from clientela.kit.ahead import made_ahead


def test_everything_comes_in_its_order_until_there_is_no_more():
    parts = iter([[1, 2], [3], []])

    assert list(made_ahead(lambda: next(parts))) == [[1, 2], [3]]


def test_the_next_is_made_while_the_one_before_is_used():
    parts, second = iter([[1], [2], []]), threading.Event()

    def make():
        part = next(parts)
        if part == [2]:
            second.set()
        return part

    for part in made_ahead(make):
        if part == [1]:
            assert second.wait(10)


def test_what_goes_wrong_is_raised_in_its_turn():
    parts = iter([[1]])
    made = made_ahead(lambda: next(parts, None) or fail("no second"))

    assert next(made) == [1]
    with pytest.raises(RuntimeError, match="no second"):
        next(made)


def fail(message):
    raise RuntimeError(message)
