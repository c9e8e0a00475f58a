"""The next thing is made while the one before is used: reading and waiting for a database at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T", bound=Sized)


def made_ahead(make: Callable[[], T]) -> Iterator[T]:
    """What `make` gives, again and again, until it is empty; one ahead, by a thread.

    `make` never runs twice at once, does not know the caller's language, and must leave the database alone,
    as a thread has a connection of its own. What it raises is raised here, in its turn.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(make)
        while made := coming.result():
            coming = thread.submit(make)
            yield made
