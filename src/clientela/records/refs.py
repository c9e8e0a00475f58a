"""One face for everything that can stand in a column, filter, sort, export, report or API.

A `FieldRef` is a field of a record, a path over links ("account__sector"), a `Computed`, the lines
inside a record, or a field that some provider adds (a user's own fields).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from dataclasses import field as field_
from functools import cache, cached_property, lru_cache
from typing import Any, Protocol, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Case, F, Q, QuerySet, When

from clientela.kit.expressions import paths_in
from clientela.records import kinds, registry
from clientela.records.fields import MoneyField
from clientela.records.kinds import Kind
from clientela.records.spec import Computed, Lines, Spec

SEPARATOR = "__"
_ALWAYS_READ_ONLY = frozenset({"id", "created_at", "updated_at", "created_by", "version"})


class UnknownField(LookupError):
    """There is no such field; an actor who may not see a field gets the same answer."""


@dataclass(frozen=True)
class FieldRef:
    """`path` as written, from the record `spec`; `chain` is every (spec, field name) it walks over."""

    path: str
    spec: Spec
    label: Any
    kind: Kind
    chain: tuple[tuple[Spec, str], ...]
    field: models.Field[Any, Any] | None = None
    expression: Callable[[], Any] | None = None
    target: Spec | None = None
    currency: str = ""
    base: str = ""
    needs: tuple[str, ...] = ()
    lines: Lines | None = None
    read_only: bool = False
    required: bool = False
    provided: bool = False
    column: str = ""
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any, Any], None] | None = None
    seen: Q | None = field_(default=None, compare=False)
    """For one actor (see `rights.read_by`): whether he sees the records on the way; elsewhere it is empty."""
    among: QuerySet[Any] | None = field_(default=None, compare=False)
    """For one actor: the records that he sees among those of many links."""

    @cached_property
    def name(self) -> str:
        return self.path.rpartition(SEPARATOR)[2]

    @cached_property
    def source(self) -> str:
        """The path or annotation that holds its value, whoever reads it."""
        return f"_{self.path}" if self.expression is not None else self.path

    @cached_property
    def annotation(self) -> str:
        """The name under which a query holds its value."""
        return self.reading(self.source)

    def reading(self, path: str) -> str:
        """Under what a query (see `query.annotated`) holds what this ref's reader gets at `path`."""
        guarded = self.seen is not None and path.startswith(self.path.rpartition(SEPARATOR)[0] or self.path)
        return f"_seen_{path.replace(SEPARATOR, '_of_')}" if guarded and not self.many else path

    @cached_property
    def sort_source(self) -> str:
        """What it is ordered and compared by: base amounts, titles of linked records."""
        if self.base:
            return self.base
        if self.kind is kinds.Link and self.target is not None:
            return f"{self.path}{SEPARATOR}{self.sort_title}"
        return self.source

    @cached_property
    def sort_path(self) -> str:
        return self.reading(self.sort_source)

    def guards(self) -> dict[str, Any]:
        """What a query must hold for a reader who does not see every record on the way, by name."""
        if self.seen is None or self.many:
            return {}
        paths = {self.source, self.sort_source, self.base, self.currency, *self.looks} - {""}
        return {self.reading(path): Case(When(self.seen, then=_column(self, path))) for path in paths}

    @cached_property
    def looks(self) -> tuple[str, ...]:
        """Paths of what a linked record is drawn by: its title, and its colour where it has one."""
        if self.kind is not kinds.Link or self.target is None or self.expression is not None:
            return ()
        names = filter(None, (self.target.title, self.target.color))
        return tuple(f"{self.path}{SEPARATOR}{name}" for name in names)

    @cached_property
    def sort_title(self) -> str:
        target = self.target
        assert target is not None
        return (
            target.default_sort[0].lstrip("-")
            if target.mark == "status" and target.default_sort
            else target.title
        )

    @cached_property
    def choices(self) -> dict[str, Any]:
        return dict(self.field.flatchoices) if self.field is not None and self.field.choices else {}

    @cached_property
    def many(self) -> bool:
        return self.kind in (kinds.Links, kinds.LineItems)

    @cached_property
    def own(self) -> bool:
        """A field of the record itself, not over a link."""
        return len(self.chain) == 1

    def value(self, instance: Any) -> Any:
        """Its value on an instance: for links the id, for lines and many links see `records.values`."""
        if self.read is not None:
            return self.read(instance)
        target: Any = instance
        *links, last = self.path.split(SEPARATOR)
        for link in links:
            target = getattr(target, link)
            if target is None:
                return None
        return getattr(target, self.field.attname if self.field is not None else last)


class Provider(Protocol):
    """Adds fields that are no columns, e.g. a user's own fields kept in one JSON column."""

    def __call__(self, spec: Spec) -> Iterable[FieldRef]: ...


_providers: list[Provider] = []
_forgetful: list[Callable[[], None]] = []
V = TypeVar("V")


def provide(provider: Provider) -> None:
    """Ask `provider` for fields of every record; call `forget` when its answer changes."""
    _providers.append(provider)
    forget()


def withdraw(provider: Provider) -> None:
    """Ask this provider no longer."""
    _providers.remove(provider)
    forget()


def forget() -> None:
    """Look all fields up anew: some provider's have changed."""
    for clear in _forgetful:
        clear()


def until_fields_change(function: Callable[[Spec], V]) -> Callable[[Spec], V]:
    """Keep a function's answer for each record until some provider's fields change."""
    kept = cache(function)
    _forgetful.append(kept.cache_clear)
    return kept


@until_fields_change
def fields_of(spec: Spec) -> dict[str, FieldRef]:
    """Every field of the record itself, by name, in the model's order."""
    found = {ref.path: ref for ref in _columns(spec)}
    found |= {line.name: _line_ref(spec, line) for line in spec.lines}
    found |= {computed.name: _computed_ref(spec, computed) for computed in spec.computed}
    for provider in _providers:
        found |= {ref.path: ref for ref in provider(spec)}
    return found


def _columns(spec: Spec) -> Iterable[FieldRef]:
    meta = spec.model._meta
    for field in (*meta.concrete_fields, *meta.many_to_many):
        kind = kinds.kind_of(field)
        if kind is not None and field.name not in spec.exclude:
            yield _model_ref(spec, field, kind)


def _model_ref(spec: Spec, field: Any, kind: Kind) -> FieldRef:
    fixed = field.name in _ALWAYS_READ_ONLY or field.name in spec.read_only or not field.editable
    ref = FieldRef(
        field.name,
        spec,
        field.verbose_name,
        kind,
        ((spec, field.name),),
        field=field,
        read_only=fixed,
        column=field.name,
        required=_is_required(field),
    )
    if isinstance(field, MoneyField):
        ref = replace(ref, currency=field.currency, base=field.base)
    if field.is_relation:
        ref = replace(ref, target=registry.of_model(field.related_model))
    return ref


def _is_required(field: Any) -> bool:
    return not field.blank and not field.has_default() and not isinstance(field, models.BooleanField)


def _line_ref(spec: Spec, lines: Lines) -> FieldRef:
    return FieldRef(
        lines.name,
        spec,
        lines.label,
        kinds.LineItems,
        ((spec, lines.name),),
        lines=lines,
        read_only=lines.read_only,
    )


def _computed_ref(spec: Spec, computed: Computed) -> FieldRef:
    return FieldRef(
        computed.name,
        spec,
        computed.label,
        computed.kind,
        ((spec, computed.name),),
        expression=computed.expression,
        currency=computed.currency,
        needs=computed.needs,
        read_only=True,
    )


@lru_cache(maxsize=4096)
def resolve(spec: Spec, path: str) -> FieldRef:
    """The ref at `path`, walking over links; raises UnknownField."""
    head, separator, rest = path.partition(SEPARATOR)
    own = fields_of(spec).get(head)
    if own is None:
        raise UnknownField(path)
    if not separator:
        return own
    if own.kind is not kinds.Link or own.target is None:
        raise UnknownField(path)
    return _over(own, resolve(own.target, rest))


def _over(link: FieldRef, end: FieldRef) -> FieldRef:
    if end.expression is not None or end.lines is not None:
        raise UnknownField(f"{link.path}{SEPARATOR}{end.path}")
    prefix = f"{link.path}{SEPARATOR}"
    return replace(
        end,
        path=prefix + end.path,
        spec=link.spec,
        chain=(*link.chain, *end.chain),
        read_only=True,
        currency=end.currency and prefix + end.currency,
        base=end.base and prefix + end.base,
    )


@until_fields_change
def sources_of(spec: Spec) -> dict[str, list[FieldRef]]:
    """By computed field: the fields that it says it needs, and those that its expression names."""
    return {
        ref.path: [_longest(spec, path) for path in (*ref.needs, *paths_in(ref.expression()))]
        for ref in fields_of(spec).values()
        if ref.expression is not None
    }


def _longest(spec: Spec, path: str) -> FieldRef:
    """The ref at the longest beginning of `path` that leads to a field; the id where none does."""
    try:
        return resolve(spec, path)
    except UnknownField:
        return _longest(spec, path.rpartition(SEPARATOR)[0] or "id")


def expression_of(ref: FieldRef) -> Any:
    """What to annotate or aggregate: the computed expression, or the base amount, or the column."""
    if ref.expression is not None:
        return ref.expression()
    return F(ref.reading(ref.base or ref.path))


def _column(ref: FieldRef, path: str) -> Any:
    return F(f"{path}{SEPARATOR}pk" if path == ref.path and ref.kind is kinds.Link else path)


@cache
def line_targets(spec: Spec, lines: Lines) -> dict[str, Spec]:
    """The kinds of record that the lines inside a record link to, by field."""
    line: Any = spec.model._meta.get_field(lines.name).related_model
    related = {name: line._meta.get_field(name).related_model for name in lines.fields}
    found = {name: registry.of_model(model) for name, model in related.items() if model is not None}
    return {name: target for name, target in found.items() if target is not None}


_forgetful.append(resolve.cache_clear)


def model_field(spec: Spec, path: str) -> models.Field[Any, Any] | None:
    """The model field at the end of `path`, or None; for checks."""
    model: Any = spec.model
    field = None
    for name in path.split(SEPARATOR):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = field.related_model
    return field
