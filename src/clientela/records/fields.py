"""Model fields with a meaning the engine knows beyond their column type."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _

from clientela.kit.countries import countries
from clientela.kit.money import currency_codes
from clientela.ui import colours

if TYPE_CHECKING:
    _Decimal = models.DecimalField[Any, Any]
    _Char = models.CharField[Any, Any]
else:
    _Decimal, _Char = models.DecimalField, models.CharField


class MoneyField(_Decimal):
    """An amount in the currency named by a sibling field.

    `currency`: name of the sibling holding the ISO 4217 code.
    `base`: name of the sibling holding the same amount in the company's currency; sums, sorts and
    filters use it so that amounts in several currencies compare.
    """

    def __init__(self, *args: Any, currency: str = "currency", base: str = "", **kwargs: Any) -> None:
        self.currency = currency
        self.base = base
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "currency": self.currency, "base": self.base}


class PhoneField(_Char):
    """A telephone number, kept in E.164 when it is valid."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(*args, **kwargs)


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(code for code, _name in countries("en"))


@cache
def _currency_codes() -> frozenset[str]:
    return frozenset(currency_codes())


class CodeField(_Char):
    """Abstract: a code of a closed list that everybody shares, written in capitals."""

    codes: Callable[[], frozenset[str]]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.upper() if isinstance(text, str) else text

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if value and value not in self.codes():
            raise ValidationError(_("There is no code “%(code)s”.") % {"code": value})


class CountryField(CodeField):
    """ISO 3166-1 alpha-2."""

    codes = staticmethod(_country_codes)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2)
        super().__init__(*args, **kwargs)


class CurrencyField(CodeField):
    """ISO 4217."""

    codes = staticmethod(_currency_codes)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)


class PercentField(_Decimal):
    """A share of a hundred: 70 means 70 %."""

    default_validators = [MinValueValidator(0), MaxValueValidator(100)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 5)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class ColourField(_Char):
    """One of the ten colours an administrator may choose (DESIGN.md §3)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("choices", list(colours.NAMES.items()))
        kwargs.setdefault("default", "gray")
        super().__init__(*args, **kwargs)
