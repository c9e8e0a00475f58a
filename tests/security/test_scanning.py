"""The company's virus scanner is asked about each file that comes in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clientela.config.cli import doctor
from clientela.config.environment import ConfigurationError, words
from clientela.platform.attachments import scanning
from clientela.platform.attachments.models import Attachment, StoredFile
from clientela.platform.audit.models import SecurityEvent
from clientela.platform.transfer.models import ImportJob
from clientela.records import registry
from tests.contract import samples

pytestmark = pytest.mark.django_db
SCANNER = """
import pathlib, sys
content = pathlib.Path(sys.argv[-1]).read_bytes()
pathlib.Path(sys.argv[1]).write_bytes(content)
sys.exit(1 if b"EICAR" in content else 2 if b"BROKEN" in content else 0)
"""


@pytest.fixture(autouse=True)
def scanner(tmp_path: Path, settings) -> Path:
    """It takes EICAR for harmful and fails on BROKEN; returns where it notes what it was given."""
    (tmp_path / "scan er.py").write_text(SCANNER)
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.SCAN_COMMAND = [sys.executable, str(tmp_path / "scan er.py"), str(tmp_path / "seen")]
    return tmp_path / "seen"


def attach(client: Any, cast: Any, content: bytes) -> Any:
    account = samples.make(registry.get("account"), cast.owner)
    address = reverse("files_upload", args=["accounts", account.pk])
    return client.post(address, {"file": SimpleUploadedFile("$(touch x).txt", content)})


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_clean_file_comes_in(cast, signed_in, scanner: Path) -> None:
    assert attach(signed_in(cast.owner), cast, b"hello").status_code < 400
    assert Attachment.objects.count() == 1
    assert scanner.read_bytes() == b"hello"


@pytest.mark.parametrize(("content", "word"), [(b"an EICAR test", "harmful"), (b"BROKEN", "does not answer")])
def test_what_is_harmful_or_unknown_stays_out(content: bytes, word: str, cast, signed_in, settings) -> None:
    # when
    answer = attach(signed_in(cast.owner), cast, content)
    # then
    assert answer.status_code == 422
    assert (Attachment.objects.count(), StoredFile.objects.count(), kept(settings.MEDIA_ROOT)) == (0, 0, [])
    assert word in SecurityEvent.objects.get(kind="file_refused").detail


def test_an_import_is_looked_at_too(cast, signed_in, settings) -> None:
    client = signed_in(cast.admin)
    file = SimpleUploadedFile("leads.csv", b"Nombre;Nota\r\nAna;EICAR\r\n")
    answer = client.post(reverse("transfer_import", args=["leads"]), {"file": file})
    assert b"harmful" in answer.content
    assert (ImportJob.objects.count(), kept(settings.MEDIA_ROOT)) == (0, [])
    assert "leads.csv" in SecurityEvent.objects.get(kind="file_refused").detail


def test_a_scanner_that_is_not_there_or_sleeps_lets_nothing_in(
    cast, signed_in, settings, monkeypatch
) -> None:
    settings.SCAN_COMMAND = ["/nowhere/scanner"]
    assert attach(signed_in(cast.owner), cast, b"hello").status_code == 422
    monkeypatch.setattr(scanning, "PATIENCE", 0.2)
    settings.SCAN_COMMAND = [sys.executable, "-c", "import time; time.sleep(5)"]
    assert attach(signed_in(cast.owner), cast, b"hello").status_code == 422
    assert Attachment.objects.count() == 0


def test_without_a_command_nothing_is_asked(cast, signed_in, settings, scanner: Path) -> None:
    settings.SCAN_COMMAND = []
    assert attach(signed_in(cast.owner), cast, b"hello").status_code < 400
    assert not scanner.exists()


def test_the_doctor_looks_for_it(settings) -> None:
    assert [found.mend for found in doctor.connections()][2:] == [""]
    settings.SCAN_COMMAND = ["no-such-scanner", "--quick"]
    (found,) = list(doctor.connections())[2:]
    assert "no-such-scanner" in found.mend
    assert not found.advice


def test_the_command_is_words_as_in_a_shell(monkeypatch) -> None:
    monkeypatch.setenv("CLIENTELA_SCAN_COMMAND", "clamdscan --fdpass 'a b'")
    assert words("CLIENTELA_SCAN_COMMAND") == ["clamdscan", "--fdpass", "a b"]
    monkeypatch.setenv("CLIENTELA_SCAN_COMMAND", "clamdscan 'a")
    with pytest.raises(ConfigurationError, match="CLIENTELA_SCAN_COMMAND"):
        words("CLIENTELA_SCAN_COMMAND")
