"""Words are compared in English; files lie in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings):
    """The folder of files, empty at first."""
    settings.MEDIA_ROOT = tmp_path / "files"
    with translation.override("en"):
        yield tmp_path / "files"
