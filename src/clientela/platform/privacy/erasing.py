"""Erasing a person for good: the record stays as a number, what was personal goes, also from the history.

What a law asks to be kept (invoices, amounts, who did what when) stays: links, deals and totals do not
change. Nothing of it can be undone (GDPR article 17; docs/adr/0051-erasure.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.db import ProgrammingError, transaction
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.attachments import storing
from clientela.platform.attachments.models import Attachment, StoredFile
from clientela.platform.audit import redacting, rewriting, security
from clientela.platform.audit.models import Change, Redaction
from clientela.platform.privacy import erasures, forgetting, holdings, importfiles, persons, remains
from clientela.platform.privacy.forgetting import FILE, NOTE, Ids, Rule
from clientela.platform.privacy.holdings import Held
from clientela.platform.timeline.models import Note
from clientela.records import kinds, registry, values, write
from clientela.records.changes import Operation, Source
from clientela.records.errors import Invalid, Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

NOT_ALLOWED = "42501"
"""PostgreSQL, appendix A: insufficient privilege."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went: `rows` of the history were written anew."""

    rows: int
    notes: int
    files: int


def erase(
    spec: Spec,
    record_id: int,
    *,
    typed: str,
    notes: bool = True,
    files: bool = True,
    operation: Operation,
) -> Erased:
    """Erase a person, in one transaction; also one whose record is in the bin.

    `typed`: the title, as a confirmation. `notes`, `files`: whether those about the person go too; what was
    deleted before goes in any case. Raises NotFound, Refused, Invalid; then nothing is changed.
    """
    if not persons.may(operation.actor, persons.ERASE, spec):
        raise Refused(_("Only administrators may do this."))
    held = holdings.of(spec, record_id)
    if " ".join(typed.split()) != " ".join(held.title.split()):
        raise Invalid({"confirm": [_("Type the name exactly as it stands above.")]})
    source = Source(redacting.SOURCE, operation.source.kind, operation.source.address)
    operation = replace(operation, source=source, label=_("Personal data erased"))
    try:
        with transaction.atomic():
            return _erase(held, notes=notes, files=files, operation=operation)
    except BaseException as error:
        rewriting.drop(operation.id)
        if getattr(error.__cause__, "sqlstate", "") != NOT_ALLOWED or not isinstance(error, ProgrammingError):
            raise
        # The sealed role of PostgreSQL (docs/how-to/administer.md): only the owner of the tables can.
        text = _("The database lets only the owner of its tables erase: see the administrator’s guide.")
        raise Refused(text) from error


def _erase(held: Held, *, notes: bool, files: bool, operation: Operation) -> Erased:
    spec, traces = held.spec, holdings.traces(held)
    importfiles.forget(traces)
    hers = forgetting.twice_in_the_bin(traces)
    hers.setdefault(spec.key, set()).update(held.ids)
    titles = {key: _called(registry.get(key)) for key in hers}
    if held.instance is not None:
        title = titles[spec.key] % {"id": held.record_id}
        _empty(spec, held.instance, {spec.title, *persons.personal(spec)}, title, operation)
    of_notes = _take(NOTE, _notes(hers) if notes else [], hers, operation)
    of_files = _take(FILE, _files(hers) if files else [], hers, operation)
    tokens = {str(change.before.get("stored", "")) for change in of_files}
    own = hers | {NOTE: {each.record_id for each in of_notes}, FILE: {each.record_id for each in of_files}}
    signed = forgetting.forget(Rule(operation.id, own, titles, traces))
    remains.forget(hers, titles, traces)
    _forget_bytes(tokens - {""})
    _note(held, signed, operation)
    erasures.keep(held, notes=notes, files=files, operation=operation)
    return Erased(len(signed), len(own[NOTE]), len(own[FILE]))


def _called(spec: Spec) -> str:
    """What an erased record of this kind is called; `%(id)s` is left to fill in."""
    return _("Erased %(what)s %(id)s") % {"what": str(spec.label).lower(), "id": "%(id)s"}


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


def _notes(hers: Ids) -> list[Any]:
    found: dict[int, Any] = {}
    for key, ids in hers.items():
        for note in Note.objects.filter(links__record=key, links__record_id__in=ids):
            found[note.pk] = note
    return list(found.values())


def _files(hers: Ids) -> list[Any]:
    return [
        file for key, ids in hers.items() for file in Attachment.objects.filter(record=key, record_id__in=ids)
    ]


def _take(key: str, there: Sequence[Any], hers: Ids, operation: Operation) -> list[Change]:
    """Delete the notes or files that are there; returns the deletions of all that ever hung on her."""
    if there:
        write.delete(registry.get(key), there, operation=operation, trusted=True)
    return list(forgetting.hanging(key, hers))


def _forget_bytes(tokens: Collection[str]) -> None:
    """At once where nothing else hangs on them, after the transaction: the disk knows no way back."""
    used = set(Attachment.objects.filter(stored__in=tokens).values_list("stored", flat=True))
    going = set(tokens) - used
    StoredFile.objects.filter(token__in=going).delete()

    def forget() -> None:
        for token in going:
            storing.forget(token)

    transaction.on_commit(forget)


def _note(held: Held, signed: Sequence[Redaction], operation: Operation) -> None:
    """Who did it, and a digest over what was signed, in the other log, which is sealed too."""
    digest = sha256("".join(each.signature for each in signed).encode()).hexdigest()
    user = User.objects.filter(pk=operation.actor.user_id or 0).first()
    detail = f"{held.spec.key}:{held.record_id} rows={len(signed)} sha256={digest}"
    security.record_event("personal_data_erased", user=user, address=operation.source.address, detail=detail)
