"""Model instances by the thousand, without the cost of a constructor and of an INSERT for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import orjson
from django.db import connections, models, router
from django.db.models.base import ModelState
from django.utils import timezone

from clientela.kit import bulk, dates

_AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
_AS_PYTHON = (*_AS_THEY_ARE, models.DateField, models.DecimalField, models.UUIDField)


def blank(model: type[models.Model], now: dt.datetime | None = None) -> Any:
    """A new instance with every default, as `model()` gives it. `now`: the moment of those that say when."""
    return made(model, {}, now)


def made(model: type[models.Model], values: dict[str, Any], now: dt.datetime | None = None) -> Any:
    """A new instance with these values, by attribute name, and the defaults of the rest."""
    fixed, asked, moments = _defaults(model)
    instance = model.__new__(model)
    own = instance.__dict__
    own["_state"] = ModelState()
    own.update(fixed)
    for name, make in asked:
        if name not in values:
            own[name] = make()
    for name in moments:
        if name not in values:
            own[name] = now = now or timezone.now()
    own.update(values)
    return instance


@cache
def _defaults(
    model: type[models.Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], list[str]]:
    """Defaults that never change, those to be asked for, and the names of those that are the moment."""
    fixed: dict[str, Any] = {}
    asked: list[tuple[str, Callable[[], Any]]] = []
    moments: list[str] = []
    for field in model._meta.concrete_fields:
        if field.default is timezone.now:
            moments.append(field.attname)
        elif callable(field.default) and field.has_default():
            asked.append((field.attname, field.get_default))
        else:
            fixed[field.attname] = field.get_default()
    return fixed, asked, moments


def insert(instances: Sequence[Any]) -> None:
    """Store new instances of one model; those without an id get one."""
    model = type(instances[0])
    meta = model._meta
    connection = connections[router.db_for_write(model)]
    _number(connection, meta, instances)
    fields = meta.concrete_fields
    # What an instance holds, past the descriptors of its fields: a new one has them all.
    values = itemgetter(*(field.attname for field in fields))
    changes = [
        (place, change) for place, field in enumerate(fields) if (change := _driver(field, connection))
    ]
    bulk.insert(
        connection,
        meta.db_table,
        [field.column for field in fields],
        (_row(values(instance.__dict__), changes) for instance in instances),
    )
    for instance in instances:
        instance._state.adding, instance._state.db = False, connection.alias


def insert_values(
    model: type[models.Model], values: Sequence[dict[str, Any]], *, numbered: bool = True
) -> list[int]:
    """Store new rows, each given by the same attributes, without instances; returns their ids.

    Not `numbered`: the ids are left to the database, and none are returned.
    """
    if not values:
        return []
    meta: Any = model._meta
    connection = connections[router.db_for_write(model)]
    ids = bulk.reserve_ids(connection, meta.db_table, meta.pk.column, len(values)) if numbered else []
    fields = [field for field in meta.concrete_fields if field.attname in values[0]]
    changes = [_driver(field, connection) for field in fields]
    pairs = list(zip((field.attname for field in fields), changes, strict=True))
    columns = [field.column for field in fields]
    ready = ([row[name] if change is None else change(row[name]) for name, change in pairs] for row in values)
    if numbered:
        columns.append(meta.pk.column)
        ready = ([*row, number] for row, number in zip(ready, ids, strict=True))
    bulk.insert(connection, meta.db_table, columns, ready)
    return ids


def _number(connection: Any, meta: Any, instances: Sequence[Any]) -> None:
    """Give ids; a row that comes back with its own also moves PostgreSQL's counter no further."""
    name = meta.pk.attname
    fresh = [own for instance in instances if (own := instance.__dict__)[name] is None]
    ids = bulk.reserve_ids(connection, meta.db_table, meta.pk.column, len(fresh)) if fresh else []
    for own, number in zip(fresh, ids, strict=True):
        own[name] = number


def _row(values: Sequence[Any], changes: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    row = list(values)
    for place, change in changes:
        row[place] = change(row[place])
    return row


def _driver(field: Any, connection: Any) -> Callable[[Any], Any] | None:
    """What turns the Python value of a column into the driver's; None where it is the same."""
    while field.is_relation:
        field = field.target_field
    plain = _AS_PYTHON if connection.vendor == "postgresql" else _AS_THEY_ARE
    if isinstance(field, plain):
        return None
    if isinstance(field, models.JSONField):
        return _json_text
    if isinstance(field, models.DateTimeField):
        return _sqlite_moment
    return lambda value: field.get_db_prep_save(value, connection)


def _sqlite_moment(value: Any) -> str | None:
    """As Django's SQLite backend keeps an aware moment: in UTC, without saying so."""
    moment = value.astimezone(dt.UTC) if value is not None and value.tzinfo is not dt.UTC else value
    return None if value is None else dates.utc_text(moment)[:-1].replace("T", " ")


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str).decode()
