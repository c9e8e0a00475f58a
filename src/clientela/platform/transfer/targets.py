"""Where a column can go: the fields of a record, and the lines inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.transfer.hints import hints_of
from clientela.records import kinds, refs, values
from clientela.records.kinds import Kind
from clientela.records.refs import FieldRef
from clientela.records.rights import is_fixed, is_hidden
from clientela.records.spec import Lines, Spec

ID = "id"
CREATED = "created_at"
"""Read-only everywhere else: only an import tells when a record was created."""


@dataclass(frozen=True)
class Target:
    """`path`: "amount"; "owner.id" for a link by its id; "phones.mobile.phone" for a line of a kind;
    "stage.won" for what a column says about the word in another (`hints`).
    """

    path: str
    label: str
    kind: Kind
    ref: FieldRef
    line_kind: str = ""
    line_field: str = ""
    field: Any = None
    by_id: bool = False
    hint: str = ""
    headings: tuple[str, ...] = ()

    @property
    def is_line(self) -> bool:
        return bool(self.line_field)


def targets_of(spec: Spec, actor: Actor) -> dict[str, Target]:
    """Every target that `actor` may fill, by path; labels in the active language."""
    found = [each for ref in _writable(spec, actor) for each in _of_field(spec, ref)]
    identity = refs.fields_of(spec).get(ID)
    if identity is not None:
        found.append(Target(ID, _("Number in Clientela"), kinds.Integer, identity))
    found += _of_hints(spec, actor)
    return {each.path: each for each in found}


def _of_hints(spec: Spec, actor: Actor) -> Iterator[Target]:
    hints = hints_of(spec)
    ref = refs.fields_of(spec).get(hints.link) if hints is not None else None
    if hints is None or ref is None or is_hidden(ref, actor):
        return
    for hint in hints.columns:
        label = f"{ref.label}: {hint.label}"
        yield Target(
            f"{ref.path}.{hint.name}", label, kinds.Boolean, ref, hint=hint.name, headings=hint.headings
        )


def _writable(spec: Spec, actor: Actor) -> Iterator[FieldRef]:
    for ref in refs.fields_of(spec).values():
        fixed = ref.expression is not None or (ref.read_only and ref.path != CREATED)
        if not fixed and not is_hidden(ref, actor) and not is_fixed(ref, actor):
            yield ref


def _of_field(spec: Spec, ref: FieldRef) -> Iterator[Target]:
    label = str(ref.label)
    if ref.lines is not None:
        yield Target(ref.path, label, ref.kind, ref)
        yield from _of_lines(spec, ref, ref.lines)
        return
    yield Target(ref.path, label, ref.kind, ref, field=ref.field)
    if ref.kind in (kinds.Link, kinds.Links):
        by_id = _("%(field)s (number in Clientela)") % {"field": label}
        yield Target(f"{ref.path}.{ID}", by_id, kinds.Integer, ref, by_id=True)


def _of_lines(spec: Spec, ref: FieldRef, lines: Lines) -> Iterator[Target]:
    fields = values.line_fields(spec, lines)
    kind_field = fields.get("kind")
    if kind_field is None or not kind_field[0].choices:
        return
    for choice, kind_label in kind_field[0].flatchoices:
        for name, (field, kind) in fields.items():
            if name not in ("kind", lines.main):
                label = f"{field.verbose_name} ({kind_label})"
                yield Target(f"{ref.path}.{choice}.{name}", label, kind, ref, str(choice), name, field)


def is_importable(spec: Spec) -> bool:
    """Whether a file can make such records: their title can be written."""
    title = refs.fields_of(spec).get(spec.title)
    return title is not None and not title.read_only
