"""Small files of the tests' own."""

from __future__ import annotations

import zipfile
from pathlib import Path

ACCOUNTS = """\ufeffId,Name,ParentId,Phone,Fax,BillingStreet,BillingCity,BillingCountry,Industry,OwnerId,Photo
001A,Talleres Núñez,001B,976550182,976550183,Calle Mayor 1,Zaragoza,Spain,Machinery,005X,/photo/1
001B,Grupo Núñez,,null,,,,,Machinery,005X,/photo/2
001C,"Áridos, S.L.",,-,,Plaza 3,Huesca,España,Quarries,005X,/photo/3
"""
DEALS = """Id,AccountId,Name,StageName,Amount,Probability,CloseDate,IsWon
006A,001A,Excavadora,Qualification,1124741.15,10,2024-11-10,
006B,001C,Alquiler,Closed Won,2500,100,2023-06-17,1
006C,001B,Grúa,Closed Lost,,0,2023-06-18,
"""


def write(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def write_ods(folder: Path, rows: list[list[str]]) -> Path:
    """An OpenDocument sheet as an office program writes it, only smaller."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2">'
        "<office:body>"
        f'<office:spreadsheet><table:table table:name="Sheet1">{cells}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    path = folder / "file.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path
