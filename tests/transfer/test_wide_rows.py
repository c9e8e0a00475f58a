"""A batch of an import has a limit in bytes beside that in rows, so that wide rows fit in memory too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from clientela.access.actor import actor_of
from clientela.domain.parties.models import Account
from clientela.kit.tables import Cell
from clientela.platform.transfer import reading, services
from clientela.platform.transfer.rows import Row
from clientela.records import registry
from tests.cast import Cast

WIDE = 30_000


def numbered(*rows: list[Cell]) -> list[tuple[int, list[Cell]]]:
    return list(enumerate(rows, 2))


def test_a_portion_ends_with_the_row_that_fills_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(reading, "MOST_BYTES", 1000)
    rows = iter(numbered(["a" * 600], ["b" * 600], ["c" * 2000], ["d"], ["e"], ["f"]))
    # when
    portions = [reading.portion(rows, 2) for _time in range(5)]
    # then
    assert [[number for number, _cells in portion] for portion in portions] == [[2, 3], [4], [5, 6], [7], []]


def test_many_columns_count_though_they_are_empty_or_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 50_000)
    wide: list[Cell] = [1, ""] * 250
    rows = iter(numbered(wide, wide, wide, wide, wide))

    assert [len(reading.portion(rows, 5000)) for _time in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db
def test_a_file_of_wide_rows_is_written_in_small_batches(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given
    monkeypatch.setattr(reading, "MOST_BYTES", 3 * WIDE)
    sizes: list[int] = []
    write = services._write_batch

    def noted(work: services.Run, rows: Sequence[Row]) -> None:
        sizes.append(len(rows))
        write(work, rows)

    monkeypatch.setattr(services, "_write_batch", noted)
    file = tmp_path / "accounts.csv"
    file.write_text("Name,Description\n" + "".join(f"Acme {row},{'á' * WIDE}\n" for row in range(8)))
    # when
    job = services.run_file(registry.get("account"), file, actor=actor_of(cast.admin))
    # then
    assert sizes == [3, 3, 2]
    assert (job.rows_total, job.created, job.rejected) == (8, 8, 0)
    assert {len(text) for text in Account.objects.values_list("description", flat=True)} == {WIDE}
