"""How many records a list has and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Avg, Max, Min, Sum
from django.utils.translation import gettext_lazy as _

from clientela.kit import money, numbers
from clientela.records import kinds, query, refs
from clientela.records.display import Reader
from clientela.records.refs import FieldRef

AGGREGATES: Mapping[str, tuple[Any, Any]] = {
    "sum": (Sum, _("Sum")),
    "avg": (Avg, _("Average")),
    "min": (Min, _("Minimum")),
    "max": (Max, _("Maximum")),
}
Wanted = list[tuple[FieldRef, str]]


def wanted(columns: Iterable[FieldRef], chosen: Iterable[str]) -> Wanted:
    """Which aggregate stands under which column: the chosen ones, else the sums of amounts."""
    by_path = {ref.path: ref for ref in columns}
    pairs = [word.partition(":")[::2] for word in chosen]
    if not pairs:
        pairs = [(path, "sum") for path, ref in by_path.items() if ref.kind is kinds.Money]
    return [
        (by_path[path], name)
        for path, name in pairs
        if path in by_path and name in by_path[path].kind.aggregates
    ]


def paths(pairs: Wanted) -> frozenset[str]:
    """The columns under which a total stands."""
    return frozenset(ref.path for ref, _name in pairs)


def expressions(pairs: Wanted) -> dict[str, Any]:
    """Aggregates to compute in one query, by "total_<n>"; amounts of unlike currencies are not added up."""
    return {
        f"total_{place}": AGGREGATES[name][0](refs.expression_of(ref))
        for place, (ref, name) in enumerate(pairs)
        if not _mixed(ref)
    }


def _mixed(ref: FieldRef) -> bool:
    return ref.kind is kinds.Money and bool(ref.currency) and not ref.base


def texts(pairs: Wanted, values: Mapping[str, Any], reader: Reader) -> dict[str, tuple[Any, str]]:
    """By path: the aggregate's name and its value as written."""
    return {
        ref.path: (AGGREGATES[name][1], text(ref, values[f"total_{place}"], reader))
        for place, (ref, name) in enumerate(pairs)
        if values.get(f"total_{place}") is not None
    }


def text(ref: FieldRef, value: Any, reader: Reader) -> str:
    """An aggregate of `ref` as written; amounts are in the company's currency."""
    if ref.kind is kinds.Money:
        exact = numbers.round_half_up(Decimal(value), 2)
        return money.format_money(exact, settings.BASE_CURRENCY, reader.locale, "auto")
    if ref.kind.numeric:
        return ref.kind.text(round(value, 2), reader.locale)
    return ref.kind.text(value, reader.locale)


def of(rows: query.Rows, pairs: Wanted, reader: Reader) -> dict[str, tuple[Any, str]]:
    """The aggregates of all rows: one query, and one more for each amount kept in several currencies."""
    computed = expressions(pairs)
    values = rows.order_by().aggregate(**computed) if computed else {}
    found = texts(pairs, values, reader)
    mixed = {
        ref.path: (AGGREGATES[name][1], _by_currency(rows, ref, name, reader))
        for ref, name in pairs
        if _mixed(ref)
    }
    return found | {path: entry for path, entry in mixed.items() if entry[1]}


def _by_currency(rows: query.Rows, ref: FieldRef, name: str, reader: Reader) -> str:
    each = (
        rows.filter(**{f"{ref.annotation}__isnull": False})
        .order_by(currency := ref.reading(ref.currency))
        .values_list(currency)
        .annotate(total=AGGREGATES[name][0](ref.annotation))
    )
    return " + ".join(
        money.format_money(
            numbers.round_half_up(Decimal(total), 2),
            code or settings.BASE_CURRENCY,
            reader.locale,
            "auto",
        )
        for code, total in each[:6]
    )
