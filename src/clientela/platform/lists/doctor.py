"""Which lists would have to read every row: default sorts and offered filters without an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Model

from clientela.records import refs, registry
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

Columns = tuple[str, ...]
Known = dict[str, list[Columns]]


def missing_indexes() -> list[str]:
    """What the database lacks, as "record: column, column", each once, in the order of the records.

    A default sort needs an index that begins with its columns, a filter one that begins with its own.
    Words that classify (configuration) are few and need none.
    """
    known: Known = {}
    found = [
        f"{spec.key}: {', '.join(columns)}"
        for spec in registry.every()
        if not spec.access.configuration
        for model, columns in _wanted(spec)
        if not any(each[: len(columns)] == columns for each in _indexes_of(model, known))
    ]
    return list(dict.fromkeys(found))


def _wanted(spec: Spec) -> Iterator[tuple[type[Model], Columns]]:
    sort = _sort_columns(spec)
    if sort:
        yield spec.model, sort
    for path in spec.filters:
        yield from _filter_column(refs.resolve(spec, path))


def _sort_columns(spec: Spec) -> Columns:
    """The columns of the default sort, as far as they are the record's own."""
    columns = []
    for entry in spec.default_sort:
        ref = refs.resolve(spec, entry.lstrip("-"))
        field = refs.model_field(spec, ref.sort_path)
        if ref.expression is not None or field is None or refs.SEPARATOR in ref.sort_path:
            break
        columns.append(str(field.column))
    return tuple(columns)


def _filter_column(ref: FieldRef) -> Iterator[tuple[type[Model], Columns]]:
    """The column compared, in its own table; none for many links (Django's own), yes or no, small tables."""
    field = refs.model_field(ref.spec, ref.base or ref.path)
    owner = registry.of_model(field.model) if field is not None else None
    if field is None or field.many_to_many or ref.expression is not None or isinstance(field, BooleanField):
        return
    if owner is None or not owner.access.configuration:
        yield field.model, (str(field.column),)


def _indexes_of(model: type[Model], known: Known) -> list[Columns]:
    table = model._meta.db_table
    if table not in known:
        with connection.cursor() as cursor:
            present = connection.introspection.get_constraints(cursor, table)
        by_name = {index.name: index for index in model._meta.indexes}
        known[table] = [
            _columns(model, found["columns"], by_name.get(name))
            for name, found in present.items()
            if found["index"] or found["unique"] or found["primary_key"]
        ]
    return known[table]


def _columns(model: type[Model], found: Sequence[Any] | None, declared: Any) -> Columns:
    """The columns of an index; those of one on expressions as the model declares them, each once."""
    if declared is None or not declared.expressions:
        return tuple(column for column in found or () if column)
    names = [name for whole in declared.expressions for name in _names(whole)]
    return tuple(dict.fromkeys(str(model._meta.get_field(name).column) for name in names))  # type: ignore[union-attr]


def _names(whole: Any) -> Iterator[str]:
    """Of the fields in an expression, from left to right."""
    parts = [whole] if isinstance(whole, F) else whole.flatten()
    return (str(part.deconstruct()[1][0]) for part in parts if isinstance(part, F))
