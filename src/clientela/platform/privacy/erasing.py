"""Erasing a person for good: the record stays as a number, what was personal goes, also from the history.

What a law asks to be kept (invoices, amounts, who did what when) stays: links, deals and totals do not
change. Nothing of it can be undone (GDPR article 17; docs/adr/0051-erasure.md).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.db import ProgrammingError, transaction
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.attachments import storing
from clientela.platform.attachments.models import StoredFile
from clientela.platform.audit import redacting, security
from clientela.platform.audit.models import Change
from clientela.platform.duplicates.models import Absorbed, Key, Merge, Pair
from clientela.platform.privacy import holdings, persons
from clientela.platform.privacy.holdings import Held
from clientela.platform.search import index
from clientela.records import kinds, registry, save, values, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

NOT_ALLOWED = "42501"
"""PostgreSQL, appendix A: insufficient privilege."""
OF_NOTES, OF_FILES = frozenset({"body"}), frozenset({"name", "stored"})


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went: `rows` of the history were written anew."""

    rows: int
    notes: int
    files: int


def confirmation(spec: Spec, instance: Any) -> str:
    """What has to be typed: the title of the record."""
    return save.title_of(spec, instance).strip()


def erase(
    spec: Spec,
    record_id: int,
    *,
    typed: str,
    notes: bool = True,
    files: bool = True,
    operation: Operation,
) -> Erased:
    """Erase a person, in one transaction. `typed`: the title, as a confirmation. `notes`, `files`: whether
    those about the person go too. Raises Refused, Invalid; then nothing is changed."""
    if not persons.may(operation.actor, persons.ERASE, spec):
        raise Refused(_("Only administrators may do this."))
    held = holdings.of(spec, holdings.subject(spec, record_id))
    if " ".join(typed.split()) != " ".join(confirmation(spec, held.instance).split()):
        raise Invalid({"confirm": [_("Type the name exactly as it stands above.")]})
    source = Source(redacting.SOURCE, operation.source.kind, operation.source.address)
    operation = replace(operation, source=source, label=_("Personal data erased"))
    try:
        with transaction.atomic():
            return _erase(held, notes=notes, files=files, operation=operation)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != NOT_ALLOWED:
            raise
        # The sealed role of PostgreSQL (docs/how-to/administer.md): only the owner of the tables can.
        text = _("The database lets only the owner of its tables erase: see the administrator’s guide.")
        raise Refused(text) from error


def _erase(held: Held, *, notes: bool, files: bool, operation: Operation) -> Erased:
    spec, person = held.spec, persons.of(held.spec)
    assert person is not None
    title = _("Erased %(what)s %(id)s") % {"what": str(spec.label).lower(), "id": held.instance.pk}
    _empty(spec, held.instance, {spec.title, *person.personal}, title, operation)
    gone_notes = [note.pk for note in held.notes] if notes else []
    gone_files = [(file.pk, file.stored) for file in held.files] if files else []
    if gone_notes:
        write.delete(registry.get("note"), held.notes, operation=operation, trusted=True)
    if gone_files:
        write.delete(registry.get("attachment"), held.files, operation=operation, trusted=True)
    signed = [
        *_redact(spec.key, held.ids, {spec.title, *person.personal}, title, operation),
        *_redact("note", gone_notes, OF_NOTES, "", operation),
        *_redact("attachment", [pk for pk, _token in gone_files], OF_FILES, "", operation),
    ]
    _forget_elsewhere(held, title)
    _forget_bytes([token for _pk, token in gone_files])
    _note(held, signed, operation)
    return Erased(len(signed), len(gone_notes), len(gone_files))


def _empty(spec: Spec, instance: Any, names: Collection[str], title: str, operation: Operation) -> None:
    """Every personal field emptied as it is, without the record's own adjustments."""
    kept = values.kept_fields(spec)
    given = {name: _nothing(kept[name]) for name in names if name in kept}
    given[spec.title] = title
    outcome = write.apply_many(spec, [(instance, given)], operation=operation, trusted=True, exact=True)
    if outcome.errors:
        raise Invalid(next(iter(outcome.errors.values())))


def _nothing(ref: FieldRef) -> Any:
    if ref.many or ref.kind is kinds.Links:
        return []
    return None if ref.field is not None and ref.field.null else ""


def _redact(
    key: str, ids: Collection[int], names: Collection[str], title: str, operation: Operation
) -> list[Any]:
    """The history of these records without the values of these fields. What the erasure itself wrote is
    nobody's: it stays, so that it shows what was emptied."""

    def without(change: Change) -> None:
        change.title = title
        change.before = {name: value for name, value in change.before.items() if name not in names}
        if change.operation != operation.id:
            change.label = ""
            change.after = {name: value for name, value in change.after.items() if name not in names}

    rows = Change.objects.filter(record=key, record_id__in=list(ids)).values_list("pk", flat=True)
    return redacting.redact(rows, without, operation.id)


def _forget_elsewhere(held: Held, title: str) -> None:
    """Names and keys that the search for duplicates and the search box keep beside the record."""
    key, ids = held.spec.key, list(held.ids)
    Key.objects.filter(record=key, record_id__in=ids).delete()
    Pair.objects.filter(record=key, first_id__in=ids).delete()
    Pair.objects.filter(record=key, second_id__in=ids).delete()
    Absorbed.objects.filter(record=key, record_id__in=ids).update(title=title)
    Merge.objects.filter(record=key, survivor_id__in=ids).update(title=title)
    index.refresh(held.spec, [held.instance.pk])


def _forget_bytes(tokens: list[str]) -> None:
    """At once where nothing else hangs on them, after the transaction: the disk knows no way back."""
    StoredFile.objects.filter(token__in=tokens).delete()

    def forget() -> None:
        for token in tokens:
            storing.forget(token)

    transaction.on_commit(forget)


def _note(held: Held, signed: list[Any], operation: Operation) -> None:
    """Who did it, and a digest over what was signed, in the other log, which is sealed too."""
    digest = sha256("".join(each.signature for each in signed).encode()).hexdigest()
    user = User.objects.filter(pk=operation.actor.user_id or 0).first()
    detail = f"{held.spec.key}:{held.instance.pk} rows={len(signed)} sha256={digest}"
    security.record_event("personal_data_erased", user=user, address=operation.source.address, detail=detail)
