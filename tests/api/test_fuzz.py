"""The API under calls invented from its own description: it never breaks and tells no secret.

A short run here; `make fuzz` sends more than ten thousand calls.
`CLIENTELA_TEST_FUZZ_CALLS` says how many, `CLIENTELA_TEST_FUZZ_SEED` which.
"""

from __future__ import annotations

import logging
import os

import pytest

from tests.api import fuzzing
from tests.cast import Cast

CALLS = int(os.environ.get("CLIENTELA_TEST_FUZZ_CALLS", "600"))
SEED = int(os.environ.get("CLIENTELA_TEST_FUZZ_SEED", "20261123"))


def test_no_call_breaks_it_and_none_learns_a_secret(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    everybody, found = fuzzing.fuzz(cast, CALLS, SEED)
    print(f"\n{found.calls} calls, {len(found.failures)} failures")
    for caller in everybody:
        print(f"  {caller.name}: {dict(sorted(caller.statuses.items()))}")
    assert found.failures == []
    assert found.calls >= CALLS * 0.5
    for caller in everybody if CALLS > 5_000 else ():
        assert any(status < 300 or status == 422 for status in caller.statuses), caller.name
