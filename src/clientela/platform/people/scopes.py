"""Scopes by condition: the rows of a role's rule, for the policy, which knows no conditions itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import ForeignKey, Q

from clientela.access.actor import SYSTEM, Actor
from clientela.access.policy import NO_ROWS
from clientela.access.protection import Protected
from clientela.records import conditions, query, refs, registry
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec

GROUPS = ("all", "any")


def compile_scope(subject: Protected, tree: dict[str, Any], actor: Actor) -> Q:
    """The rows that meet the condition for `actor`; none where it cannot be read.

    Read with an administrator's eyes, who wrote it: a rule may ask for a field that the person does not see.
    """
    spec = registry.find(subject.key)
    if spec is None:
        return NO_ROWS
    reader = replace(actor, standing=replace(actor.standing, grants=SYSTEM.standing.grants), limits=None)
    reader = replace(reader, read_only=False)
    try:
        return _compiled(spec, {name: part for name, part in tree.items() if name != "version"}, reader)
    except ConditionError:
        return NO_ROWS


def _compiled(spec: Spec, tree: Any, actor: Actor) -> Q:
    """Parts joined by "all" and "any" one by one, so that each asks as little as it can."""
    word = next((word for word in GROUPS if isinstance(tree, dict) and isinstance(tree.get(word), list)), "")
    if word and tree[word]:
        parts = [_compiled(spec, part, actor) for part in tree[word]]
        return Q(*parts, _connector=Q.AND if word == "all" else Q.OR)
    return _leaf(spec, tree, actor)


def _leaf(spec: Spec, tree: Any, actor: Actor) -> Q:
    """What asks of many rows, or of an expression, becomes a subquery: of the linked record if it can."""
    paths = {str(leaf.get("field")) for leaf in conditions.leaves(tree)}
    linked = _over_link(spec, tree)
    if linked is not None:
        name, target, inner = linked
        return Q(**{f"{name}__in": query.matching(target, actor, inner).values("pk")})
    compiled = conditions.compile_condition(spec, tree, actor)
    if all(_is_plain(spec, path) for path in paths):
        return compiled
    return Q(pk__in=query.matching(spec, actor, tree).values("pk"))


def _is_plain(spec: Spec, path: str) -> bool:
    ref = refs.resolve(spec, path)
    return not ref.many and ref.expression is None


def _over_link(spec: Spec, tree: Any) -> tuple[str, Spec, dict[str, Any]] | None:
    """For a leaf such as zone__people: the link, its records, and the leaf as asked of them."""
    if not isinstance(tree, dict) or not isinstance(tree.get("field"), str):
        return None
    name, _separator, rest = tree["field"].partition(refs.SEPARATOR)
    link = refs.fields_of(spec).get(name)
    if not rest or link is None or link.target is None or not isinstance(link.field, ForeignKey):
        return None
    if tree.get("op") in ("empty", "not_in", "is_not", "not_contains"):
        return None
    return name, link.target, {**tree, "field": rest}
