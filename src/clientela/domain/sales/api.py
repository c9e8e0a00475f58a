"""Converting a lead for programs: the body it takes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.domain.sales import conversion
from clientela.domain.sales.models import Lead
from clientela.platform.api.bodies import Body, declare
from clientela.records import query, registry
from clientela.records.changes import Operation
from clientela.records.errors import Invalid

OWN = frozenset({"account", "contact_roles"})
"""Fields of the deal that the conversion itself gives."""


def declare_bodies() -> None:
    """What a program sends to convert a lead."""
    declare("lead", "convert", Body(convert, schema))


def convert(lead: Lead, body: dict[str, Any], *, operation: Operation) -> None:
    """`account`, `contact`: ids of those there are, new ones without; `with_contact`: false for none;
    `opportunity`: values of the deal to open, over what the lead says. Raises Invalid, Refused, Conflict."""
    errors = _errors(body, operation.actor)
    if errors:
        raise Invalid({name: [text] for name, text in errors.items()})
    deal = body.get("opportunity")
    conversion.convert(
        lead,
        operation=operation,
        account=body.get("account"),
        contact=body.get("contact"),
        with_contact=body.get("with_contact", True),
        opportunity=None if deal is None else conversion.deal_defaults(lead) | deal,
    )


def _errors(body: dict[str, Any], actor: Actor) -> dict[str, str]:
    unknown = _("There is no field “%(field)s”.")
    found = {name: unknown % {"field": name} for name in body if name not in schema()["properties"]}
    for key in ("account", "contact"):
        if body.get(key) is not None and not _is_there(key, body[key], actor):
            found[key] = _("There is no such record, or you may not see it.")
    if type(body.get("with_contact", True)) is not bool:
        found["with_contact"] = _("This must be true or false.")
    deal = body.get("opportunity")
    if deal is not None and not isinstance(deal, dict):
        found["opportunity"] = _("This must be an object.")
    elif deal and not OWN.isdisjoint(deal):
        found["opportunity"] = unknown % {"field": sorted(OWN.intersection(deal))[0]}
    return found


def _is_there(key: str, value: Any, actor: Actor) -> bool:
    is_id = type(value) is int and 0 < value < 2**63
    return is_id and query.visible(registry.get(key), actor).filter(pk=value).exists()


def schema() -> dict[str, Any]:
    """The JSON schema of the body."""
    there = {"type": ["integer", "null"], "minimum": 1}
    properties = {
        "account": there,
        "contact": there,
        "with_contact": {"type": "boolean", "default": True},
        "opportunity": {"type": ["object", "null"], "description": "Fields of a new deal."},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}
