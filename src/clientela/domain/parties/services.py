"""What is special about writing accounts and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from clientela.domain.parties.models import Currency
from clientela.kit import identifiers, money
from clientela.records.draft import Draft


def prepare_account(draft: Draft) -> None:
    """Names, telephones and tax id in their one form."""
    account = draft.instance
    _prepare_party(draft)
    if draft.changed & {"tax_id", "tax_country", "country"} and account.tax_id:
        _check_tax_id(draft)
    if account.annual_revenue is not None and not account.currency:
        account.currency = settings.BASE_CURRENCY


def prepare_contact(draft: Draft) -> None:
    """The full name follows its parts, and telephones are written alike."""
    contact = draft.instance
    split_name(draft, contact)
    _prepare_party(draft)


def split_name(draft: Draft, person: Any) -> None:
    """The whole name follows the first and last name; given only whole, it is split at the first space, and
    given beside the last name it is the first, or ends with the last."""
    if "name" in draft.changed and draft.changed & {"first_name", "last_name"} == {"last_name"}:
        person.first_name = person.name.strip().removesuffix(person.last_name).strip()
    if draft.changed & {"first_name", "last_name"}:
        whole = f"{person.first_name} {person.last_name}".strip()
        person.name = whole or person.name
    elif "name" in draft.changed:
        first, _space, last = person.name.strip().partition(" ")
        person.first_name, person.last_name = (first, last) if last else ("", first)
    draft.changed |= {"name", "first_name", "last_name"}


def _prepare_party(draft: Draft) -> None:
    party = draft.instance
    party.name = party.name.strip()
    if "country" in draft.changed:
        party.country = party.country.upper()
    normalise_phone(draft, "phone")
    for row in draft.lines.get("phones", ()):
        row["phone"] = _normal_phone(row["phone"], party.country)


def normalise_phone(draft: Draft, name: str) -> None:
    """E.164 where the number is valid in the party's country; otherwise as it was written."""
    if name in draft.changed:
        number = _normal_phone(getattr(draft.instance, name), getattr(draft.instance, "country", ""))
        setattr(draft.instance, name, number)


def _normal_phone(text: str, country: str) -> str:
    try:
        return identifiers.normalise_phone(text, country or settings.DEFAULT_COUNTRY) if text else ""
    except identifiers.InvalidPhone:
        return text.strip()


def _check_tax_id(draft: Draft) -> None:
    account = draft.instance
    country = account.tax_country or account.country or settings.DEFAULT_COUNTRY
    try:
        account.tax_id = identifiers.check_tax_id(country, account.tax_id)
    except identifiers.InvalidTaxId:
        label = identifiers.tax_id_label(country)
        draft.refuse(
            "tax_id",
            _("This is not a valid %(label)s (%(country)s).")
            % {
                "label": label,
                "country": country,
            },
        )


def check_account(account: Any) -> dict[str, list[str]]:
    """An account is not part of itself, nor of one of its own parts; a new one has no parts yet."""
    if account._state.adding:
        return {}
    seen, above = {account.pk}, account.parent if account.parent_id else None
    while above is not None:
        if above.pk in seen:
            return {"parent": [_("An account cannot be part of itself.")]}
        seen.add(above.pk)
        above = above.parent
    return {}


def rates_of(draft: Draft) -> dict[str, Decimal]:
    """What one unit of each currency is worth, read once for all records written together."""
    return draft.once("exchange rates", lambda: dict(Currency.objects.values_list("code", "rate")))


def in_base_currency(
    amount: Decimal | None, currency: str, rates: Mapping[str, Decimal] | None = None
) -> Decimal | None:
    """The amount in the company's own currency, rounded half up; raises LookupError without a rate.

    `rates`: those known already, by currency.
    """
    if amount is None:
        return None
    if not currency or currency == settings.BASE_CURRENCY:
        return amount
    rates = dict(Currency.objects.values_list("code", "rate")) if rates is None else rates
    rate = rates.get(currency)
    if rate is None:
        raise LookupError(currency)
    return money.round_amount(amount * rate, settings.BASE_CURRENCY)


def prepare_amount(draft: Draft) -> None:
    """Keep the amount in the company's currency beside the amount in its own."""
    record = draft.instance
    if not draft.changed & {"amount", "currency"} and not draft.created:
        return
    record.currency = (record.currency or settings.BASE_CURRENCY).upper()
    try:
        record.amount_base = in_base_currency(record.amount, record.currency, rates_of(draft))
    except LookupError:
        draft.refuse(
            "currency", _("There is no exchange rate for %(currency)s.") % {"currency": record.currency}
        )
