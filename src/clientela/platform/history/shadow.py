"""The tables of records as they were at a moment: temporary views that stand before the real tables.

Both databases look a name up among the temporary ones first. So the ordinary code of lists and records, run
inside `as_of`, reads the past without knowing it. Rows that nothing changed since come straight from the
table; those that something did are put back together from the changes, the deleted ones brought back, the
later ones left out. What it costs grows with what changed since, not with the tables.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.audit.models import Change
from clientela.records import changes, query, refs, registry, rows, values
from clientela.records.errors import ConditionError
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

MOST = 20_000
"""Records changed since that are put back together; more would take too long for a page."""
PART = 500


class TooMuch(ConditionError):
    """More changed since than can be put back together for a page."""


@dataclass
class Past:
    """Of one kind: ids that something changed since, the instances as they were, and their rows of many."""

    spec: Spec
    touched: set[int] = field(default_factory=set)
    instances: list[Any] = field(default_factory=list)
    many: dict[str, dict[int, list[Any]]] = field(default_factory=lambda: defaultdict(dict))
    """By field of lines or links: the values as they were of records whose own are no longer the same."""
    changed: dict[int, set[str]] = field(default_factory=dict)
    """Fields of a record that something wrote since."""
    is_todays: bool = False
    """Too much changed, so that it is read as it is today."""


@contextmanager
def as_of(
    moment: dt.datetime, specs: Collection[Spec], actor: Actor, only: Collection[int] | None = None
) -> Iterator[dict[Spec, Past]]:
    """Inside, the tables of `specs` read as at `moment`, for this connection alone.

    The first of `specs` is the kind one asks for, the others those that it links to. Of its records that are
    still there, those that `actor` may not see today are left out; `only` keeps to the records with these
    ids. Raises TooMuch where too many of it changed; linked kinds are then left as they are today.
    """
    main, *others = specs
    pasts = {main: _past(main, moment, actor, only)}
    for spec in others:
        try:
            pasts[spec] = _past(spec, moment, None, None)
        except TooMuch:
            pasts[spec] = Past(spec, is_todays=True)
    with _standing(pasts):
        yield pasts


@contextmanager
def brought_back(spec: Spec, kept: dict[int, dict[str, Any]]) -> Iterator[None]:
    """Inside, deleted records of a kind are in its table as their deletions kept them, by id."""
    past = Past(spec, touched=set(kept))
    for record_id, held in kept.items():
        instance = rows.blank(spec.model)
        instance.pk = record_id
        _set(past, record_id, instance, held)
        past.instances.append(instance)
    with _standing({spec: past}):
        yield


@contextmanager
def _standing(pasts: dict[Spec, Past]) -> Iterator[None]:
    """The views, for as long as the block lasts.

    SQLite gets no transaction: it would keep writers waiting for something that only reads.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            made = _put_up(pasts)
            yield
            _take_down(made)
        return
    made = _put_up(pasts)
    try:
        yield
    finally:
        # A connection on which a view of the past stayed would go on reading the past.
        try:
            _take_down(made)
        except DatabaseError:
            connection.close()
            raise


def linked(spec: Spec) -> list[Spec]:
    """The kind itself, and those that its fields link to."""
    found = [spec]
    for ref in refs.fields_of(spec).values():
        targets = [ref.target, *(_line_targets(ref) if ref.lines is not None else ())]
        found += [target for target in targets if target is not None and target not in found]
    return found


def _line_targets(ref: FieldRef) -> Iterator[Spec | None]:
    assert ref.lines is not None
    for column, _kind in values.line_fields(ref.spec, ref.lines).values():
        if column.is_relation:
            yield registry.of_model(column.related_model)


# --- what it was --------------------------------------------------------------------------------------


def _past(spec: Spec, moment: dt.datetime, actor: Actor | None, only: Collection[int] | None) -> Past:
    past = Past(spec)
    since = Change.objects.filter(record=spec.key, at__gt=moment)
    since = since if only is None else since.filter(record_id__in=list(only))
    past.touched = set(since.order_by().values_list("record_id", flat=True).distinct()[: MOST + 1])
    if len(past.touched) > MOST:
        text = _("More than %(count)s of “%(records)s” changed since then: choose a later date.")
        raise TooMuch(text % {"count": MOST, "records": spec.label_plural}, "as_of")
    ids = sorted(past.touched)
    for start in range(0, len(ids), PART):
        _put_together(past, ids[start : start + PART], moment, actor)
    return past


def _put_together(past: Past, ids: Sequence[int], moment: dt.datetime, actor: Actor | None) -> None:
    spec = past.spec
    now = {each.pk: each for each in spec.model._default_manager.filter(pk__in=ids)}
    seen = set(now) if actor is None else _seen(spec, actor, list(now))
    made = Change.objects.filter(record=spec.key, record_id__in=ids)
    written = dict(made.filter(at__lte=moment).order_by().values_list("record_id").annotate(Max("at")))
    by_record: dict[int, list[Change]] = defaultdict(list)
    for change in made.filter(at__gt=moment).order_by("-id"):
        by_record[change.record_id].append(change)
    for record_id in ids:
        if record_id in now and record_id not in seen:
            continue
        instance = _as_it_was(past, record_id, now.get(record_id), by_record[record_id])
        if instance is None:
            continue
        if "updated_at" in instance.__dict__ and record_id in written:
            instance.updated_at = written[record_id]
        past.instances.append(instance)


def _seen(spec: Spec, actor: Actor, ids: Sequence[int]) -> set[int]:
    return set(query.visible(spec, actor).filter(pk__in=ids).values_list("pk", flat=True))


def _as_it_was(past: Past, record_id: int, instance: Any, newest_first: Sequence[Change]) -> Any:
    """The record with its later changes taken back; None where it was not there."""
    there = instance is not None
    held: dict[str, Any] = {}
    for change in newest_first:
        if change.verb == changes.CREATE:
            there, held = False, {}
        else:
            there = there or change.verb == changes.DELETE
            held = {**held, **change.before}
    if not there:
        return None
    if instance is None:
        instance = rows.blank(past.spec.model)
        instance.pk = record_id
    past.changed[record_id] = set(held)
    _set(past, record_id, instance, held)
    return instance


def _set(past: Past, record_id: int, instance: Any, held: dict[str, Any]) -> None:
    """Put kept JSON values into an instance; those of lines and links beside it."""
    for name, ref in values.kept_fields(past.spec).items():
        if name not in held:
            continue
        if ref.many:
            past.many[name][record_id] = held[name] or []
        elif ref.write is not None:
            ref.write(instance, ref.kind.from_json(held[name]))
        elif ref.field is not None:
            setattr(instance, ref.field.attname, _python(ref, held[name]))


def _python(ref: FieldRef, value: Any) -> Any:
    if value is None and ref.field is not None and not ref.field.null:
        return ref.field.get_default()
    return ref.kind.from_json(value)


# --- where it is read ---------------------------------------------------------------------------------


def _put_up(pasts: dict[Spec, Past]) -> list[str]:
    """Temporary tables with what is not as it was, and views over the real tables; names to take down."""
    made: list[str] = []
    try:
        for past in pasts.values():
            if past.touched:
                _shadow_model(past, made)
                for name, ref in values.kept_fields(past.spec).items():
                    if ref.many:
                        _shadow_many(past, name, ref, made)
    except Exception:
        if connection.vendor == "sqlite":
            _take_down(made)
        raise
    return made


def _shadow_model(past: Past, made: list[str]) -> None:
    model = past.spec.model
    key = _column(model._meta.pk)
    _shadow(model, key, past.touched, past.instances, made)


def _shadow_many(past: Past, name: str, ref: FieldRef, made: list[str]) -> None:
    """Rows of records that were not there then, or had others, go; what they had comes."""
    model, owner, make = _lines_of(past, ref) if ref.lines is not None else _links_of(ref)
    here = {instance.pk for instance in past.instances}
    gone = {record_id for record_id in past.touched if record_id not in here} | past.many[name].keys()
    if gone:
        found = [
            row
            for record_id in sorted(past.many[name].keys() & here)
            for row in make(record_id, past.many[name][record_id])
        ]
        _shadow(model, owner, gone, found, made)


def _lines_of(past: Past, ref: FieldRef) -> tuple[Any, str, Callable[[int, list[Any]], list[Any]]]:
    assert ref.lines is not None
    model = values.line_model(past.spec, ref.lines)
    link = model._meta.get_field(values.line_link(past.spec, ref.lines))
    known = values.line_fields(past.spec, ref.lines)

    def make(record_id: int, kept: list[Any]) -> list[Any]:
        return [
            rows.made(
                model,
                {
                    model._meta.pk.attname: row["id"],
                    link.attname: record_id,
                    "position": position,
                    **{
                        column.attname: kind.from_json(row[name])
                        for name, (column, kind) in known.items()
                        if row.get(name) is not None
                    },
                },
            )
            for position, row in enumerate(kept)
        ]

    return model, _column(link), make


def _links_of(ref: FieldRef) -> tuple[Any, str, Callable[[int, list[Any]], list[Any]]]:
    assert ref.field is not None
    column: Any = ref.field
    through = column.remote_field.through
    own = through._meta.get_field(column.m2m_field_name())
    other = through._meta.get_field(column.m2m_reverse_field_name())

    def make(record_id: int, kept: list[Any]) -> list[Any]:
        # Of no use but to tell rows apart: below zero, where no row is.
        return [
            rows.made(
                through, {"id": -(record_id * 10_000 + place), own.attname: record_id, other.attname: to}
            )
            for place, to in enumerate(kept, 1)
        ]

    return through, _column(own), make


def _column(model_field: Any) -> str:
    return str(model_field.column)


def _shadow(model: Any, key: str, gone: Collection[int], found: Sequence[Any], made: list[str]) -> None:
    """A view named as the table: its rows but for those of `gone`, and those of `found`.

    All names put into the statements are those of models.
    """
    quote = connection.ops.quote_name
    table = model._meta.db_table
    columns = ", ".join(quote(each.column) for each in model._meta.concrete_fields)
    real = f"{quote(_schema())}.{quote(table)}"
    then, ids = f"{table}_then", f"{table}_gone"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {quote(ids)} (id bigint PRIMARY KEY)")
        made.append(f"TABLE {quote(ids)}")
        cursor.executemany(f"INSERT INTO {quote(ids)} VALUES (%s)", [(each,) for each in gone])  # noqa: S608
        cursor.execute(f"CREATE TEMP TABLE {quote(then)} AS SELECT {columns} FROM {real} LIMIT 0")  # noqa: S608
        made.append(f"TABLE {quote(then)}")
        _fill(cursor, model, then, found)
        cursor.execute(
            f"CREATE TEMP VIEW {quote(table)} AS"  # noqa: S608
            f" SELECT {columns} FROM {real} WHERE {quote(key)} NOT IN (SELECT id FROM {quote(ids)})"
            f" UNION ALL SELECT {columns} FROM {quote(then)}"
        )
        made.append(f"VIEW {quote(table)}")


def _fill(cursor: Any, model: Any, table: str, found: Sequence[Any]) -> None:
    fields = model._meta.concrete_fields
    marks = ", ".join(["%s"] * len(fields))
    cursor.executemany(
        f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({marks})",  # noqa: S608
        [
            [each.get_db_prep_save(getattr(instance, each.attname), connection) for each in fields]
            for instance in found
        ],
    )


def _schema() -> str:
    if connection.vendor == "sqlite":
        return "main"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def _take_down(made: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for name in reversed(made):
            kind, _space, quoted = name.partition(" ")
            schema = "temp" if connection.vendor == "sqlite" else "pg_temp"
            cursor.execute(f"DROP {kind} {schema}.{quoted}")
