"""How notes show, in the API and wherever records do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clientela import records as r
from clientela.platform.timeline import services
from clientela.platform.timeline.models import Note

LINKS = r.Lines("links", _("About"), ("record", "record_id"), required=("record",))


@r.register
class NoteRecord(r.Record[Note]):
    """How notes show; whoever sees the record sees its notes."""

    model = Note
    title = "body"
    icon = "sticky-note"
    columns = ("body", "created_by", "created_at", "pinned")
    default_sort = ("-created_at",)
    search = r.Search(body=1)
    filters = ("created_by", "created_at", "pinned")
    inline = ("body", "pinned")
    quick = ("body",)
    sections = (r.Section(_("Note"), ("body", "pinned", "created_by", "created_at")),)
    lines = (LINKS,)
    prepare = services.prepare_note
    visible = services.visible_notes
    access = r.Access(owner="created_by")
    timeline = False
