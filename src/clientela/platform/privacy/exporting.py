"""A zip with all that is held about a person: as JSON for programs, as a page for people, with the files."""

from __future__ import annotations

import json
import tempfile
import zipfile
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.attachments import storing
from clientela.platform.audit import security
from clientela.platform.privacy import holdings, persons
from clientela.platform.privacy.holdings import Held
from clientela.records import display, values
from clientela.records.changes import Operation
from clientela.records.display import Reader
from clientela.records.errors import NotFound, Refused
from clientela.records.spec import Spec

Plain = dict[str, Any]


def export(spec: Spec, record_id: int, *, operation: Operation) -> IO[bytes]:
    """The zip, open at its beginning; nothing of it is kept. Noted as a security event. Raises Refused and
    NotFound."""
    actor = operation.actor
    if not persons.may(actor, persons.EXPORT, spec):
        raise Refused(_("Only administrators may do this."))
    held = holdings.of(spec, record_id)
    if held.instance is None:
        raise NotFound(_("There is no such record, or you may not see it."))
    told = as_json(held, display.reader_for(actor, full=True))
    target = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        archive.writestr("data.html", render_to_string("privacy/export.html", {"told": told}))
        for file in held.files:
            place = storing.path_of(file.stored)
            if place.is_file():
                archive.write(place, f"files/{file.pk}-{file.name}")
    user = User.objects.filter(pk=actor.user_id or 0).first()
    detail = f"{spec.key}:{record_id}"
    security.record_event(
        "personal_data_exported", user=user, address=operation.source.address, detail=detail
    )
    target.seek(0)
    return target


def as_json(held: Held, reader: Reader) -> Plain:
    """What is held, in a structured and commonly used form (article 20)."""
    spec = held.spec
    return {
        "kind": str(spec.label),
        "record": f"{spec.key}:{held.record_id}",
        "title": held.title,
        "exported_at": timezone.now(),
        "fields": _fields(spec, held.instance, reader),
        "notes": [
            {"id": note.pk, "at": note.created_at, "by": _name(note.created_by), "text": note.body}
            for note in held.notes
        ],
        "files": [
            {"id": file.pk, "at": file.created_at, "name": file.name, "size": file.size}
            for file in held.files
        ],
        "changes": [
            {
                "at": change.at,
                "by": _name(change.actor),
                "verb": change.verb,
                "before": change.before,
                "after": change.after,
            }
            for change in held.changes
        ],
        "linked": [
            {"kind": str(other.label), "record": f"{other.key}:{number}", "title": title}
            for other, number, title in held.linked
            if reader.actor.limits is None or reader.actor.limits.allow("see", other.key)
        ],
    }


def _fields(spec: Spec, instance: Any, reader: Reader) -> dict[str, Plain]:
    kept = values.kept_fields(spec)
    snapshot = values.snapshot(spec, instance)
    plain = [ref for ref in kept.values() if not ref.many]
    shown = display.of_record(spec, instance.pk, plain, reader)
    return {
        name: {
            "label": str(ref.label),
            "value": snapshot[name],
            "text": shown[name].text if name in shown else _lines_text(snapshot[name]),
        }
        for name, ref in kept.items()
        if snapshot[name] not in (None, "", [])
    }


def _lines_text(value: Any) -> str:
    """Lines as words: the values of each, without the ids."""
    if not isinstance(value, list):
        return str(value)
    rows = (each.items() for each in value if isinstance(each, dict))
    return "; ".join(
        ", ".join(str(held) for name, held in row if name != "id" and held not in (None, "", False, True))
        for row in rows
    )


def _name(user: User | None) -> str:
    return user.name if user is not None else "Clientela"
