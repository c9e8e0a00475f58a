"""What tests of imports begin with."""

from __future__ import annotations

import pytest
from django.utils import translation

from clientela.access.actor import actor_of
from clientela.platform.transfer import services
from tests.transfer import files


@pytest.fixture
def english():
    """Messages are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def load(cast, tmp_path, settings):
    """Imports a text in somebody's name, the administrator's by default: `load(spec, text, options=...)`."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def run(spec, text, *, user=None, encoding="utf-8", **more):
        path = files.write(tmp_path, text, encoding=encoding)
        return services.run_file(spec, path, actor=actor_of(user or cast.admin), **more)

    return run
