"""Files that come in: streamed to the data folder, refused when too large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from clientela.kit.ids import uuid7
from clientela.platform.attachments import scanning
from clientela.platform.audit import security
from clientela.platform.transfer.services import folder
from clientela.records.errors import Invalid

MAX_BYTES = 128 << 20


def keep(upload: UploadedFile[Any] | None) -> Path:
    """The uploaded file in the data folder; raises Invalid where there is none or it is too large."""
    if upload is None:
        raise Invalid({"file": [_("Choose a file.")]})
    if (upload.size or 0) > MAX_BYTES:
        sizes = {"size": round((upload.size or 0) / (1 << 20)), "limit": MAX_BYTES >> 20}
        raise Invalid(
            {
                "file": [
                    _("The file has %(size)s MB; up to %(limit)s MB can be read. Split it in parts.") % sizes
                ]
            }
        )
    path = folder() / str(uuid7())
    with path.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    try:
        scanning.require_clean(path)
    except Invalid as error:
        path.unlink(missing_ok=True)
        security.record_event("file_refused", detail=f"import {upload.name}: {error.message}")
        raise
    return path
