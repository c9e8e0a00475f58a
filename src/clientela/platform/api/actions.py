"""Running the actions of a description with values from a JSON object."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.api import bodies
from clientela.platform.api.endpoint import Call
from clientela.platform.api.problems import Problem
from clientela.records import conditions, kinds, query, refs, rights, values, write
from clientela.records.draft import clean_text
from clientela.records.errors import Invalid
from clientela.records.refs import FieldRef
from clientela.records.spec import Action, Spec


def offered(spec: Spec) -> list[Action]:
    """The actions that need no page of their own, or whose body is declared."""
    return [action for action in spec.actions if not action.view or bodies.of(spec.key, action.name)]


def accepts(spec: Spec, action: Action) -> dict[str, FieldRef]:
    """The fields that an action takes, amounts with their currencies."""
    known = refs.fields_of(spec)
    names = dict.fromkeys(action.asks)
    names |= dict.fromkeys(known[name].currency for name in action.asks if known[name].currency)
    return {name: known[name] for name in names}


def run(spec: Spec, instance: Any, name: str, call: Call) -> None:
    """Do it, if the actor may and the record is in a state for it. Raises Problem, Invalid, Refused."""
    action = next((each for each in offered(spec) if each.name == name), None)
    if action is None:
        raise Problem(404, _("There is no such action."))
    write.require(spec, instance, call.actor)
    rights.require_action(spec, action, call.actor)
    given = call.body()
    if not action.available(instance):
        raise Problem(409, _("This can no longer be done: the record has changed."))
    operation = call.operation(action.done or action.label)
    body = bodies.of(spec.key, action.name)
    if body is not None:
        body.run(instance, given, operation=operation)
        return
    action.run(instance, operation=operation, **_taken(spec, instance, action, given, call.actor))


def _taken(spec: Spec, instance: Any, action: Action, given: dict[str, Any], actor: Actor) -> dict[str, Any]:
    fields = accepts(spec, action)
    taken: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, raw in given.items():
        try:
            taken[name] = _value(fields.get(name), name, raw, action, actor)
        except ValueError as error:
            errors[name] = [str(error)]
    for name in action.requires:
        if name not in errors and _is_missing(fields[name], taken, instance):
            errors[name] = [_("This field is needed.")]
    if errors:
        raise Invalid(errors)
    return taken


def _value(ref: FieldRef | None, name: str, raw: Any, action: Action, actor: Actor) -> Any:
    if name == "comment" and action.comment:
        return clean_text(str(kinds.LongText.from_json(raw)))
    if ref is None or conditions.is_hidden(ref, actor):
        raise ValueError(_("There is no field “%(field)s”.") % {"field": name})
    value = ref.kind.from_json(raw)
    if ref.target is not None and value not in (None, []):
        wanted = set(value) if isinstance(value, list) else {value}
        if query.visible(ref.target, actor).filter(pk__in=wanted).count() < len(wanted):
            raise ValueError(_("There is no such record, or you may not see it."))
    return value


def _is_missing(ref: FieldRef, taken: dict[str, Any], instance: Any) -> bool:
    value = taken[ref.path] if ref.path in taken else values.json_value(ref, instance)
    return value in (None, "", [])
