"""Builds a workspace of any size: people, accounts, contacts, deals, their history, notes and search entries.

Rows are made by counting, so that two runs have the same ones; only dates move with today. They go past
the application straight into the tables (COPY or one prepared statement), with the indexes made afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Model

from bench.names import (
    CITIES,
    PASSWORD,
    PEOPLE,
    SECOND,
    SELLERS,
    SURNAMES,
    TEAMS,
    THINGS,
    account_name,
    people,
)
from clientela.access.models import Role, Team, User
from clientela.access.teams import rebuild_reach
from clientela.domain.parties import models as parties
from clientela.domain.sales import models as sales
from clientela.kit import bulk, statistics
from clientela.platform.audit.models import Change
from clientela.platform.search import index
from clientela.platform.search.models import Entry
from clientela.platform.timeline.models import Note, NoteLink
from clientela.records import registry
from clientela.records.spec import Spec

BATCH = 10_000


@dataclass(frozen=True)
class Shape:
    """How many rows there are of each kind."""

    deals: int
    accounts: int
    contacts: int

    @classmethod
    def of(cls, deals: int) -> Shape:
        return cls(deals, max(deals // 5, 1), max(deals // 5 * 2, 1))


@dataclass(frozen=True)
class Frame:
    """What every row refers to: people in their order, words, stages as (id, kind, pipeline)."""

    today: dt.date
    sellers: Sequence[int]
    sectors: Sequence[int]
    zones: Sequence[int]
    sources: Sequence[int]
    stages: Sequence[tuple[int, str, int]]

    def owner(self, number: int) -> int | None:
        """Everybody has a tenth of the rows; one in thirty is nobody's."""
        return None if number % 30 == 7 else self.sellers[number * 7 // 3 % SELLERS]

    def moment(self, days_ago: int, number: int) -> str:
        day = self.today - dt.timedelta(days=days_ago)
        return f"{day} {8 + number % 10:02}:{number % 60:02}:{number * 7 % 60:02}"


def build(shape: Shape) -> None:
    """Fill an empty, migrated database."""
    frame = _people_and_words()
    tables = (
        parties.Account, parties.Contact, parties.Affiliation, parties.AccountEmail, parties.ContactEmail,
        sales.Opportunity, sales.StageSpan, Change, Note, NoteLink,
    )  # fmt: skip
    with _without_indexes([model._meta.db_table for model in tables]), transaction.atomic():
        _put(parties.Account, _accounts(frame, shape))
        _put(parties.AccountEmail, _emails(shape.accounts, "account"))
        _put(parties.Contact, _contacts(frame, shape))
        _put(parties.ContactEmail, _emails(shape.contacts, "contact"))
        _put(parties.Affiliation, _affiliations(shape))
        _put(sales.Opportunity, _deals(frame, shape))
        _put(sales.StageSpan, _spans(frame, shape))
        _put(Change, _history(frame, shape))
        _put(Note, _notes(frame, shape))
        _put(NoteLink, _links(shape))
        _move_counters([model._meta.db_table for model in tables])
    with _without_indexes([Entry._meta.db_table]):
        for spec in filter(index.is_indexed, registry.every()):
            _make_findable(spec)
        _fill_words()
    _gather_statistics()


def _make_findable(spec: Spec) -> None:
    """Search entries of every row, as `index.rebuild` makes them, known to be the first ones."""
    plan, last = index.plan_of(spec), 0
    everything = spec.model._default_manager.order_by("pk").values_list("pk", *plan.paths)
    while rows := list(everything.filter(pk__gt=last)[:BATCH]):
        with transaction.atomic():
            index.write(plan, rows, fresh=True)
        last = rows[-1][0]


def _fill_words() -> None:
    """SQLite's table of words follows by triggers, which are off while rows stream in."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT OR IGNORE INTO search_kind (record) SELECT DISTINCT record FROM search_entry"
            )
            cursor.execute("INSERT INTO search_entry_words(search_entry_words) VALUES ('rebuild')")


def _people_and_words() -> Frame:
    hashed = make_password(PASSWORD)
    top = Team.objects.create(name="Direction")
    teams = [Team.objects.create(name=f"Team {number}", parent=top) for number in range(TEAMS)]
    rebuild_reach()
    sellers = [
        User.objects.create(
            email=f"seller{number}@bench.example", name=f"Seller {number}", password=hashed,
            team=teams[(number + 2) % TEAMS],
        )
        for number in range(SELLERS)
    ]  # fmt: skip
    admin = User.objects.create(email=people()[1], name="Admin", password=hashed)
    Role.objects.get(key="admin").people.set([admin])
    Role.objects.get(key="seller").people.set(sellers)
    stages = sales.Stage.objects.order_by("position").values_list("id", "kind", "pipeline_id")
    return Frame(
        dt.datetime.now(dt.UTC).date(),
        [seller.pk for seller in sellers],
        [parties.Sector.objects.create(name=f"Sector {number}").pk for number in range(12)],
        [parties.Zone.objects.create(name=f"Zone {number}").pk for number in range(8)],
        [parties.Source.objects.create(name=f"Source {number}").pk for number in range(8)],
        list(stages),
    )


Row = dict[str, Any]


def _record(frame: Frame, number: int) -> Row:
    """Columns that every record has."""
    moment = frame.moment(number % 700, number)
    return {
        "id": number, "external_id": "", "created_at": moment, "updated_at": moment,
        "created_by_id": frame.sellers[number % SELLERS], "version": 1,
    }  # fmt: skip


def _party(frame: Frame, number: int, kind: str) -> Row:
    return _record(frame, number) | {
        "email": f"{kind}{number}@bench.example", "phone": f"+349{number:08}",
        "street": f"Calle Mayor {number}",
        "city": CITIES[number % len(CITIES)], "postal_code": f"{number % 50_000:05}", "region": "",
        "country": "ES", "source_id": frame.sources[number % 8], "owner_id": frame.owner(number),
        "description": "",
    }  # fmt: skip


def _accounts(frame: Frame, shape: Shape) -> Iterator[Row]:
    for number in range(1, shape.accounts + 1):
        yield _party(frame, number, "account") | {
            "external_id": f"A{number}", "name": account_name(number), "form": "company",
            "kind": "customer" if number % 3 else "prospect", "parent_id": None,
            "sector_id": frame.sectors[number % 12], "zone_id": frame.zones[number % 8],
            "tax_country": "ES", "tax_id": "", "website": "", "employees": number % 500,
            "annual_revenue": None, "currency": "EUR",
        }  # fmt: skip


def _contacts(frame: Frame, shape: Shape) -> Iterator[Row]:
    for number in range(1, shape.contacts + 1):
        first, last = PEOPLE[number % len(PEOPLE)], f"{SURNAMES[number % len(SURNAMES)]} {number}"
        yield _party(frame, number, "contact") | {
            "name": f"{first} {last}", "first_name": first, "last_name": last, "salutation": "",
            "job_title": "Compras", "department": "", "account_id": number % shape.accounts + 1,
            "role": "Compras", "birthday": None,
        }  # fmt: skip


def _emails(count: int, kind: str) -> Iterator[Row]:
    for number in range(1, count + 1):
        yield {
            "position": 0, "email": f"{kind}{number}@bench.example", "kind": "work", "main": True,
            f"{kind}_id": number,
        }  # fmt: skip


def _affiliations(shape: Shape) -> Iterator[Row]:
    for number in range(1, shape.contacts + 1):
        yield {
            "position": 0, "contact_id": number, "account_id": number % shape.accounts + 1,
            "role": "Compras", "main": True,
        }  # fmt: skip


def _place(frame: Frame, number: int) -> tuple[int, str, int]:
    """The stage of a deal: two in five are open, two won, one lost."""
    opened = [stage for stage in frame.stages if stage[1] == "open"]
    won, lost = (next(stage for stage in frame.stages if stage[1] == kind) for kind in ("won", "lost"))
    return (opened[number // 5 % len(opened)], opened[number // 7 % len(opened)], won, won, lost)[number % 5]


def _deals(frame: Frame, shape: Shape) -> Iterator[Row]:
    for number in range(1, shape.deals + 1):
        stage, kind, pipeline = _place(frame, number)
        close = frame.today + dt.timedelta(days=number * 13 % 180 if kind == "open" else -(number * 17 % 540))
        amount = f"{number * 37 % 90_000 + 500}.{number % 100:02}"
        yield _record(frame, number) | {
            "name": f"{THINGS[number % len(THINGS)]} {SECOND[number // 3 % len(SECOND)]} {number}",
            "account_id": number % shape.accounts + 1, "prospect_name": "", "prospect_email": "",
            "prospect_phone": "", "pipeline_id": pipeline, "stage_id": stage,
            "stage_since": frame.moment(number % 40, number), "amount": amount, "currency": "EUR",
            "amount_base": amount, "probability": None, "close_date": str(close),
            "source_id": frame.sources[number % 8], "owner_id": frame.owner(number),
            "next_step": "Llamar" if number % 4 == 0 else "", "next_step_date": None,
            "closed_at": None if kind == "open" else f"{close} 12:00:00", "lost_reason_id": None,
            "lost_to_id": None, "description": "",
        }  # fmt: skip


def _spans(frame: Frame, shape: Shape) -> Iterator[Row]:
    for number in range(1, shape.deals + 1):
        yield {
            "position": 0, "opportunity_id": number, "stage_id": _place(frame, number)[0],
            "entered_at": frame.moment(number % 40, number), "left_at": None,
        }  # fmt: skip


def _history(frame: Frame, shape: Shape) -> Iterator[Row]:
    """Each deal was made, got another amount and was moved once."""
    first = frame.stages[0][0]
    for number in range(1, shape.deals + 1):
        moved = {"stage": first}, {"stage": _place(frame, number)[0]}
        priced = {"amount": "100.00"}, {"amount": f"{number}.00"}
        for place, (verb, before, after) in enumerate(
            (("create", {}, {"name": f"Deal {number}"}), ("update", *priced), ("update", *moved))
        ):
            yield {
                "operation": f"{number * 4 + place:032x}", "undoes": None,
                "at": frame.moment(700 - place - number % 600, number),
                "actor_id": frame.sellers[number % SELLERS], "source": "page", "reference": "", "address": "",
                "label": "", "record": "opportunity", "record_id": number, "verb": verb,
                "title": f"Deal {number}", "before": json.dumps(before), "after": json.dumps(after),
            }  # fmt: skip


def _notes(frame: Frame, shape: Shape) -> Iterator[Row]:
    """One deal in five has a note."""
    for number in range(1, shape.deals // 5 + 1):
        yield _record(frame, number) | {"body": f"Pidió plazo de entrega y precio {number}.", "pinned": False}


def _links(shape: Shape) -> Iterator[Row]:
    for number in range(1, shape.deals // 5 + 1):
        yield {"position": 0, "note_id": number, "record": "opportunity", "record_id": number * 5}


# --- into the tables ---------------------------------------------------------------------------------


def _put(model: type[Model], rows: Iterator[Row]) -> None:
    first = next(rows, None)
    if first is None:
        return
    names = list(first)
    known = {field.column for field in model._meta.concrete_fields}
    defaults = {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in first and not field.primary_key and field.has_default()
    }
    assert set(names) <= known, f"{model.__name__} has no {set(names) - known}"

    def values() -> Iterator[list[Any]]:
        filling = list(defaults.values())
        yield [*first.values(), *filling]
        for row in rows:
            yield [*row.values(), *filling]

    bulk.insert(connection, model._meta.db_table, [*names, *defaults], values())


@contextmanager
def _without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """Indexes and checks of links are off while rows stream in; unique ones stay."""
    postgres = connection.vendor == "postgresql"
    begin = "SET session_replication_role = replica" if postgres else "PRAGMA foreign_keys=OFF"
    end = "SET session_replication_role = DEFAULT" if postgres else "PRAGMA foreign_keys=ON"
    made = _indexes_of(tables)
    kind = {"index": "INDEX", "trigger": "TRIGGER"}
    with connection.cursor() as cursor:
        cursor.execute(begin)
        for what, name, _definition in made:
            cursor.execute(f'DROP {kind[what]} "{name}"')
        yield
        if postgres:
            cursor.execute("SET maintenance_work_mem = '512MB'")
        for _what, _name, definition in made:
            cursor.execute(definition)
        cursor.execute(end)


def _indexes_of(tables: Sequence[str]) -> list[tuple[str, str, str]]:
    """Kind, name and definition of each index, and on SQLite of each trigger."""
    marks = ", ".join(["%s"] * len(tables))
    if connection.vendor == "postgresql":
        question = (
            "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            f"AND tablename IN ({marks}) AND indexdef NOT LIKE 'CREATE UNIQUE%%'"
        )
    else:
        question = (
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') "
            f"AND tbl_name IN ({marks}) AND sql NOT LIKE 'CREATE UNIQUE%%'"
        )
    with connection.cursor() as cursor:
        cursor.execute(question, list(tables))
        return [(str(what), str(name), str(sql)) for what, name, sql in cursor.fetchall()]


def _move_counters(tables: Iterable[str]) -> None:
    """Ids were given; PostgreSQL's counters follow (SQLite's do so by themselves)."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f'coalesce((SELECT max(id) FROM "{table}"), 0) + 1, false)'
            )


def _gather_statistics() -> None:
    """On SQLite just what the product itself gathers."""
    statistics.refresh(connection)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
