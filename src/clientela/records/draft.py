"""A write before it is saved: values taken in, adjusted, checked, compared with what was there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.records import kinds, lines, refs, rights, rows, values
from clientela.records.columns import Column, columns_of
from clientela.records.errors import Conflict, Invalid
from clientela.records.refs import FieldRef
from clientela.records.rights import is_fixed, is_hidden
from clientela.records.spec import Spec

LONGEST_TEXT = 1_000_000
Errors = dict[str, list[str]]
T = TypeVar("T")
_SCALARS = frozenset((str, int, bool, Decimal, dt.date, dt.datetime))


@dataclass(slots=True)
class Draft:
    """One record being written. `lines` and `links` hold the wanted rows of those fields, where given."""

    spec: Spec
    instance: Any
    created: bool
    actor: Actor
    shared: dict[Any, Any] = field(default_factory=dict)
    """What drafts written together look up only once; see `once`."""
    changed: set[str] = field(default_factory=set)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    links: dict[str, list[int]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    exact: bool = False
    """Values are put back as they were, by an undo."""

    def current_lines(self, name: str) -> list[dict[str, Any]]:
        """The wanted lines where some are given, else those there are."""
        if name not in self.lines:
            spec_lines = refs.fields_of(self.spec)[name].lines
            assert spec_lines is not None
            self.lines[name] = [] if self.created else values.line_values(spec_lines, self.instance)
            self.before.setdefault(name, [dict(line) for line in self.lines[name]])
        return self.lines[name]

    def once(self, key: Any, find: Callable[[], T]) -> T:
        """What `find` gives, asked once for all the drafts that are written together."""
        if key not in self.shared:
            self.shared[key] = find()
        found: T = self.shared[key]
        return found

    def refuse(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(str(message))


Taker = Callable[[Draft, Any], None]


def begin(
    spec: Spec,
    instance: Any,
    given: Mapping[str, Any],
    actor: Actor,
    *,
    trusted: bool = False,
    exact: bool = False,
    shared: dict[Any, Any] | None = None,
    settable: Collection[str] = (),
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> Draft:
    """Take `given` (JSON or Python values) into the instance, or into a new one, and compare.

    Errors are kept in the draft. `trusted`: a service may set read-only fields. `exact`: an undo sets
    values as they were, without the record's own adjustments. `shared`: one memory for many drafts.
    `settable`: read-only fields that may be given all the same. `defaults`: the record's own values for
    what is not given, whatever the actor may write.
    """
    created = instance is None
    draft = Draft(spec, instance, created, actor, shared if shared is not None else {}, exact=exact)
    if created:
        draft.instance = rows.blank(spec.model, draft.once("now", timezone.now))
    columns = draft.once("columns", lambda: columns_of(spec))
    if not created:
        draft.before = {name: each.ref.kind.to_json(each.read(instance)) for name, each in columns.items()}
    own = {name: value for name, value in defaults.items() if name not in given}
    _take(draft, own, "defaults taken", lambda name: _taker_of(refs.fields_of(spec)[name], keeps=False))
    _take(draft, given, "fields taken", lambda name: _taker(draft, name, trusted, settable=name in settable))
    if not exact:
        lines.mirror(draft)
        whole = created and not (spec.prepare and draft.errors)  # else it would have filled more
        if spec.prepare is not None and not draft.errors:
            spec.prepare(draft)
            lines.follow(draft)
        _check(draft, columns, whole=whole)
    if created and draft.instance.__dict__.get("created_by_id", 0) is None:
        draft.instance.__dict__["created_by_id"] = actor.user_id
    _compare(draft, columns)
    return draft


def _take(draft: Draft, given: Mapping[str, Any], kept: str, find: Callable[[str], Taker | str]) -> None:
    known: dict[str, Taker | str] = draft.once(kept, dict)
    for name, raw in given.items():
        found = known.get(name)
        if found is None:
            found = known[name] = find(name)
        if isinstance(found, str):
            draft.refuse(name, found)
            continue
        try:
            found(draft, raw)
        except ValueError as error:
            draft.refuse(name, str(error))


def _taker(draft: Draft, name: str, trusted: bool, *, settable: bool) -> Taker | str:
    """What takes values of this name into drafts, or why nothing does."""
    ref = refs.fields_of(draft.spec).get(name)
    if ref is None or is_hidden(ref, draft.actor):
        return _("There is no field “%(field)s”.") % {"field": name}
    if ref.expression is not None or (ref.read_only and not (trusted or settable)):
        return _("This field cannot be changed here.")
    if not trusted and is_fixed(ref, draft.actor):
        return _("You may not change this field.")
    return _taker_of(ref, keeps=not (trusted or settable or draft.exact))


def _taker_of(ref: FieldRef, *, keeps: bool) -> Taker:
    if ref.lines is not None or ref.kind is kinds.Links or ref.write is not None:
        return _taker_of_many(ref, keeps=keeps)
    attribute = ref.field.attname if ref.field is not None else ref.path
    return _taker_of_one(ref, attribute, keeps=keeps and ref.kind is kinds.Link)


def _taker_of_many(ref: FieldRef, *, keeps: bool) -> Taker:
    """`keeps`: what the writer does not see of the field stays in it."""

    def take(draft: Draft, raw: Any) -> None:
        value = _python_value(ref, raw)
        if isinstance(value, str):
            value = clean_text(value)
        draft.changed.add(ref.path)
        if ref.lines is not None:
            current = draft.current_lines(ref.path)
            gone = rights.unseen(ref, draft.instance, draft.actor) if keeps and current else set()
            draft.lines[ref.path] = lines.clean(draft, ref, lines.keeping(ref, value, current, gone))
        elif ref.kind is kinds.Links:
            draft.before[ref.path] = values.json_value(ref, draft.instance)
            gone = rights.unseen(ref, draft.instance, draft.actor) if keeps and not draft.created else set()
            draft.links[ref.path] = sorted(gone.union(value)) if gone else value
        else:
            assert ref.write is not None
            ref.write(draft.instance, value)

    return take


def _taker_of_one(ref: FieldRef, attribute: str, *, keeps: bool) -> Taker:
    """`keeps`: a link to a record that the writer does not see is replaced, but not emptied unseen."""
    name, from_json = ref.path, ref.kind.from_json
    plain = columns_of(ref.spec)[name].plain if name in columns_of(ref.spec) else False

    def take(draft: Draft, raw: Any) -> None:
        value = from_json(raw) if type(raw) in _SCALARS else _python_value(ref, raw)
        if isinstance(value, str) and not (value.isprintable() and len(value) <= LONGEST_TEXT):
            value = clean_text(value)
        if keeps and value is None and rights.unseen(ref, draft.instance, draft.actor):
            return
        draft.changed.add(name)
        if plain and draft.created:
            # Nothing can have been read over a link of an instance made just now.
            draft.instance.__dict__[attribute] = value
        else:
            setattr(draft.instance, attribute, value)

    return take


def _python_value(ref: FieldRef, raw: Any) -> Any:
    if isinstance(raw, models.Model):
        return raw.pk
    if raw is None and ref.field is not None and ref.field.empty_strings_allowed and not ref.field.null:
        return ""
    return ref.kind.from_json(raw)


def clean_text(text: str) -> str:
    """The text, if both databases can keep it; raises ValueError."""
    if "\x00" in text:
        raise ValueError(_("This text has a character that cannot be kept (NUL)."))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(_("This text has half a character that cannot be kept.")) from None
    if len(text) > LONGEST_TEXT:
        raise ValueError(_("This text is too long."))
    return text


def _check(draft: Draft, columns: Mapping[str, Column], *, whole: bool) -> None:
    """Each touched column by its model field (all of them where `whole`), then the record as a whole."""
    instance, changed, created = draft.instance, draft.changed, draft.created
    own = instance.__dict__
    for column in columns.values():
        if column.check is not None and (whole or column.name in changed):
            value = own[column.attribute] if column.plain and created else column.read(instance)
            passes = value is column.usual or value in column.empties or column.fits(value)
            if not passes and column.name not in draft.errors:
                _check_column(draft, column, value)
    if draft.spec.check is not None and not draft.errors:
        for name, messages in draft.spec.check(draft.instance).items():
            for message in messages:
                draft.refuse(name, message)


def _check_column(draft: Draft, column: Column, value: Any) -> None:
    assert column.check is not None
    try:
        cleaned = column.check(value, draft.instance)
        if cleaned is not value:
            setattr(draft.instance, column.attribute, cleaned)
    except ValidationError as error:
        for message in error.messages:
            draft.refuse(column.name, message)


def _compare(draft: Draft, columns: Mapping[str, Column]) -> None:
    if draft.created:
        draft.before, draft.after = {}, _filled(draft.instance, columns)
        draft.after |= {name: ids for name, ids in draft.links.items() if ids}
        return
    after = {name: each.ref.kind.to_json(each.read(draft.instance)) for name, each in columns.items()}
    before = {name: draft.before.get(name) for name in after}
    changed_before, changed_after = values.differences(before, after)
    for name, ids in draft.links.items():
        if ids != draft.before[name]:
            changed_before[name], changed_after[name] = draft.before[name], ids
    for name in draft.lines:
        changed_before[name] = draft.before[name]
    draft.before, draft.after = changed_before, changed_after


def _filled(instance: Any, columns: Mapping[str, Column]) -> dict[str, Any]:
    filled, own = {}, instance.__dict__
    for name, column in columns.items():
        value = own[column.attribute] if column.plain else column.read(instance)
        if value or (value is not None and value != ""):
            filled[name] = value if column.tell is None else column.tell(value)
    return filled


def check_links(drafts: Sequence[Draft]) -> None:
    """Refuse links to records that are not there or that the actor may not see: one query a target."""
    from clientela.records import query

    for ref in _link_fields(drafts):
        assert ref.target is not None
        filled = (draft for draft in drafts if ref.path in draft.after)
        wanted = [(draft, ids) for draft in filled if (ids := _linked(draft, ref))]
        named = set(chain.from_iterable(ids for _draft, ids in wanted))
        rows = query.visible(ref.target, drafts[0].actor).filter(pk__among=named)
        lost = named.difference(rows.values_list("pk", flat=True)) if named else named
        for draft, ids in wanted if lost else ():
            if not lost.isdisjoint(ids):
                draft.refuse(ref.path, _("There is no such record, or you may not see it."))


def _link_fields(drafts: Sequence[Draft]) -> list[FieldRef]:
    spec = drafts[0].spec
    touched = set(chain.from_iterable(draft.after for draft in drafts))
    return [
        ref
        for name, ref in refs.fields_of(spec).items()
        if name in touched and ref.target is not None and ref.path != "created_by"
    ]


def _linked(draft: Draft, ref: FieldRef) -> Collection[int]:
    value, before = draft.after[ref.path], draft.before.get(ref.path)
    if isinstance(value, list):
        return set(value) - set(before or ())
    return () if value is None or value == before else (value,)


def check_expected(spec: Spec, instance: Any, expected: Mapping[str, Any]) -> None:
    """Raise Conflict where a field no longer has the value (JSON) that the writer saw."""
    current = values.snapshot(spec, instance, [name for name in expected if name in values.kept_fields(spec)])
    different = {name: value for name, value in current.items() if value != expected[name]}
    if different:
        raise Conflict(_("Somebody changed this meanwhile."), different)


def raise_errors(draft: Draft) -> None:
    """Raise Invalid with the draft's errors, by field name, where there are any."""
    if draft.errors:
        raise Invalid(draft.errors)
