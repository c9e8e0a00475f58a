"""A lead becomes an account, a contact and a deal, in one act that can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.domain.parties.models import Account, AccountForm, AccountKind, Contact
from clientela.domain.sales import leads, services
from clientela.domain.sales.models import Lead, LeadStatus, Opportunity
from clientela.kit.identifiers import email_domain
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.editing.duplicates import Alike, alike
from clientela.platform.timeline.services import tie_notes
from clientela.records import kinds, query, registry, values, write
from clientela.records.changes import UPDATE, Operation
from clientela.records.errors import Refused

SHARED_MAIL = frozenset(
    {"gmail.com", "hotmail.com", "hotmail.es", "outlook.com", "outlook.es", "yahoo.com", "yahoo.es"}
    | {"icloud.com", "live.com", "msn.com", "telefonica.net", "protonmail.com", "aol.com"}
)
SURE = 0.8
"""Likeness from which a record is taken for the same until one says otherwise."""
PLACE = ("street", "city", "postal_code", "region", "country")


def like_accounts(lead: Lead, actor: Actor) -> list[Alike]:
    """Accounts that the lead's may be: same e-mail or telephone, near name, same web domain."""
    given = {"name": lead.company or lead.name, "email": lead.email, "phone": lead.phone}
    spec = registry.get("account")
    found = alike(spec, given, actor)
    domain = email_domain(lead.email) if lead.email else ""
    if not domain or domain in SHARED_MAIL:
        return found
    same = Q(email__iendswith=f"@{domain}") | Q(website__icontains=domain)
    known = {each.id for each in found}
    rows = query.visible(spec, actor).filter(same).exclude(pk__in=known).order_by("name")[:3]
    words = (_("Domain %(domain)s") % {"domain": domain},)
    by_domain = [Alike(row.pk, ((row.name, False),), row.city, words, 0.9) for row in rows]
    return sorted([*found, *by_domain], key=lambda each: -each.likeness)


def like_contacts(lead: Lead, actor: Actor) -> list[Alike]:
    """Contacts that may be the person of this lead, the likeliest first."""
    given = {"name": lead.name, "email": lead.email, "phone": lead.phone}
    return alike(registry.get("contact"), given, actor)


def deal_defaults(lead: Lead) -> dict[str, Any]:
    """What the deal starts with, before anybody changes it."""
    pipeline = services.default_pipeline()
    stage = pipeline.stages.filter(kind="open").order_by("position", "id").first()
    return {
        "name": lead.interest.strip().partition("\n")[0][:120] or lead.company or lead.name,
        "amount": kinds.Money.to_json(lead.amount),
        "currency": lead.currency,
        "stage": stage.pk if stage is not None else None,
    }


def require(lead: Lead, actor: Actor) -> None:
    """Raise Refused where it was converted already, or `actor` may not change it or not convert."""
    spec = registry.get("lead")
    if leads.is_converted(lead):
        raise Refused(_("This lead was converted already."))
    write.require(spec, lead, actor)
    if not policy.may_act(actor, "convert", spec):
        raise Refused(_("Your role does not allow this."))


def convert(
    lead: Lead,
    *,
    operation: Operation,
    account: int | None = None,
    contact: int | None = None,
    with_contact: bool = True,
    opportunity: Mapping[str, Any] | None = None,
) -> Lead:
    """Make or link what the lead becomes, take its notes along and close it.

    `account`, `contact`: ids of those there are, or None for new ones; `opportunity`: values of the deal
    to open, None for no deal. Raises Refused (converted already, or no right to something of it), NotFound,
    Invalid, Conflict; then nothing is done.
    """
    spec = registry.get("lead")
    require(lead, operation.actor)
    with transaction.atomic():
        company = _account(lead, account, operation)
        person = _contact(lead, company, contact, operation) if with_contact else None
        deal = _deal(lead, company, person, opportunity, operation) if opportunity is not None else None
        became = {"account": company, "contact": person, "opportunity": deal}
        subjects = [(name, record.pk) for name, record in became.items() if record is not None]
        tie_notes(("lead", lead.pk), subjects, operation=operation)
        closed = {"status": LeadStatus.CONVERTED.value, "converted_at": timezone.now(), **became}
        converted: Lead = write.change(spec, lead, closed, operation=operation, trusted=True)
    return converted


def _account(lead: Lead, chosen: int | None, operation: Operation) -> Account:
    spec = registry.get("account")
    if chosen is not None:
        found = query.get(spec, chosen, operation.actor)
        assert isinstance(found, Account)
        return found
    form = AccountForm.COMPANY if lead.company else AccountForm.PERSON
    given = {
        "name": lead.company or lead.name,
        "form": form.value,
        "kind": AccountKind.PROSPECT.value,
        "website": lead.website,
        "sector": lead.sector_id,
        "zone": lead.zone_id,
        **_shared(lead, operation.actor),
        **({} if lead.company else {"email": lead.email, "phone": lead.phone}),
    }
    made: Account = write.create(spec, given, operation=operation)
    return made


def _contact(lead: Lead, account: Account, chosen: int | None, operation: Operation) -> Contact:
    spec = registry.get("contact")
    if chosen is not None:
        found = query.get(spec, chosen, operation.actor)
        assert isinstance(found, Contact)
        return _tied(found, account, operation)
    given = {
        "first_name": lead.first_name,
        "last_name": lead.last_name or lead.name,
        "job_title": lead.job_title,
        "email": lead.email,
        "phone": lead.phone,
        "account": account.pk,
        **_shared(lead, operation.actor),
    }
    made: Contact = write.create(spec, given, operation=operation)
    return made


def _tied(contact: Contact, account: Account, operation: Operation) -> Contact:
    """The contact, tied to the account too; somebody who may not change it leaves it as it is."""
    spec = registry.get("contact")
    lines = next(each for each in spec.lines if each.name == "affiliations")
    rows = values.line_values(lines, contact)
    tied = any(row["account"] == account.pk for row in rows)
    if tied or not policy.can(operation.actor, "change", spec, contact):
        return contact
    given = {"affiliations": [*rows, {"account": account.pk}]}
    changed: Contact = write.change(spec, contact, given, operation=operation)
    return changed


def _deal(
    lead: Lead, account: Account, contact: Contact | None, given: Mapping[str, Any], operation: Operation
) -> Opportunity:
    start = {
        "account": account.pk,
        "source": lead.source_id,
        "description": lead.interest,
        "tags": sorted(lead.tags.values_list("pk", flat=True)),
        "contact_roles": [{"contact": contact.pk, "main": True}] if contact is not None else [],
        **_owner(lead, operation.actor),
    }
    made: Opportunity = write.create(registry.get("opportunity"), {**start, **given}, operation=operation)
    return made


def _shared(lead: Lead, actor: Actor) -> dict[str, Any]:
    return {
        "source": lead.source_id,
        **{name: getattr(lead, name) for name in PLACE},
        **_owner(lead, actor),
    }


def _owner(lead: Lead, actor: Actor) -> dict[str, Any]:
    """Whoever looked after the lead; where nobody did, whoever converts it."""
    return {"owner": lead.owner_id or actor.user_id}


def may_take_back(operation_id: UUID, actor: Actor) -> bool:
    """Of a conversion, or an undo of one: whether `actor` may change the lead. What others wrote about it
    was tied to more records without asking them."""
    converted = Change.objects.filter(operation=operation_id, record="lead", verb=UPDATE)
    ids = set(converted.filter(after__has_key="converted_at").values_list("record_id", flat=True))
    mine = Lead.objects.filter(policy.scope(actor, "change", registry.get("lead")), pk__in=ids)
    return bool(ids) and mine.count() == len(ids)


undo.entitle(may_take_back)


def may_create(actor: Actor) -> dict[str, bool]:
    """Which of the three `actor` may make."""
    return {
        key: policy.may(actor, "create", registry.get(key)) for key in ("account", "contact", "opportunity")
    }
