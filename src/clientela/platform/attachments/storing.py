"""The folder of files: bytes under random names that no person chose."""

from __future__ import annotations

import secrets
from hashlib import file_digest
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from clientela.platform.attachments import content, pictures, scanning
from clientela.platform.attachments.models import StoredFile

MEGABYTE = 1 << 20


def path_of(token: str) -> Path:
    """Where the bytes of a token are."""
    return Path(settings.MEDIA_ROOT) / token[:2] / token


def thumbnail_of(token: str) -> Path:
    """Where its small picture is, if it has one."""
    return path_of(token).with_name(f"{token}.small")


def keep(upload: UploadedFile[bytes], name: str) -> StoredFile:
    """Take the bytes in, checked and, of pictures, drawn anew. Raises Invalid; then nothing stays."""
    token = secrets.token_urlsafe(32)
    target = path_of(token)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    raw = target.with_name(f"{token}.part")
    try:
        _write(upload, raw)
        scanning.require_clean(raw)
        return _take_in(raw, token, name)
    except BaseException:
        forget(token)
        raise
    finally:
        raw.unlink(missing_ok=True)


def _write(upload: UploadedFile[bytes], raw: Path) -> None:
    """Never more than the limit, whatever the sender said of its size."""
    written = 0
    with raw.open("wb") as file:
        raw.chmod(0o600)
        for chunk in upload.chunks():
            written += len(chunk)
            if written > settings.FILE_LIMIT:
                text = _("The file is too large: up to %(limit)s MB can be kept.")
                raise content.refused(text % {"limit": settings.FILE_LIMIT // MEGABYTE})
            file.write(chunk)


def _take_in(raw: Path, token: str, name: str) -> StoredFile:
    found, target = content.determine(raw, name), path_of(token)
    if found.is_picture:
        pictures.redraw(raw, target, found.content_type)
        pictures.thumbnail(target, thumbnail_of(token), found.content_type)
        target.chmod(0o600)
        thumbnail_of(token).chmod(0o600)
    else:
        raw.replace(target)
    with target.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return StoredFile.objects.create(
        token=token,
        sha256=digest,
        size=target.stat().st_size,
        content_type=found.content_type,
        has_thumbnail=found.is_picture,
    )


def forget(token: str) -> None:
    """Delete the bytes of a token; there may be none."""
    path_of(token).unlink(missing_ok=True)
    thumbnail_of(token).unlink(missing_ok=True)
