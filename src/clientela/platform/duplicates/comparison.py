"""What of a kind of record is compared, and what of it matters: declared by the app that describes it.

Without models: apps call it while they load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.records import registry
from clientela.records.spec import Panel, Record, Spec

TAX_ID, EMAIL, PHONE, DOMAIN, NAME, ADDRESS, LINK = (
    "tax_id",
    "email",
    "phone",
    "domain",
    "name",
    "address",
    "link",
)
POINTS: Mapping[str, int] = {TAX_ID: 85, EMAIL: 75, PHONE: 60, DOMAIN: 40, NAME: 75, ADDRESS: 40, LINK: 40}
"""How much of a hundred each agreement says by itself."""


@dataclass(frozen=True)
class Comparison:
    """Paths of fields, own ("email") or of lines ("emails__email"), by what they hold.

    `companies`: names have legal forms, which do not count. `address`: the fields that make one address,
    street first. `links`: links that two records which are one have in common. `apart`: links from one to
    the other that say that they are two. `together`: fields of which a merge takes all from one record.
    `points`: differences from `POINTS`. `weights`: of the fields that
    should be filled, how much each matters.
    """

    key: str
    names: tuple[str, ...] = ()
    companies: bool = False
    tax_ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    points: Mapping[str, int] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        return registry.get(self.key)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that is compared, once."""
        groups = (self.names, self.tax_ids, self.emails, self.phones, self.domains, self.address)
        return tuple(dict.fromkeys(path for group in (*groups, self.links, self.apart) for path in group))

    def points_of(self, why: str) -> int:
        return self.points.get(why, POINTS[why])


_declared: dict[str, Comparison] = {}


def compare(record: type[Record[Any]] | str, **parts: Any) -> Comparison:
    """Declare how records of a kind are compared; see `Comparison` for the parts."""
    spec = registry.get(record) if isinstance(record, str) else registry.of_model(record.model)
    assert spec is not None
    made = Comparison(spec.key, **parts)
    if made.weights and spec.key not in _declared:
        registry.attach(spec.model, _panel())
    _declared[spec.key] = made
    return made


def _panel() -> Panel:
    from clientela.platform.duplicates import completeness

    return Panel(
        "completeness", _("Completeness"), "duplicates/_completeness.html", completeness.panel_context
    )


def of(spec: Spec) -> Comparison | None:
    """How records of this kind are compared; None where they are not."""
    return _declared.get(spec.key)


def every() -> list[Comparison]:
    """In the order of the menu."""
    return sorted(_declared.values(), key=lambda each: each.spec.menu or 1000)
