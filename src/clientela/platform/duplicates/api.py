"""Merging and taking apart for programs: what the API's addresses answer with."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.duplicates import aliases, comparison, merging, unmerging
from clientela.platform.duplicates.models import Merge
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, NotFound
from clientela.records.spec import Spec

MERGE, UNMERGE = "merge", "unmerge"


def takes(spec: Spec, action: str) -> bool:
    """Whether `action` is one of these two, and records of this kind are merged."""
    return action in (MERGE, UNMERGE) and comparison.of(spec) is not None


def run(spec: Spec, record_id: int, action: str, body: dict[str, Any], operation: Operation) -> int:
    """Do it; returns the id of the record that is there then. Raises NotFound, Refused, Invalid, Conflict."""
    return (_merge if action == MERGE else _unmerge)(spec, record_id, body, operation)


def _merge(spec: Spec, record_id: int, body: dict[str, Any], operation: Operation) -> int:
    """`with`: ids that go; `keep`: by field, the id of the record whose value stays (or "both");
    `values`: new values."""
    _only(body, {"with", "keep", "values"})
    others, sources, given = body.get("with", []), body.get("keep", {}), body.get("values", {})
    if not isinstance(others, list) or not all(_is_id(each) for each in others):
        raise Invalid({"with": [_("This must be a list of ids.")]})
    for name, value in (("keep", sources), ("values", given)):
        if not isinstance(value, dict):
            raise Invalid({name: [_("This must be an object.")]})
    if not all(_is_id(each) or each == "both" for each in sources.values()):
        raise Invalid({"keep": [_("This must be the id of one of the records.")]})
    merging.merge(spec, record_id, others, operation=operation, sources=sources, given=given)
    return record_id


def _unmerge(spec: Spec, record_id: int, body: dict[str, Any], operation: Operation) -> int:
    """`merge`: its id, without it the last one; `later`: from "kind:id" to the id where that goes; `rest`:
    where all not named go."""
    _only(body, {"merge", "later", "rest"})
    later, rest, wanted = body.get("later", {}), body.get("rest"), body.get("merge")
    if not isinstance(later, dict):
        raise Invalid({"later": [_("This must be an object.")]})
    if not all(each is None or _is_id(each) for each in (rest, wanted)):
        raise Invalid({"rest" if wanted is None else "merge": [_("This must be a whole number.")]})
    if wanted is None:
        standing = Merge.objects.filter(
            record=spec.key, survivor_id=record_id, undone_at__isnull=True
        ).order_by("-id")
        wanted = standing.values_list("pk", flat=True).first()
    merge = unmerging.find(spec, wanted or 0, operation.actor)
    if aliases.heir_of(spec.key, merge.survivor_id) != record_id:
        raise NotFound(_("There is no such merge, or it was taken apart already."))
    unmerging.unmerge(merge, operation=operation, later=unmerging.subjects(later.items()), rest=rest)
    return record_id


def _only(body: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(body) - known)
    if unknown:
        raise Invalid({name: [_("There is no field “%(field)s”.") % {"field": name}] for name in unknown})


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def described(spec: Spec, actor: Actor) -> dict[str, tuple[str, dict[str, Any]]]:
    """By name of the action, its words and the schema of its body, where `actor` may merge."""
    if not merging.may_merge(spec, actor):
        return {}
    label = {"kind": spec.label}
    return {
        MERGE: (_("Merge others into it: %(kind)s") % label, _object(_MERGE, ["with"])),
        UNMERGE: (_("Take a merge apart: %(kind)s") % label, _object(_UNMERGE, [])),
    }


def _object(fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    made = {"type": "object", "properties": fields, "additionalProperties": False}
    return made | ({"required": required} if required else {})


_ID = {"type": "integer", "minimum": 1}
_MERGE = {
    "with": {"type": "array", "items": _ID, "minItems": 1, "maxItems": merging.MOST},
    "keep": {
        "type": "object",
        "additionalProperties": {"oneOf": [_ID, {"type": "string", "enum": ["both"]}]},
    },
    "values": {"type": "object"},
}
_UNMERGE = {
    "merge": _ID,
    "later": {"type": "object", "additionalProperties": _ID},
    "rest": _ID,
}
