"""What the tests of the history share."""

from __future__ import annotations

import pytest

from clientela.records import write
from tests.audit.acting import ACCOUNT, act


@pytest.fixture
def account(cast):
    given = {"name": "Áridos", "city": "Ricla", "owner": cast.owner.pk}
    return write.create(ACCOUNT, given, operation=act(cast.owner))
