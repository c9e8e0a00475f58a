"""What the tests of the search share."""

from __future__ import annotations

import pytest

from clientela.access.actor import actor_of
from clientela.records.changes import SYSTEM, Operation


@pytest.fixture
def operation(cast) -> Operation:
    """An act of the administrator."""
    return Operation(actor_of(cast.admin), SYSTEM)
