"""What is compared of records, read by the thousand and brought into one form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from clientela.kit.identifiers import email_domain
from clientela.kit.mail_domains import PUBLIC
from clientela.kit.text import bare_company_name, fold
from clientela.platform.duplicates.comparison import Comparison

CHUNK = 2000
SHORTEST_PHONE, TELLING_DIGITS = 7, 9
_SIGNS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+")
_PARTICLES = frozenset(("a", "al", "d", "da", "de", "del", "dels", "do", "dos", "e", "el", "els", "en", "i",
                        "l", "la", "las", "les", "los", "s", "the", "y", "and", "of"))  # fmt: skip
_WAYS = frozenset(("avda", "av", "avenida", "avinguda", "c", "cl", "calle", "carrer", "cra", "crta", "ctra",
                   "carretera", "carr", "pl", "plaza", "placa", "pza", "paseo", "pg", "passeig", "ronda",
                   "rua", "cr", "carrera", "km", "n", "no", "num", "numero", "nave", "pol", "ind", "poligono",
                   "industrial"))  # fmt: skip


@dataclass(slots=True)
class Facts:
    """Of one record: values in their comparable form; `names` without legal form and particles."""

    id: int
    names: set[str] = field(default_factory=set)
    tax_ids: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    address: str = ""
    links: dict[str, Any] = field(default_factory=dict)
    apart: dict[str, Any] = field(default_factory=dict)


def all_ids(compared: Comparison) -> Iterator[list[int]]:
    """The ids of every record of the kind, a chunk at a time, rising."""
    rows = compared.spec.model._base_manager.order_by("pk").values_list("pk", flat=True)
    found = list(rows[:CHUNK])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1])[:CHUNK])


def read(compared: Comparison, ids: Iterable[int]) -> dict[int, Facts]:
    """The facts of the records with these ids: one query, and one for each path into lines."""
    wanted = list(ids)
    model = compared.spec.model
    rows = model._base_manager.filter(pk__among=wanted).order_by()
    own = [path for path in compared.paths if "__" not in path]
    found: dict[int, Facts] = {}
    for pk, *values in rows.values_list("pk", *own):
        given = dict(zip(own, values, strict=True))
        found[pk] = _own(compared, pk, given)
    for path in compared.paths:
        if "__" in path:
            for pk, value in rows.exclude(**{f"{path}__isnull": True}).values_list("pk", path):
                if pk in found:
                    _take(compared, found[pk], path, value)
    return found


def _own(compared: Comparison, pk: int, given: dict[str, Any]) -> Facts:
    facts = Facts(pk)
    for path, value in given.items():
        if value not in (None, ""):
            _take(compared, facts, path, value)
    if compared.address:
        facts.address = address_of([str(given.get(path) or "") for path in compared.address])
    facts.links = {path: value for path in compared.links if (value := given.get(path)) is not None}
    facts.apart = {path: value for path in compared.apart if (value := given.get(path)) is not None}
    return facts


def _take(compared: Comparison, facts: Facts, path: str, value: Any) -> None:
    if path in compared.names:
        facts.names |= {name_of(str(value), companies=compared.companies)} - {""}
    if path in compared.tax_ids:
        facts.tax_ids |= {_SIGNS.sub("", str(value)).upper()} - {""}
    if path in compared.emails:
        facts.emails |= {str(value).strip().lower()} - {""}
    if path in compared.phones:
        facts.phones |= {phone_of(str(value))} - {""}
    if path in compared.domains:
        facts.domains |= {domain_of(str(value))} - {""}


def name_of(name: str, *, companies: bool) -> str:
    """The words that tell, in their order: "Canteras de Ricla, S.A." is "canteras ricla"."""
    bare = bare_company_name(name) if companies else " ".join(_WORD.findall(fold(name)))
    words = [word for word in bare.split() if word not in _PARTICLES]
    return " ".join(words) or bare


def phone_of(text: str) -> str:
    """The last digits, so that a number with and without the country's code is the same."""
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    return digits[-TELLING_DIGITS:] if len(digits) >= SHORTEST_PHONE else ""


def domain_of(text: str) -> str:
    """The domain of an e-mail or web address; "" for those that anybody may have."""
    if "@" in text:
        domain = email_domain(text)
    else:
        domain = text.strip().lower().partition("://")[2] or text.strip().lower()
        domain = re.split(r"[/?#:]", domain, maxsplit=1)[0]
    domain = domain.removeprefix("www.")
    return "" if domain in PUBLIC or "." not in domain else domain


def address_of(parts: Sequence[str]) -> str:
    """Street without its kind and place as sorted words: "C/ Mayor, 3, Ricla" is "3 mayor | ricla"."""
    street = " ".join(sorted(word for word in _WORD.findall(fold(parts[0])) if word not in _WAYS))
    rest = " ".join(_WORD.findall(fold(" ".join(parts[1:]))))
    return f"{street} | {rest}" if street and rest else ""
