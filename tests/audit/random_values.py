"""Records and values by chance."""

from __future__ import annotations

import random
from typing import Any

from clientela.records import registry

PARTIES, WORDS = ("account", "contact", "lead", "opportunity"), ("tag", "source", "sector", "zone")
CITIES = ("Ricla", "Épila", "Calatayud", "")


class Chance:
    """Throws the dice of one round: the same seed, the same company, the same story."""

    def __init__(self, cast: Any, seed: int) -> None:
        self.cast, self.chance = cast, random.Random(seed)

    def number(self, most: int = 10**9) -> int:
        return self.chance.randrange(most)

    def some(self, key: str, most: int = 1, **which: Any) -> list[Any]:
        manager = registry.get(key).model._default_manager
        ids = list(manager.filter(**which).order_by("pk").values_list("pk", flat=True))
        chosen = self.chance.sample(ids, min(len(ids), self.number(most) + 1))
        return list(manager.filter(pk__in=chosen).order_by("pk"))

    def one(self, key: str, **which: Any) -> Any:
        return next(iter(self.some(key, **which)), None)

    def maybe(self, key: str, **which: Any) -> int | None:
        found = self.one(key, **which) if self.chance.random() < 0.7 else None
        return found.pk if found is not None else None

    def ids(self, key: str, most: int) -> list[int]:
        return [each.pk for each in self.some(key, most)] if self.number(3) else []

    def person(self) -> Any:
        return self.chance.choice(
            (self.cast.owner, self.cast.teammate, self.cast.outsider, self.cast.manager)
        )

    def given(self, key: str) -> dict[str, Any]:
        """Values for some fields of a record."""
        made = getattr(self, f"_{key}")()
        names = self.chance.sample(sorted(made), self.number(len(made)) + 1)
        return {name: made[name] for name in names}

    def _party(self) -> dict[str, Any]:
        mail = {"email": f"p{self.number(30)}@b.example", "kind": "work"}
        return {
            "city": self.chance.choice(CITIES),
            "emails": [mail] * self.number(2) + [{"email": f"q{self.number()}@c.example", "main": True}],
            "phones": [{"phone": f"6294170{self.number(90) + 10}"} for _ in range(self.number(3))],
            "addresses": [{"street": f"Mayor {self.number(99)}", "city": "Ricla"}] * self.number(2),
            "tags": self.ids("tag", 3),
            "owner": self.person().pk,
            "source": self.maybe("source"),
            "description": f"Long ago {self.number()}" * self.number(2),
        }

    def _account(self) -> dict[str, Any]:
        own = {"zone": self.maybe("zone"), "sector": self.maybe("sector"), "parent": self.maybe("account")}
        revenue = {"annual_revenue": str(self.number(10**6)), "website": f"{self.number(9)}.example"}
        return self._party() | own | revenue | {"name": f"Áridos {self.number()} S.L."}

    def _contact(self) -> dict[str, Any]:
        ties = [{"account": pk, "role": "Buyer"} for pk in self.ids("account", 3)]
        name = {"first_name": "Ana", "last_name": f"Núñez {self.number()}", "birthday": "1980-02-03"}
        return self._party() | name | {"affiliations": ties, "job_title": f"Chief {self.number(5)}"}

    def _lead(self) -> dict[str, Any]:
        party = {name: value for name, value in self._party().items() if name in ("city", "tags", "owner")}
        name = {"last_name": f"Pérez {self.number()}", "company": f"Obras {self.number()}"}
        contact = {"email": f"l{self.number(30)}@b.example", "phone": f"6294171{self.number(90) + 10}"}
        return party | name | contact | {"amount": str(self.number(10**5)), "source": self.maybe("source")}

    def _opportunity(self) -> dict[str, Any]:
        people = [{"contact": pk, "role": "Signs"} for pk in self.ids("contact", 2)]
        money = {"amount": str(self.number(10**5)), "currency": self.chance.choice(("EUR", "USD"))}
        links = {"account": self.maybe("account"), "competitors": self.ids("account", 2)}
        plain = {"name": f"Grúa {self.number()}", "close_date": f"2026-0{self.number(9) + 1}-11"}
        own = {"owner": self.person().pk, "tags": self.ids("tag", 2), "next_step": "Call"}
        return money | links | plain | own | {"contact_roles": people, "stage": self.one("stage").pk}

    def _note(self) -> dict[str, Any]:
        return {"body": f"They called {self.number()}", "pinned": bool(self.number(2))}

    def _word(self) -> dict[str, Any]:
        return {"name": f"Word {self.number()}", "color": self.chance.choice(("red", "teal", "blue"))}

    _tag = _source = _sector = _word

    def _zone(self) -> dict[str, Any]:
        return self._word() | {"people": [each.pk for each in self.some("user", 3)]}

    def _currency(self) -> dict[str, Any]:
        return {"rate": f"1.{self.number(10**6)}"}
