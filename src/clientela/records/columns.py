"""Columns as drafts handle them, worked out once for each record: read, checked, told as JSON.

A check accepts the plain case at once and leaves the rest, refusals included, to the model field.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext as _

from clientela.records import kinds, refs, values
from clientela.records.fields import CodeField
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec

_TEXTS = (models.CharField, models.TextField)
_PLAIN: tuple[tuple[type[Any], type[Any]], ...] = (
    (models.BooleanField, bool),
    (models.DateTimeField, dt.datetime),
    (models.DateField, dt.date),
)

_WIDE = Context(prec=80)


@dataclass(frozen=True, slots=True)
class Column:
    """`check` is None where there is nothing to check; `usual`, `empties` and what `fits` pass it unseen.

    `plain`: a new instance holds the value under `attribute` just as it is stored. `tell`: its JSON, if
    another than the value itself.
    """

    name: str
    ref: FieldRef
    read: Callable[[Any], Any]
    attribute: str
    check: Callable[[Any, Any], Any] | None
    empties: tuple[Any, ...]
    fits: Callable[[Any], bool]
    usual: Any
    plain: bool
    tell: Callable[[Any], Any] | None


@refs.until_fields_change
def columns_of(spec: Spec) -> dict[str, Column]:
    """The kept fields with one value each, by name."""
    return {name: _column(name, ref) for name, ref in values.kept_fields(spec).items() if not ref.many}


def _column(name: str, ref: FieldRef) -> Column:
    field = ref.field
    attribute = field.attname if field is not None else name
    read = ref.read or _reader(field, attribute)
    check = _check(field) if field is not None and field.editable else None
    empties = _empties(field) if field is not None else ()
    plain = ref.read is None and field is not None and not isinstance(field, models.DecimalField)
    fits = (_fits(field) if check is not None else None) or _never
    tell = None if ref.kind.to_json is kinds.same else ref.kind.to_json
    start = field.default if field is not None and not callable(field.default) else _never
    usual = start if start in empties or fits(start) else _never
    return Column(name, ref, read, attribute, check, empties, fits, usual, plain, tell)


def _reader(field: Any, attribute: str) -> Callable[[Any], Any]:
    """Decimals with the places that the database gives back: "1500" and "1500.00" are no change."""
    get = attrgetter(attribute)
    if not isinstance(field, models.DecimalField):
        return get
    places, largest = Decimal(1).scaleb(-field.decimal_places), field.max_digits

    def read(instance: Any) -> Any:
        value = get(instance)
        settled = type(value) is not Decimal or value.same_quantum(places)
        if settled or not value.is_finite() or value.adjusted() > largest:
            return value
        rounded = value.quantize(places, context=_WIDE)
        # What somebody wrote with more places is refused by the check, never rounded in silence.
        return value if field.editable and rounded != value else rounded

    return read


def _empties(field: Any) -> tuple[Any, ...]:
    nothing = (None,) if field.null and (field.blank or field.is_relation) else ()
    return (*nothing, "") if field.blank and isinstance(field, _TEXTS) else nothing


def _check(field: Any) -> Callable[[Any, Any], Any]:
    if isinstance(field, models.ForeignKey):
        return _present
    return field.clean  # type: ignore[no-any-return]


def _never(value: Any) -> bool:
    return False


def _present(value: Any, instance: Any) -> Any:
    if value is None:
        raise ValidationError(_("This field is needed."))
    return value


def _fits(field: Any) -> Callable[[Any], bool] | None:
    """Whether a value is plainly right, as a quick test; None where only the field itself can tell."""
    if isinstance(field, models.ForeignKey):
        return lambda value: value is not None
    if isinstance(field, models.DecimalField):
        return _fits_decimal(field)
    if isinstance(field, CodeField):
        known = field.codes()
        return lambda value: value in known
    if isinstance(field, _TEXTS) and all(type(each) is MaxLengthValidator for each in field.validators):
        return _fits_text(field)
    if not field.validators:
        python = next((python for cls, python in _PLAIN if isinstance(field, cls)), None)
        return None if python is None else lambda value: type(value) is python
    return None


def _fits_text(field: Any) -> Callable[[Any], bool]:
    if field.choices:
        known = {key for key, _label in field.flatchoices if isinstance(key, str)}
        return lambda value: type(value) is str and value in known
    longest = field.max_length or float("inf")
    return lambda value: type(value) is str and 0 < len(value) <= longest


def _fits_decimal(field: Any) -> Callable[[Any], bool]:
    places: int = field.decimal_places
    whole, unit = int(field.max_digits) - places, Decimal(1).scaleb(-places)
    if any(each.__class__.__name__ != "DecimalValidator" for each in field.validators):
        return lambda value: False

    def fits(value: Any) -> bool:
        if type(value) is not Decimal or not value.is_finite():
            return False
        exponent = -places if value.same_quantum(unit) else int(value.as_tuple().exponent)
        return value.adjusted() < whole and exponent >= -places

    return fits
