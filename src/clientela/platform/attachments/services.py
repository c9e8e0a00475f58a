"""Hanging files on records, giving them other names and taking them away; who may see them and do it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.attachments import storing
from clientela.platform.attachments.models import Attachment, LastPlace
from clientela.platform.attachments.names import clean_name, ending_of
from clientela.platform.audit import security
from clientela.records import query, registry, write
from clientela.records.changes import Change, Operation
from clientela.records.draft import Draft
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec

KEY = "attachment"


def of_record(spec: Spec, record_id: int) -> Any:
    """The files of a record that the caller found through `query.visible`, newest first."""
    rows = Attachment.objects.filter(record=spec.key, record_id=record_id)
    return rows.select_related("created_by").order_by("-id")


def attach(spec: Spec, instance: Any, upload: UploadedFile[bytes], *, operation: Operation) -> Attachment:
    """Hang an uploaded file on a record. Raises Refused, and Invalid for a file that may not come in."""
    require(spec, instance, operation.actor)
    name = clean_name(upload.name or "")
    try:
        stored = storing.keep(upload, name)
    except Invalid as error:
        _note_refusal(spec, instance, name, error, operation)
        raise
    values = {
        "name": name,
        "record": spec.key,
        "record_id": instance.pk,
        "content_type": stored.content_type,
        "size": stored.size,
        "stored": stored.token,
    }
    made: Attachment = write.create(registry.get(KEY), values, operation=operation, trusted=True)
    return made


def rename(file: Attachment, name: str, *, operation: Operation) -> Attachment:
    """Another name; its ending stays what the content is. Raises Refused, Invalid."""
    changed: Attachment = write.change(registry.get(KEY), file, {"name": name}, operation=operation)
    return changed


def remove(file: Attachment, *, operation: Operation) -> Sequence[Change]:
    """Take a file away; its bytes stay for as long as it can come back. Raises Refused."""
    return write.delete(registry.get(KEY), [file], operation=operation)


def may_attach(spec: Spec, instance: Any, actor: Actor) -> bool:
    """Whether `actor` may hang files on this record: whoever may change it, closed or not."""
    return (
        spec.timeline
        and policy.may(actor, "create", registry.get(KEY))
        and policy.can(actor, "change", spec, instance)
    )


def require(spec: Spec, instance: Any, actor: Actor) -> None:
    """Raise Refused unless `actor` may hang files on this record."""
    if not may_attach(spec, instance, actor):
        raise Refused(_("You may not do this. Ask whoever looks after this record."))


def subject_of(file: Attachment, actor: Actor) -> tuple[Spec, Any]:
    """The record that a file hangs on, if `actor` sees it. Raises NotFound."""
    spec = registry.find(file.record)
    if spec is None or not policy.may(actor, "see", spec):
        raise NotFound(_("There is no such record, or you may not see it."))
    return spec, query.get(spec, file.record_id, actor)


def visible_files(actor: Actor, verb: str) -> Q:
    """Files of the records that the actor sees; changed and deleted by whoever may change the record."""
    own = "see" if verb in ("see", "export") else "change"
    kinds = [spec for spec in registry.every() if spec.timeline and policy.may(actor, own, spec)]
    found = (Q(record=spec.key, record_id__in=query.visible(spec, actor, own).values("pk")) for spec in kinds)
    return reduce(or_, found, Q(pk__in=[]))


def prepare_file(draft: Draft) -> None:
    """A file comes with its bytes, and its name is one that a file may have."""
    if draft.created and not draft.instance.stored:
        draft.refuse("name", _("Send the file itself, on the page of its record."))
    if "name" in draft.changed:
        draft.instance.name = _with_ending(draft.instance.name, str(draft.before.get("name") or ""))


def _with_ending(name: str, before: str) -> str:
    """The name cleaned; a file that has an ending keeps it, since its content stays what it is."""
    cleaned, ending = clean_name(name), ending_of(before)
    if not ending or ending_of(cleaned) == ending:
        return cleaned
    return clean_name(f"{cleaned}.{ending}")


def follow(operation: Operation, made: Sequence[Change]) -> None:
    """By whatever way it came: nobody touches the files of a record that he may not change."""
    _note_places(made)
    if operation.actor.is_admin:
        return
    for subject in {(change.instance.record, change.instance.record_id) for change in made}:
        spec = registry.find(subject[0])
        rows = query.visible(spec, operation.actor, "change").filter(pk=subject[1]) if spec else None
        if rows is None or not rows.exists():
            raise Refused(_("You may not do this. Ask whoever looks after this record."))


def _note_places(made: Sequence[Change]) -> None:
    hung = [change for change in made if change.after.get("record_id")]
    LastPlace.objects.bulk_create(
        [
            LastPlace(
                file_id=change.record_id,
                record=change.instance.record,
                record_id=change.instance.record_id,
            )
            for change in hung
        ],
        update_conflicts=True,
        unique_fields=["file_id"],
        update_fields=["record", "record_id"],
    )


def _note_refusal(spec: Spec, instance: Any, name: str, error: Invalid, operation: Operation) -> None:
    detail = f"{spec.key}:{instance.pk} {name}: {error.message}"
    logging.getLogger(__name__).warning("file refused: %s", detail)
    user = User.objects.filter(pk=operation.actor.user_id or 0).first()
    security.record_event("file_refused", user=user, address=operation.source.address, detail=detail)
