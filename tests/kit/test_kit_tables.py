"""Tabular files as they come: encodings, delimiters, quoting, headers, types, limits."""

import json
import os
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.kit.tables import (
    Table,
    TableError,
    open_table,
)
from clientela.kit.tables.headers import column_letter


def text_table(tmp_path: Path, text: str, encoding: str = "utf-8", mark: bytes = b"") -> Table:
    return open_table(written(tmp_path, mark + text.encode(encoding)))


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "table.bin"
    path.write_bytes(content)
    return path


def refused(tmp_path: Path, content: bytes, **options: Any) -> TableError:
    return refusal_of(written(tmp_path, content), **options)


def refusal_of(path: Path, **options: Any) -> TableError:
    with pytest.raises(TableError) as refusal:
        open_table(path, **options)
    return refusal.value


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("cp1252", b"", "cp1252"),
        ("cp850", b"", "cp850"),
        ("mac_roman", b"", "mac_roman"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, mark: bytes, found: str) -> None:
    table = text_table(
        tmp_path, "Código;Cliente\n1;Ñandú, álbum, Núñez\n2;Peñalosa e hijos\n", encoding, mark
    )
    assert table.encoding == found
    assert table.columns == ["Código", "Cliente"]
    assert list(table.rows()) == [["1", "Ñandú, álbum, Núñez"], ["2", "Peñalosa e hijos"]]


def test_an_accent_in_the_last_row_still_tells_the_encoding(tmp_path: Path) -> None:
    content = b"id,name\n" + b"1,plain\n" * 300_000 + "2,Peñón\n".encode("cp1252")
    table = open_table(written(tmp_path, content))
    assert table.encoding == "cp1252"
    assert list(table.rows())[-1] == ["2", "Peñón"]


def test_the_encoding_and_delimiter_may_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a^b\né^2\n".encode("cp1252"))
    table = open_table(path, encoding="latin1", delimiter="^")
    assert (table.columns, list(table.rows())) == (["a", "b"], [["é", "2"]])
    for encoding, code in (("utf-8", "bad_encoding"), ("klingon", "unknown_encoding")):
        with pytest.raises(TableError) as refusal:
            open_table(path, encoding=encoding)
        assert refusal.value.code == code
    assert str(refusal_of(path, encoding="utf-8")) == "Row 2 cannot be read as utf-8-sig."


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ("a,b,c\n1,2,3\n", ",", [["1", "2", "3"]]),
        ("a;b\n1,5;2,5\n3,5;4\n", ";", [["1,5", "2,5"], ["3,5", "4"]]),
        ("a\tb\n1, 2\tx\n", "\t", [["1, 2", "x"]]),
        ("a|b\n1|2\n", "|", [["1", "2"]]),
        ("sep=|\na|b\n1|2\n", "|", [["1", "2"]]),
        ("email\nana@example.com\nluis@example.com\n", ",", [["ana@example.com"], ["luis@example.com"]]),
        ('a;b\n"x, y; z\nnew, line";1\n', ";", [["x, y; z\nnew, line", "1"]]),
        ("a,b\r1,2\r3,4\r", ",", [["1", "2"], ["3", "4"]]),
        ("a,b\r\n1,2\r\n", ",", [["1", "2"]]),
        ('a,b\n1,"ha ""ha"" ha"\n', ",", [["1", 'ha "ha" ha']]),
        ('a,b,c\n1,"",""\n2,3,4', ",", [["1", "", ""], ["2", "3", "4"]]),
        ('key,val\n1,"{""type"": ""Point""}"\n', ",", [["1", '{"type": "Point"}']]),
        ('a,b\n"Once upon\r\na time",5\n', ",", [["Once upon\r\na time", "5"]]),
        ("a,b,c\n1\n2,3\n", ",", [["1", "", ""], ["2", "3", ""]]),
        ("a,b\n1,2\n\n,\n3,4\n", ",", [["1", "2"], ["3", "4"]]),
        ('size,note\n5" pipe,x\n6,y\n', ",", [['5" pipe', "x"], ["6", "y"]]),
    ],
)
def test_cells_are_cut_where_they_should(
    tmp_path: Path, text: str, delimiter: str, rows: list[list[str]]
) -> None:
    table = text_table(tmp_path, text)
    assert table.delimiter == delimiter
    assert list(table.rows()) == rows


def test_row_numbers_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    table = text_table(tmp_path, 'a,b\n"x\ny",2\n\n3,4\n')
    assert list(table.numbered_rows()) == [(2, ["x\ny", "2"]), (4, ["3", "4"])]


def test_an_unquoted_comma_in_a_name_is_mended_when_only_one_reading_fits(tmp_path: Path) -> None:
    table = text_table(tmp_path, "key,code,name\n1,1,Sanchez, Nancy\n2,2,Ruiz, Margaret\n3,3,4,5\n")
    assert table.columns == ["key", "code", "name"]
    assert list(table.rows()) == [
        ["1", "1", "Sanchez, Nancy"],
        ["2", "2", "Ruiz, Margaret"],
        ["3", "3", "4", "5"],
    ]


def test_columns_get_names_of_their_own(tmp_path: Path) -> None:
    table = text_table(tmp_path, "Phone,,Phone,Phone (2), Two\twords \n1,2,3,4,5\n")
    assert table.columns == ["Phone", "B", "Phone (3)", "Phone (2)", "Two words"]
    assert [column_letter(position) for position in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_titles_above_the_table_are_left_out_and_said(tmp_path: Path) -> None:
    table = text_table(
        tmp_path, "Listado de clientes;;;\n;;;\nNombre;NIF;Zona;País\nAna;1;Norte;ES\nLuis;2;Sur;ES\n"
    )
    assert (table.columns, table.header_row, table.skipped_rows) == (
        ["Nombre", "NIF", "Zona", "País"],
        3,
        (1,),
    )
    assert list(table.numbered_rows()) == [(4, ["Ana", "1", "Norte", "ES"]), (5, ["Luis", "2", "Sur", "ES"])]


def test_group_headings_tell_equal_names_apart(tmp_path: Path) -> None:
    table = text_table(
        tmp_path, "Empresa,,Contacto,,\nNombre,NIF,Nombre,Correo,Tel\nJalón,B1,Ana,a@b.es,976\n"
    )
    assert table.columns == ["Empresa Nombre", "NIF", "Contacto Nombre", "Correo", "Tel"]
    assert (table.header_row, table.skipped_rows) == (2, (1,))
    assert list(table.rows()) == [["Jalón", "B1", "Ana", "a@b.es", "976"]]


def test_a_second_header_row_is_left_out_and_said(tmp_path: Path) -> None:
    table = text_table(
        tmp_path,
        "Name,Amount,Close\nNombre,Importe,Cierre\nA,1,2026-01-02\nB,2,2026-01-03\nC,3,2026-01-04\nD,N/A,-\n",
    )
    assert (table.columns, table.header_row, table.skipped_rows) == (["Name", "Amount", "Close"], 1, (2,))
    assert [row[0] for row in table.rows()] == ["A", "B", "C", "D"]


def test_a_first_row_of_words_is_no_second_header(tmp_path: Path) -> None:
    table = text_table(tmp_path, "Nombre,Zona\nAna,Norte\nLuis,Sur\nEva,Este\n")
    assert table.skipped_rows == ()
    assert len(list(table.rows())) == 3


def test_the_header_row_may_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, b"x,y\nName,Zone\nAna,North\n")
    table = open_table(path, header_row=2)
    assert (table.columns, list(table.rows())) == (["Name", "Zone"], [["Ana", "North"]])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b",,\n,,\n", "empty"),
        (b"a,b,c\n", "no_rows"),
        (b"a,b,c\n,,\n", "no_rows"),
        (b"%PDF-1.7\n...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_table"),
        (b"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "not_a_table"),
        (b'{"items": [1, 2]}', "not_a_table"),
        (bytes(range(256)) * 8, "not_a_table"),
        (b"PK\x03\x04" + b"x" * 50, "damaged"),
        (b'a,b\n1,"open\n2,3\n4,5\n', "unclosed_quote"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content).code == code


def test_nuls_are_refused_with_their_row(tmp_path: Path) -> None:
    refusal = refused(tmp_path, b"a,b\n1,2\n3,\x004\n" + b"5,6\n" * 100)
    assert (refusal.code, refusal.params) == ("nul_bytes", {"row": 3})


def test_limits_are_said_in_the_refusal(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(500)).encode()
    refusal = refused(tmp_path, wide + b"\n" + wide + b"\n")
    assert (refusal.code, refusal.params) == ("too_many_columns", {"columns": 500, "limit": 300})
    refusal = refused(tmp_path, b"a,b\n1,2\n", max_text_bytes=5)
    assert (refusal.code, refusal.params) == ("too_large", {"size": 8, "limit": 5})
    assert str(refusal) == "The file has 8 bytes; up to 5 can be read."


def test_a_megabyte_in_a_cell_is_kept(tmp_path: Path) -> None:
    note = "é, ñ\n" * 250_000
    table = text_table(tmp_path, f'id,note\n1,"{note}"\n')
    assert list(table.rows()) == [["1", note]]


def workbook(path: Path, rows: list[list[object]], *, sheet: str = "Datos") -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Vacía")
        page = book.add_worksheet(sheet)
        style = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, position, value, style)
                elif value is not None:
                    page.write(number, position, value)


def test_a_spreadsheet_gives_its_types(tmp_path: Path) -> None:
    path = tmp_path / "no-extension"
    moment = datetime(2026, 3, 31, 17, 30)
    workbook(
        path, [["Nombre", "Importe", "Uds", "Alta", "Activo", "Nota"], ["Año", 12.35, 3, moment, True, None]]
    )
    table = open_table(path)
    assert (table.kind, table.sheets, table.sheet, table.encoding) == (
        "xlsx",
        ("Vacía", "Datos"),
        "Datos",
        None,
    )
    assert list(table.numbered_rows()) == [(2, ["Año", Decimal("12.35"), 3, moment, True, ""])]


def test_titles_and_gaps_of_a_spreadsheet_keep_their_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    workbook(
        path, [[], ["Informe de ventas"], [], ["Nombre", "Importe", "Zona"], ["A", 1, "N"], [], ["B", 2, "S"]]
    )
    table = open_table(path)
    assert (table.header_row, table.skipped_rows, table.columns) == (4, (2,), ["Nombre", "Importe", "Zona"])
    assert list(table.numbered_rows()) == [(5, ["A", 1, "N"]), (7, ["B", 2, "S"])]


def test_a_sheet_may_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    workbook(path, [["a", "b"], [1, 2]], sheet="Otra")
    assert list(open_table(path, sheet="Otra").rows()) == [[1, 2]]
    for sheet, code in (("Vacía", "empty"), ("Nada", "no_sheet")):
        with pytest.raises(TableError) as refusal:
            open_table(path, sheet=sheet)
        assert refusal.value.code == code


def ods(path: Path, body: str, manifest: str = "<manifest/>") -> None:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ' \
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" ' \
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
            f'<table:table table:name="Hoja1">{body}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )


def ods_row(*cells: str, repeated: int = 1) -> str:
    repeat = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-row{repeat}>{''.join(cells)}</table:table-row>"


def ods_text(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def ods_number(number: str) -> str:
    return f'<table:table-cell office:value-type="float" office:value="{number}"/>'


ODS_ROWS = ods_row(ods_text("Nombre"), ods_text("Importe")) + ods_row(ods_text("Ñu"), ods_number("2.5"))


def test_an_ods_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t"
    ods(path, ODS_ROWS)
    table = open_table(path)
    assert (table.kind, table.sheet, table.columns) == ("ods", "Hoja1", ["Nombre", "Importe"])
    assert list(table.rows()) == [["Ñu", Decimal("2.5")]]


def test_files_made_to_fill_the_memory_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.ods"
    ods(bomb, ODS_ROWS + ods_row(ods_number("1"), repeated=1_000_000))
    assert refusal_of(bomb).code == "too_many_cells"
    far = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(far)) as book:
        page = book.add_worksheet()
        page.write(0, 0, "a")
        page.write(1_048_575, 16_383, "z")
    assert refusal_of(far).code == "too_many_cells"
    near = tmp_path / "near.xlsx"
    workbook(near, [["a", "b"], [1, 2]])
    assert refusal_of(near, max_unpacked_bytes=1000).code == "too_large"
    assert refusal_of(near, max_spreadsheet_bytes=1000).code == "too_large"


def test_protected_and_broken_spreadsheets_are_refused(tmp_path: Path) -> None:
    protected = tmp_path / "p.ods"
    ods(protected, ODS_ROWS, "<manifest:encryption-data/>")
    assert refusal_of(protected).code == "encrypted"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refused(tmp_path, ole + "EncryptedPackage".encode("utf-16-le")).code == "encrypted"
    assert refused(tmp_path, ole + "Workbook".encode("utf-16-le")).code == "damaged"
    assert refused(tmp_path, ole).code == "not_a_table"
    whole = tmp_path / "w.xlsx"
    workbook(whole, [["a", "b"], [1, 2]])
    assert refused(tmp_path, whole.read_bytes()[:-200]).code == "damaged"
    document = tmp_path / "d.zip"
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(tmp_path, document.read_bytes()).code == "not_a_table"


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    path = written(tmp_path, b"id;name;zone\n" + b"1234;Some company name;North\n" * 200_000)
    table = open_table(path)
    tracemalloc.start()
    count = sum(1 for _ in table.rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 2_000_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=200), st.integers(0, 6000), st.sampled_from(["text", "wide", "xlsx"]))
def test_any_bytes_are_a_table_or_refused(tmp_path: Path, noise: bytes, place: int, kind: str) -> None:
    if not (tmp_path / "xlsx").exists():
        workbook(tmp_path / "xlsx", [["a", "b"], [1, 2]])
        (tmp_path / "text").write_bytes(b'a;b\n"x\ny";2\n' * 20)
        (tmp_path / "wide").write_bytes("a,b\nñ,é\n".encode("utf-16"))
    content = (tmp_path / kind).read_bytes()
    try:
        table = open_table(written(tmp_path, content[:place] + noise + content[place + len(noise) :]))
    except TableError:
        return
    assert all(len(row) >= len(table.columns) for row in table.rows())


def test_an_iteration_left_early_closes_the_file(tmp_path: Path) -> None:
    table = text_table(tmp_path, "a,b\n" + "1,2\n" * 50_000)
    before = len(os.listdir("/proc/self/fd"))
    rows = table.numbered_rows()
    assert next(rows) == (2, ["1", "2"])
    del rows
    assert len(os.listdir("/proc/self/fd")) == before


def test_errors_serialise_to_their_code_and_parameters(tmp_path: Path) -> None:
    refusal = refused(tmp_path, b"a,b\n")
    assert json.dumps({"code": refusal.code, "params": refusal.params}) == '{"code": "no_rows", "params": {}}'
