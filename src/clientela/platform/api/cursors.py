"""Paging by key: a cursor says after which values the next page begins, whatever was added meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.api.problems import bad_parameter
from clientela.records import kinds, query, refs
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

SALT = "clientela.api.cursor"
MOST_KEYS = 5


@dataclass(frozen=True)
class Key:
    """One value by which rows are sorted; empty ones come last in either direction."""

    name: str
    ref: FieldRef | None
    descending: bool

    @cached_property
    def path(self) -> str:
        if self.ref is None:
            return "pk"
        return self.name if self._rounded else self.ref.sort_path

    @cached_property
    def _rounded(self) -> bool:
        """A computed number is compared as a float: what SQLite computes has no exact decimals."""
        return self.ref is not None and self.ref.expression is not None and self.ref.kind.numeric

    @cached_property
    def nullable(self) -> bool:
        return self.ref is not None and query.is_nullable(self.ref)

    def annotate(self, rows: query.Rows, spec: Spec) -> query.Rows:
        if self.ref is None:
            return rows
        rows = query.annotated(rows, [self.ref])
        return (
            rows.annotate(**{self.name: Cast(F(self.ref.sort_path), FloatField())}) if self._rounded else rows
        )

    @property
    def direction(self) -> Any:
        return F(self.path).desc() if self.descending else F(self.path).asc()

    @property
    def order(self) -> list[Any]:
        """Empty ones last as lists have them (see `query.ordered`), so that the same indexes serve."""
        return [IsNull(F(self.path), True), self.direction] if self.nullable else [self.direction]

    def python(self, value: Any) -> Any:
        """A value of a cursor as the database compares it."""
        if value is None or self.ref is None or self._rounded:
            return value
        column = refs.model_field(self.ref.spec, self.ref.sort_source)
        return column.to_python(value) if column is not None else value

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def after(self, value: Any) -> Q:
        """What comes later; nothing comes after the empty ones."""
        if value is None:
            return Q(pk__in=[])
        later = Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        return later | Q(**{f"{self.path}__isnull": True}) if self.nullable else later


def keys_of(spec: Spec, sort: Sequence[str], actor: Actor) -> list[Key]:
    """What rows are sorted by, the id last. Raises Problem for a field that cannot be."""
    wanted = list(sort or spec.default_sort)
    if len(wanted) > MOST_KEYS:
        raise bad_parameter("sort", _("Sort by five fields at most."))
    keys = [_key(spec, place, entry, actor) for place, entry in enumerate(wanted)]
    return [*keys, Key("_id", None, bool(wanted) and wanted[0].startswith("-"))]


def _key(spec: Spec, place: int, entry: str, actor: Actor) -> Key:
    try:
        ref = query.sortable(spec, entry.removeprefix("-"), actor)
    except ConditionError as error:
        raise bad_parameter("sort", error.message) from error
    if ref.kind is kinds.LongText:  # its values would not fit in an address
        raise bad_parameter("sort", _("The list cannot be sorted by “%(field)s”.") % {"field": ref.label})
    return Key(f"_key{place}", ref, entry.startswith("-"))


def order_of(keys: Sequence[Key], *, within: bool = False) -> list[Any]:
    """What to sort by. `within` one of the `phases` the first key is empty in every row or in none."""
    first = [keys[0].direction] if within else keys[0].order
    return [*first, *(part for key in keys[1:] for part in key.order)]


def write(sort: Sequence[str], values: Sequence[Any]) -> str:
    """The cursor after a row with these values of the keys."""
    plain = [value if isinstance(value, int | float | None) else _text(value) for value in values]
    return signing.dumps([list(sort), plain], salt=SALT, compress=True)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def read(cursor: str, sort: Sequence[str], keys: Sequence[Key]) -> list[Any]:
    """The values in a cursor made by `write`; raises Problem for one of another list or no cursor at all."""
    try:
        kept, plain = signing.loads(cursor, salt=SALT)
        if kept != list(sort) or len(plain) != len(keys):
            raise bad_parameter("cursor", _("This cursor belongs to another order."))
        return [key.python(value) for key, value in zip(keys, plain, strict=True)]
    except (signing.BadSignature, ValueError, TypeError, ValidationError) as error:
        raise bad_parameter("cursor", _("This is not a cursor that a list answered.")) from error


def phases(keys: Sequence[Key], values: Sequence[Any]) -> list[Q]:
    """Conditions that hold the rows after `values`, to be asked one after the other.

    Bounding the first key lets its index begin at the right place; where it may be empty, the empty ones
    are a second question.
    """
    first, value = keys[0], values[0]
    later = _later(keys, values)
    if value is None:
        return [Q(**{f"{first.path}__isnull": True}) & later]
    bound = Q(**{f"{first.path}__{'lte' if first.descending else 'gte'}": value})
    empty = [Q(**{f"{first.path}__isnull": True})] if first.nullable else []
    return [bound & later, *empty]


def _later(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    pairs = list(zip(keys, values, strict=True))
    return reduce(
        or_,
        (
            reduce(and_, (before.same(kept) for before, kept in pairs[:place]), key.after(value))
            for place, (key, value) in enumerate(pairs)
        ),
    )
