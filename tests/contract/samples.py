"""A sample of any kind of record, made from its description alone, so that a new record is tested unasked."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from clientela.access.actor import SYSTEM
from clientela.access.models import User
from clientela.kit.money import currency_codes
from clientela.records import kinds, refs, registry, write
from clientela.records.changes import Operation, Source
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec
from tests.cast import Cast

numbers = itertools.count(1)
TEST = Source("test")
NOT_MADE = ("user", "team", "role", "share", "attachment")
"""Kinds of record that are not made through the engine."""


def specs() -> list[Spec]:
    """Every kind of record that people make."""
    return [spec for spec in registry.every() if spec.key not in NOT_MADE]


def make(spec: Spec, owner: User | None = None, /, **given: Any) -> Any:
    """A saved record with a value in each field that may be written, looked after by `owner`."""
    values = {**sample_values(spec), **given}
    if spec.access.owner and owner is not None and spec.access.owner in refs.fields_of(spec):
        values[spec.access.owner] = owner.pk
    made = write.create(spec, values, operation=Operation(SYSTEM, TEST), trusted=True)
    return spec.model._default_manager.get(pk=made.pk)


def sample_values(spec: Spec) -> dict[str, Any]:
    """A value for each writable field but links to the record's own kind, which may stay empty."""
    return {
        name: value
        for name, ref in refs.fields_of(spec).items()
        if not ref.read_only and not ref.provided and (value := sample_value(ref)) is not None
    }


def sample_value(ref: FieldRef) -> Any:
    special = _SPECIAL.get((ref.spec.key, ref.path))
    if special is not None:
        return special(next(numbers))
    if ref.kind is kinds.Link:
        return _sample_link(ref)
    if ref.field is not None and ref.choices:
        return next(iter(ref.choices))
    made = _SAMPLES.get(ref.kind.name)
    return made(next(numbers)) if made is not None else None


def _sample_link(ref: FieldRef) -> int | None:
    target = ref.target
    if target is None or target is ref.spec or target.key in NOT_MADE or not ref.required:
        return None
    return int(make(target).pk)


_SAMPLES: dict[str, Any] = {
    "text": lambda n: f"Sample {n} Ñandú",
    "longtext": lambda n: f"First line {n}\nSecond line: «ça va»",
    "email": lambda n: f"sample{n}@example.com",
    "phone": lambda n: f"+346{n:08d}",
    "url": lambda n: f"https://example.com/{n}",
    "country": lambda n: "",
    "currency": lambda n: "EUR",
    "colour": lambda n: "teal",
    "boolean": lambda n: False,
    "integer": lambda n: n % 30000,
    "number": lambda n: Decimal(n) / 4,
    "percent": lambda n: Decimal(n % 100),
    "money": lambda n: Decimal(n) + Decimal("0.25"),
    "date": lambda n: dt.date(2026, 1, 1) + dt.timedelta(days=n % 300),
    "datetime": lambda n: dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC) + dt.timedelta(hours=n % 300),
}


def _tax_number(n: int) -> str:
    return f"{n:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[n % 23]}"


_codes = itertools.cycle(currency_codes())


def _rare_currency(n: int) -> str:
    """A code that is in use in the world and not yet in the test."""
    used = set(registry.get("currency").model._default_manager.values_list("code", flat=True))
    return next(code for code in _codes if code not in used)


# Where any value will not do: numbers with a check digit, codes that must not be in use.
_SPECIAL: dict[tuple[str, str], Any] = {
    ("account", "tax_id"): _tax_number,
    ("currency", "code"): _rare_currency,
    # Left out, so that a deal enters the pipeline that is there, in which it can be won.
    ("opportunity", "stage"): lambda n: None,
}


def hang_something(spec: Spec, cast: Cast) -> None:
    """Files that nobody makes by a form: three on a record of the owner's; shares of one with everybody."""
    subject = make(registry.get("account"), cast.owner)
    if spec.key == "attachment":
        for number in range(3):
            values = {"name": f"offer-{number}.pdf", "record": "account", "record_id": subject.pk}
            spec.model._default_manager.create(**values, stored=f"token-{subject.pk}-{number}")
    if spec.key == "share":
        for person in (cast.owner, cast.teammate, cast.reader):
            values = {"record": "account", "record_id": subject.pk, "user": person}
            spec.model._default_manager.create(**values, by=cast.owner)
