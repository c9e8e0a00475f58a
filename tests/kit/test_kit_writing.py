"""Files written: safe to open, and the same when read back."""

import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.kit.tables import csv_chunks, open_table, write_csv, write_xlsx
from clientela.kit.tables.escaping import escaped, unescaped

# What a database text column holds: no NULs, no lone surrogates; nor U+FFFE and U+FFFF, which XML has not.
CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff"), max_size=30)
HOSTILE = st.builds(
    lambda start, rest: start + rest,
    st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", "''=", "'-", '"']),
    CELLS,
)
ROWS = st.lists(st.tuples(st.just("id"), CELLS | HOSTILE, CELLS | HOSTILE), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("'=1", "''=1"),
        ("-5,20", "-5,20"),
        ("-5", "-5"),
        ("+34976550182", "+34976550182"),
        ("+34 976 55", "'+34 976 55"),
        ("'quoted'", "'quoted'"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_formulas_are_disarmed_in_csv(text: str, cell: str) -> None:
    assert escaped(text) == cell
    assert unescaped(cell) == text


@given(CELLS | HOSTILE)
def test_escaping_is_undone_exactly(text: str) -> None:
    cell = escaped(text)
    assert unescaped(cell) == text
    assert cell[:1] not in {"=", "@", "\t", "\r", "\n"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(ROWS, st.sampled_from([";", ",", "\t"]), st.booleans())
def test_csv_written_reads_back_the_same(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str, bom: bool
) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        write_csv(file, ["Id", "Nombre", "=Nota"], rows, delimiter=delimiter, bom=bom)
    table = open_table(path, encoding="utf-8", delimiter=delimiter, header_row=1)
    assert list(table.rows()) == [list(row) for row in rows]
    assert table.columns == ["Id", "Nombre", "=Nota"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=40,
)
@given(ROWS)
def test_xlsx_written_reads_back_the_same(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "t.xlsx"
    assert write_xlsx(path, ["Id", "Nombre", "=Nota"], rows) == 0
    table = open_table(path, header_row=1)
    assert list(table.rows()) == [list(row) for row in rows]


def test_values_have_one_form_in_csv() -> None:
    moment = datetime(2026, 3, 31, 17, 30, tzinfo=timezone(timedelta(hours=2)))
    rows = [[None, True, Decimal("-1234.50"), 7, date(2026, 3, 31), moment, "a;b"]]
    content = b"".join(csv_chunks(list("abcdefg"), rows, decimal_mark=","))
    assert content.decode() == (
        '\ufeffa;b;c;d;e;f;g\r\n;true;-1234,50;7;2026-03-31;2026-03-31T17:30:00+02:00;"a;b"\r\n'
    )


def test_values_have_their_types_in_xlsx() -> None:
    stream = io.BytesIO()
    moment = datetime(2026, 3, 31, 17, 30, tzinfo=UTC)
    long_number = Decimal("12345678901234567.89")
    write_xlsx(
        stream, list("abcdef"), [["=1+1", Decimal("12.35"), True, date(2026, 3, 31), moment, long_number]]
    )
    path_rows = _read(stream)
    assert path_rows == [
        [
            "=1+1",
            Decimal("12.35"),
            True,
            date(2026, 3, 31),
            datetime(2026, 3, 31, 17, 30),
            "12345678901234567.89",
        ]
    ]


def _read(stream: io.BytesIO) -> list[list[object]]:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(stream.getvalue())
        file.flush()
        return [list(row) for row in open_table(file.name).rows()]


def test_a_text_beyond_what_excel_holds_is_cut_and_counted() -> None:
    stream = io.BytesIO()
    assert write_xlsx(stream, ["a", "b"], [["x" * 40_000, "y"]]) == 1
    assert _read(stream) == [["x" * 32_767, "y"]]


def test_csv_streams_in_pieces() -> None:
    chunks = list(csv_chunks(["a"], ([number] for number in range(1200))))
    assert len(chunks) == 3
    assert b"".join(chunks).count(b"\r\n") == 1201
