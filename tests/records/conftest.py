"""What the tests of lists share; their builders are in `deals`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from clientela.domain.sales.models import Stage
from tests.records.deals import make_stages


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def stages(db: None) -> list[Stage]:
    return make_stages()
