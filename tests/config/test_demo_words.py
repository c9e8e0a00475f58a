"""The words of the demo company go together."""

from __future__ import annotations

from clientela.config.demo import words


def test_a_woman_is_called_what_a_woman_is_called() -> None:
    assert set(words.FIRST_NAMES) >= words.WOMEN
    assert {hers for _his, hers, _role in words.JOBS if hers.startswith(("Jefe", "Director "))} == set()
    assert {his for his, _hers, _role in words.JOBS if his.startswith(("Jefa", "Directora"))} == set()
