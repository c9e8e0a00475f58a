"""What the contract tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Messages are compared in English, and a request's language does not outlive its test."""
    with translation.override("en"):
        yield
