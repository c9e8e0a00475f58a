"""Names of files that people, programs and attackers give."""

from __future__ import annotations

import pytest

from clientela.platform.attachments.names import LONGEST, clean_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Contrato marco 2024–2027.pdf", "Contrato marco 2024–2027.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\offer.docx", "offer.docx"),
        ("/etc/cron.d/job", "job"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie_ x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
        ("  .. ", "file"),
        ("", "file"),
        ("CON.txt", "_CON.txt"),
        ("e\u0301ste.txt", "éste.txt"),
        ('"quoted".csv', "_quoted_.csv"),
    ],
)
def test_a_name_is_cleaned(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    cleaned = clean_name("ñ" * 400 + ".pdf")
    assert cleaned == "ñ" * (LONGEST - 4) + ".pdf"
    assert len(clean_name("x" * 400)) == LONGEST
