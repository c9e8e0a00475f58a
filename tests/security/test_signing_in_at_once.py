"""Guesses sent at once by several processes are all counted, and a code is taken once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection

from clientela.platform.signing import throttle
from clientela.platform.signing.spent import spend

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(do: Callable[[], T]) -> list[T]:
    """What eight threads get, each on a connection of its own as a process has."""

    def alone(_number: int) -> T:
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(alone, range(8)))


def test_no_more_guesses_than_are_free():
    limits = [throttle.Limit("password:ana", 5), throttle.Limit("password:everybody", 50)]
    waits = at_once(lambda: throttle.take(limits))
    assert sum(wait is None for wait in waits) == 5


def test_one_of_many_spends_a_code():
    assert sorted(at_once(lambda: spend("1:123456"))) == [False] * 7 + [True]
