"""How files show, in the API and wherever records do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clientela import records as r
from clientela.platform.attachments import services
from clientela.platform.attachments.models import Attachment

FIXED = ("record", "record_id", "content_type", "size", "stored")


@r.register
class AttachmentRecord(r.Record[Attachment]):
    """How files show; whoever sees the record sees its files, whoever changes it changes them."""

    model = Attachment
    title = "name"
    icon = "paperclip"
    columns = ("name", "record", "record_id", "content_type", "size", "created_by", "created_at")
    default_sort = ("-created_at",)
    filters = ("record", "created_by", "created_at")
    inline = ("name",)
    quick = ("name",)
    read_only = FIXED
    exclude = ("external_id",)
    sections = (r.Section(_("File"), ("name", *FIXED, "created_by", "created_at")),)
    prepare = services.prepare_file
    visible = services.visible_files
    written = services.follow
    timeline = False
