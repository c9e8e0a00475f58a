"""Writes the demo company through the ordinary door, telling each thing at the time it happened."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.config.demo import people, words
from clientela.domain.parties.models import Account, Contact
from clientela.domain.sales.models import LostReason, Pipeline, Stage
from clientela.kit.text import fold
from clientela.records import registry, write
from clientela.records.changes import Operation, Source
from clientela.records.kinds import DateTime

CONTACTS, LEADS, DEALS, DOUBLES = 150, 40, 120, 3
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


class Loader:
    """One loading; `chance` is seeded, so that every demo is the same."""

    def __init__(self, today: dt.date) -> None:
        self.today = today
        # Early in the day too, nothing has been written in the future.
        self.now = min(dt.datetime.combine(today, dt.time(9, 30), dt.UTC), timezone.now())
        self.chance = random.Random(1985)  # noqa: S311  (nothing secret)
        self.people: dict[str, User] = {}
        self.words: dict[str, list[Any]] = {}

    def load(self) -> None:
        self.people = people.make_people()
        for key, rows in (
            ("sector", words.SECTORS),
            ("zone", words.ZONES),
            ("source", words.SOURCES),
            ("tag", words.TAGS),
        ):
            self.words[key] = [
                self.make(key, {"name": name, "color": color}, days=730) for name, color in rows
            ]
        accounts = [self.account(row) for row in words.ACCOUNTS]
        contacts = [self.contact(accounts, place) for place in range(CONTACTS)]
        self.deals(accounts, contacts)
        for place in range(LEADS):
            self.lead(place)
        for account in accounts[:DOUBLES]:
            self.double(account)

    # --- writing -----------------------------------------------------------------------------------

    def at(self, days: float) -> dt.datetime:
        """The moment so many days ago, at some time of a working day."""
        moment = self.now - dt.timedelta(days=days)
        return (
            moment.replace(hour=self.chance.randint(7, 16), minute=self.chance.randint(0, 59))
            if days >= 1
            else self.now - dt.timedelta(minutes=self.chance.randint(5, 90))
        )

    def operation(self, person: str, moment: dt.datetime, label: str = "") -> Operation:
        return Operation(actor_of(self.people[person]), Source("page"), label=label, at=moment)

    def make(
        self,
        key: str,
        values: dict[str, Any],
        *,
        days: float = 0,
        person: str = "admin",
        moment: dt.datetime | None = None,
    ) -> Any:
        moment = moment or self.at(days)
        kept = {**values, "created_at": moment, "updated_at": moment}
        return write.create(registry.get(key), kept, operation=self.operation(person, moment), trusted=True)

    def change(
        self, record: Any, values: dict[str, Any], moment: dt.datetime, person: str, label: str = ""
    ) -> None:
        spec = registry.of_model(type(record))
        assert spec is not None
        write.change(spec, record, values, operation=self.operation(person, moment, label), trusted=True)

    def some(self, key: str) -> Any:
        return self.chance.choice(self.words[key])

    # --- accounts and contacts ---------------------------------------------------------------------

    def seller_for(self, country: str) -> str:
        return "andres" if country == "CO" else self.chance.choice(("lucia", "lucia", "inaki"))

    def account(self, row: tuple[Any, ...]) -> Account:
        name, sector, zone, city, region, country, kind = row
        person = name.startswith("Joaquín")
        street = f"{self.chance.choice(words.STREETS)} {self.chance.randint(1, 90)}"
        seller = self.people[self.seller_for(country)]
        values = {
            "name": name,
            "kind": kind,
            "form": "person" if person else "company",
            "city": city,
            "region": region,
            "country": country,
            "street": street,
            "postal_code": self.postal_code(country),
            "sector": self.words["sector"][sector],
            "zone": self.words["zone"][zone],
            "source": self.some("source"),
            "owner": None if kind == "competitor" else seller,  # whoever loses a deal may name who won it
            "phone": self.phone(country),
            "email": f"info@{domain_of(name)}",
            "website": f"https://www.{domain_of(name)}",
            "tax_country": country,
            "tax_id": self.tax_id(country, person=person),
            "employees": None if person else self.chance.randint(4, 260),
            "tags": [self.some("tag").pk] if self.chance.random() < 0.35 else [],
        }
        made: Account = self.make("account", values, days=self.chance.randint(200, 730))
        if self.chance.random() < 0.4:
            self.note(made, self.chance.randint(2, 190))
        return made

    def double(self, account: Account) -> None:
        """The same customer again, as somebody typed it who did not look first."""
        values = {
            "name": fold(account.name.partition(",")[0]).title(),
            "kind": account.kind,
            "form": account.form,
            "city": account.city,
            "country": account.country,
            "phone": account.phone,
            "owner": self.people["inaki"],
        }
        self.make("account", values, days=2, person="inaki")

    def contact(self, accounts: list[Account], place: int) -> Contact:
        account = accounts[place] if place < len(accounts) else self.chance.choice(accounts)
        first, last = self.chance.choice(words.FIRST_NAMES), self.chance.choice(words.LAST_NAMES)
        his, hers, role = self.chance.choice(words.JOBS)
        second = self.chance.choice(accounts)
        lines = [{"account": account.pk, "role": role, "main": True}]
        if place % 12 == 0 and second.pk != account.pk:
            lines.append({"account": second.pk, "role": "Asesor externo", "main": False})
        values = {
            "first_name": first,
            "last_name": f"{last} {self.chance.choice(words.LAST_NAMES)}",
            "job_title": hers if first in words.WOMEN else his,
            "email": f"{mailbox(first, last)}{place}@{domain_of(account.name)}",
            "country": account.country,
            "phones": [
                {"phone": self.phone(account.country, mobile=True), "kind": "mobile", "main": True},
                {"phone": self.phone(account.country), "kind": "work", "main": False},
            ],
            "affiliations": lines,
            "owner": account.owner_id,
        }
        made: Contact = self.make("contact", values, days=self.chance.randint(30, 600))
        return made

    def phone(self, country: str, *, mobile: bool = False) -> str:
        if country == "CO":
            return f"+57 {'310' if mobile else '601'} {self.chance.randint(2000000, 9999999)}"
        lead = (
            self.chance.choice(("629", "655", "676")) if mobile else self.chance.choice(("976", "974", "973"))
        )
        return f"+34 {lead} {self.chance.randint(200000, 899999)}"

    def postal_code(self, country: str) -> str:
        return (
            f"{self.chance.randint(110000, 119999)}"
            if country == "CO"
            else f"50{self.chance.randint(100, 999)}"
        )

    def tax_id(self, country: str, *, person: bool) -> str:
        number = self.chance.randint(10_000_000, 79_999_999)
        if country == "CO":
            return nit(800_000_000 + number % 99_999_999)
        return f"{number}{_DNI_LETTERS[number % 23]}" if person else cif(number % 10_000_000)

    def note(self, record: Any, days: float, person: str = "") -> None:
        spec = registry.of_model(type(record))
        assert spec is not None
        keys = (key for key, user in self.people.items() if user.pk == record.owner_id)
        author = person or next(keys, "admin")
        links = [{"record": spec.key, "record_id": record.pk}]
        self.make("note", {"body": self.chance.choice(words.NOTES), "links": links}, days=days, person=author)

    # --- deals -------------------------------------------------------------------------------------

    def deals(self, accounts: list[Account], contacts: list[Contact]) -> None:
        pipeline = Pipeline.objects.get(is_default=True)
        stages = list(pipeline.stages.order_by("position"))
        buyers = [each for each in accounts if each.kind in ("customer", "prospect", "partner")]
        competitors = [each for each in accounts if each.kind == "competitor"]
        for place in range(DEALS):
            account = buyers[place % len(buyers)] if place % 3 else self.chance.choice(buyers)
            self.deal(place, account, contacts, stages, competitors)

    def deal(
        self,
        place: int,
        account: Account,
        contacts: list[Contact],
        stages: list[Stage],
        competitors: list[Account],
    ) -> None:
        closed = place >= 48
        ended = self.chance.randint(3, 680) if closed else 0
        length = self.chance.randint(25, 120)
        outcome = (stages[5] if self.chance.random() < 0.58 else stages[6]) if closed else None
        reached = self.chance.randint(1, 4) if closed else (place % 5)
        path = [*stages[: reached + 1], *([outcome] if outcome else [])]
        began = ended + length if closed else self.chance.randint(4, 30) + 18 * reached
        seller = next(key for key, user in self.people.items() if user.pk == account.owner_id)
        moments = self.moments(began, ended, len(path))
        first = {
            "stage_spans": [{"stage": path[0].pk, "entered_at": moment_text(moments[0]), "left_at": None}],
            "stage_since": moments[0],
        }
        values = self.deal_values(place, account, contacts, path[0], ended, closed)
        made = self.make("opportunity", values | first, moment=moments[0], person=seller)
        self.walk(made, path, moments, seller, competitors)
        for _each in range(self.chance.choice((0, 1, 1, 2))):
            self.note(made, max(ended, self.chance.uniform(1, began)), seller)

    def deal_values(
        self, place: int, account: Account, contacts: list[Contact], first: Stage, ended: int, closed: bool
    ) -> dict[str, Any]:
        title, price = words.DEALS[place % len(words.DEALS)]
        count = self.chance.randint(2, 5)
        amount = (
            Decimal(price * (count if "{n}" in title else 1)) * self.chance.choice((90, 95, 100, 108)) / 100
        )
        colombian = account.country == "CO"
        people_there = [each for each in contacts if each.account_id == account.pk][:3]
        close = (
            self.today - dt.timedelta(days=ended)
            if closed
            else self.today + dt.timedelta(days=self.chance.randint(-6, 95))
        )
        return {
            "name": title.format(n=count),
            "account": account,
            "stage": first,
            "owner": account.owner_id,
            "amount": (amount * 4500).quantize(Decimal("1E5")) if colombian else amount.quantize(Decimal(10)),
            "currency": "COP" if colombian else "EUR",
            "close_date": close,
            "source": self.some("source"),
            "next_step": "" if closed else self.chance.choice(words.NEXT_STEPS),
            "contact_roles": [
                {"contact": each.pk, "role": each.role, "main": each is people_there[0]}
                for each in people_there
            ],
        }

    def moments(self, began: float, ended: float, steps: int) -> list[dt.datetime]:
        """When it entered each stage: evenly spread, an open deal still on its way."""
        resting = self.chance.random() < 0.2  # a fifth of the open deals has stood still for a while
        share = (
            1.0 if ended else self.chance.uniform(0.3, 0.5) if resting else self.chance.uniform(0.88, 0.98)
        )
        found = [self.at(began - (began - ended) * share * step / max(steps - 1, 1)) for step in range(steps)]
        return [max(moment, found[0] + dt.timedelta(hours=step)) for step, moment in enumerate(found)]

    def walk(
        self,
        deal: Any,
        path: list[Stage],
        moments: list[dt.datetime],
        seller: str,
        competitors: list[Account],
    ) -> None:
        """Tell the deal's way through its stages, each stay with its own dates."""
        for stage, moment in zip(path[1:], moments[1:], strict=True):
            spans = self.spans_of(deal)
            spans[-1]["left_at"] = moment_text(moment)
            spans.append({"stage": stage.pk, "entered_at": moment_text(moment), "left_at": None})
            values = {
                "stage": stage,
                "stage_spans": spans,
                "stage_since": moment,
                **self.ending(stage, moment, competitors),
            }
            self.change(deal, values, moment, seller, str(stage))

    def spans_of(self, deal: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": span.pk,
                "stage": span.stage_id,
                "entered_at": moment_text(span.entered_at),
                "left_at": moment_text(span.left_at) if span.left_at else None,
            }
            for span in deal.stage_spans.all()
        ]

    def ending(self, stage: Stage, moment: dt.datetime, competitors: list[Account]) -> dict[str, Any]:
        if stage.kind == "open":
            return {}
        if stage.kind == "won":
            return {"closed_at": moment}
        reasons = list(LostReason.objects.order_by("id"))
        return {
            "closed_at": moment,
            "lost_reason": self.chance.choice(reasons),
            "lost_to": self.chance.choice(competitors) if self.chance.random() < 0.5 else None,
        }

    # --- leads -------------------------------------------------------------------------------------

    def lead(self, place: int) -> None:
        company = words.LEADS[place % len(words.LEADS)] + (" II" if place >= len(words.LEADS) else "")
        colombian = company.split()[0] in ("Constructora", "Ingeominas", "Vías")
        country = "CO" if colombian else "ES"
        first, last = self.chance.choice(words.FIRST_NAMES), self.chance.choice(words.LAST_NAMES)
        values = {
            "first_name": first,
            "last_name": last,
            "company": company,
            "country": country,
            "email": f"{mailbox(first, last)}@{domain_of(company)}",
            "phone": self.phone(country, mobile=True),
            "status": self.chance.choice(("new", "new", "working", "working", "qualified", "discarded")),
            "source": self.some("source"),
            "sector": self.some("sector"),
            "owner": self.people[self.seller_for(country)] if place % 7 else None,
            "interest": self.chance.choice(words.INTERESTS),
            "amount": Decimal(self.chance.randrange(5000, 180000, 500)),
        }
        made = self.make("lead", values, days=self.chance.randint(0, 45))
        if self.chance.random() < 0.3:
            self.note(made, self.chance.uniform(0, 3), self.seller_for(country))


def moment_text(moment: dt.datetime) -> str:
    """A moment as a record's JSON value (ISO 8601, UTC)."""
    text: str = DateTime.to_json(moment)
    return text


def plain(text: str) -> str:
    """ASCII letters and digits of a text, for addresses."""
    folded = unicodedata.normalize("NFKD", fold(text))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


def domain_of(company: str) -> str:
    """The web domain of an invented company, under the reserved .example (RFC 2606)."""
    return f"{plain(company.partition(',')[0])[:24]}.example"


def mailbox(first: str, last: str) -> str:
    """The part of an e-mail address before the @, for an invented person."""
    return f"{plain(first)}.{plain(last)}"


def cif(number: int) -> str:
    """A Spanish company's tax number with its control digit (Orden EHA/451/2008)."""
    digits = f"{number:07d}"
    odd = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::2])
    even = sum(int(digit) for digit in digits[1::2])
    return f"B{digits}{-(odd + even) % 10}"


def nit(number: int) -> str:
    """A Colombian tax number with its check digit (DIAN, Orden Administrativa 4 de 1989)."""
    weights = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    rest = (
        sum(int(digit) * weight for digit, weight in zip(reversed(str(number)), weights, strict=False)) % 11
    )
    return f"{number}{rest if rest < 2 else 11 - rest}"
