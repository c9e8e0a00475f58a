"""How alike two records are, 0 to 100, and why: as data, so that everybody reads it in his language.

Reasons add up as independent evidence: what each leaves open is multiplied (noisy or). Two different tax ids
speak against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from typing import Any

from rapidfuzz import fuzz

from clientela.platform.duplicates.comparison import (
    ADDRESS,
    DOMAIN,
    EMAIL,
    LINK,
    NAME,
    PHONE,
    TAX_ID,
    Comparison,
)
from clientela.platform.duplicates.facts import Facts

Reason = dict[str, Any]
DIFFERENT_TAX_ID = "different_tax_id"
LEAST = 50
"""Pairs below it are not offered."""
SURE = 90
NEAR_NAME, NO_NAME = 80, 70
_AGAINST = 0.4


def reasons(compared: Comparison, one: Facts, other: Facts) -> list[Reason]:
    """What agrees, the strongest first; empty where one record says itself that they are two."""
    if _are_apart(one, other):
        return []
    groups = (
        (TAX_ID, one.tax_ids, other.tax_ids, compared.tax_ids),
        (EMAIL, one.emails, other.emails, compared.emails),
        (PHONE, one.phones, other.phones, compared.phones),
        (DOMAIN, one.domains, other.domains, compared.domains),
    )
    found = [_reason(compared, why, paths) for why, mine, yours, paths in groups if mine & yours]
    if any(each["why"] == EMAIL for each in found):
        found = [each for each in found if each["why"] != DOMAIN]
    if (share := names_alike(one.names, other.names)) >= NEAR_NAME:
        points = compared.points_of(NAME) * (share - NO_NAME) / (100 - NO_NAME)
        found.append(_reason(compared, NAME, compared.names, round(points), round(share)))
    if one.address and other.address:
        share = fuzz.ratio(one.address, other.address)
        if share >= NEAR_NAME + 5:
            found.append(_reason(compared, ADDRESS, compared.address, share=round(share)))
    same = tuple(path for path, value in one.links.items() if other.links.get(path) == value)
    if same:
        found.append(_reason(compared, LINK, same))
    if not compared.companies and not _is_about_the_person(found, one, other):
        return []
    if one.tax_ids and other.tax_ids and not one.tax_ids & other.tax_ids:
        found.append({"why": DIFFERENT_TAX_ID, "points": 0, "fields": list(compared.tax_ids)})
    return sorted(found, key=lambda each: -each["points"])


def _is_about_the_person(found: Iterable[Reason], one: Facts, other: Facts) -> bool:
    """Colleagues share account, domain and switchboard; a telephone counts where a name does in part."""
    whys = {each["why"] for each in found}
    words = {word for name in one.names for word in name.split()}
    theirs = {word for name in other.names for word in name.split()}
    return bool(whys & {NAME, EMAIL, TAX_ID}) or (PHONE in whys and bool(words & theirs))


def _are_apart(one: Facts, other: Facts) -> bool:
    return other.id in one.apart.values() or one.id in other.apart.values()


def _reason(
    compared: Comparison, why: str, paths: Iterable[str], points: int | None = None, share: int = 0
) -> Reason:
    made = {
        "why": why,
        "points": compared.points_of(why) if points is None else points,
        "fields": list(paths),
    }
    return made | ({"share": share} if share else {})


def score(found: Iterable[Mapping[str, Any]]) -> int:
    """0 to 100 from reasons."""
    given = list(found)
    open_still: float = prod(1 - each["points"] / 100 for each in given)
    alike = 100 * (1 - open_still)
    against = any(each["why"] == DIFFERENT_TAX_ID for each in given)
    return round(alike * (_AGAINST if against else 1))


def names_alike(ones: Iterable[str], others: Iterable[str]) -> float:
    """The likeness of the nearest two names, 0 to 100."""
    return max((_alike(one, other) for one, other in product(ones, others)), default=0.0)


def _alike(one: str, other: str) -> float:
    """Of the whole, and of what is left without the words of both: "Construcciones" alone says little."""
    if one == other:
        return 100.0
    whole = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    if whole < NO_NAME:
        return whole
    words, theirs = one.split(), other.split()
    rest = " ".join(sorted(set(words) - set(theirs)))
    their_rest = " ".join(sorted(set(theirs) - set(words)))
    if rest and their_rest:
        together = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
        return max((whole + fuzz.ratio(rest, their_rest)) / 2, together if together > 97 else 0)
    return whole
