"""The panel of files on a record's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clientela.access import policy
from clientela.kit.numbers import format_number
from clientela.platform.attachments import content, services
from clientela.platform.attachments.models import Attachment
from clientela.records import registry
from clientela.records.spec import Panel
from clientela.records.views.base import actor_from

SHOWN, MOST = 6, 500
TEMPLATE = "attachments/_files.html"
_ICONS = (
    ("image/", "image"),
    ("audio/", "music"),
    ("video/", "film"),
    ("text/", "file-text"),
    (content.PDF, "file-text"),
    (content.ZIP, "file-archive"),
    (content.UNKNOWN, "file"),
)
_UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as the panel shows it; `small`: address of its small picture, "" where it has none."""

    id: int
    name: str
    url: str
    small: str
    icon: str
    size: str
    who: str
    when: Any


def shown(file: Attachment, locale: str) -> Shown:
    """How a file is drawn."""
    picture = file.content_type in content.PICTURES
    return Shown(
        file.pk,
        file.name,
        reverse("file", args=[file.stored, file.name]),
        reverse("file_small", args=[file.stored]) if picture else "",
        icon_of(file.content_type),
        size_text(file.size, locale),
        file.created_by.name if file.created_by is not None else "",
        file.created_at,
    )


def icon_of(content_type: str) -> str:
    """The drawing for a kind of file."""
    return next((icon for start, icon in _ICONS if content_type.startswith(start)), "file-spreadsheet")


def size_text(size: int, locale: str) -> str:
    """Bytes as people read them: 210 kB, 1,1 MB."""
    for unit, word in _UNITS:
        if size >= unit:
            places = 1 if size < 10 * unit else 0
            return f"{format_number(size / unit, locale, places)} {word}"
    return f"{size} B"


def context_of(request: HttpRequest, instance: Any) -> dict[str, Any]:
    """What the panel is drawn with: one query."""
    spec = registry.of_model(type(instance))
    assert spec is not None
    actor = actor_from(request)
    sees = policy.may(actor, "see", registry.get(services.KEY))
    files = list(services.of_record(spec, instance.pk)[:MOST]) if sees else []
    limit = MOST if "all" in request.GET else SHOWN
    return {
        "spec": spec,
        "instance": instance,
        "files": [shown(file, actor.language) for file in files[:limit]],
        "count": len(files),
        "more": len(files) > limit,
        "sees": sees,
        "may_attach": services.may_attach(spec, instance, actor),
        "refusals": (),
    }


def with_refusals(context: dict[str, Any], refusals: Sequence[str]) -> dict[str, Any]:
    """The same panel, saying which files were not taken in and why."""
    return {**context, "refusals": refusals}


PANEL = Panel("files", _("Files"), TEMPLATE, context_of)
