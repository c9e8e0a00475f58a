"""Files as people send them, good and bad, made in memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.attachments import services
from clientela.platform.attachments.models import Attachment
from clientela.records import registry
from clientela.records.changes import PAGE, Operation
from tests.answers import Answer
from tests.contract import samples

PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="4" height="4"/></svg>'
SVG_WITH_SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    """A plain picture of this format."""
    target = io.BytesIO()
    Image.new("RGB", size, (20, 120, 200)).save(target, kind, **more)
    return target.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size (PNG, ISO/IEC 15948 section 11.2.2)."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def archive(**entries: bytes) -> bytes:
    """A zip of these entries; "__" in a name stands for a folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name.replace("__", "/"), data)
    return target.getvalue()


@cache
def bomb() -> bytes:
    """60 MB of zeros in some sixty kilobytes."""
    return archive(word__document=b"", zeros=bytes(60 << 20))


def account(owner: User) -> Any:
    """An account that `owner` looks after."""
    return samples.make(registry.get("account"), owner)


def attached(owner: User, record: Any, name: str = "offer.pdf", data: bytes = PDF) -> Attachment:
    """A file that `owner` hung on an account."""
    operation = Operation(actor_of(owner), PAGE)
    return services.attach(
        registry.get("account"), record, SimpleUploadedFile(name, data), operation=operation
    )


def send(client: Client, record: Any, *files: tuple[str, bytes]) -> Answer:
    """Files sent by the panel of an account's page."""
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(reverse("files_upload", args=["accounts", record.pk]), {"file": sent})
