"""Files that come in: streamed to the data folder, refused when too large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.kit.ids import uuid7
from clientela.platform.attachments import scanning
from clientela.platform.audit import security
from clientela.platform.transfer import services
from clientela.platform.transfer.models import ImportJob
from clientela.records.errors import Invalid, RecordError
from clientela.records.spec import Spec

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
    path = services.folder() / str(uuid7())
    with path.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return path


def open_upload(spec: Spec, upload: UploadedFile[Any] | None, *, actor: Actor, address: str) -> ImportJob:
    """A new import of a file that was sent. Raises Invalid, Refused; then nothing of it stays, and what was
    wrong with the file is among the security events."""
    path = keep(upload)
    name = str(getattr(upload, "name", "") or path.name)
    try:
        scanning.require_clean(path)
        return services.open_job(spec, path, actor=actor, file_name=name, own_file=True, address=address)
    except RecordError as error:
        path.unlink(missing_ok=True)
        user = User.objects.filter(pk=actor.user_id or 0).first()
        detail = f"import {spec.key} {name}: {error.message}"
        security.record_event("file_refused", user=user, address=address, detail=detail)
        raise
