"""How far one right reaches: the menu of its choices, and the builder of a condition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clientela.access import rules
from clientela.access.rules import ANY, NONE, OWN, TEAM, TEAM_BELOW
from clientela.platform.lists import filters
from clientela.platform.lists import words as list_words
from clientela.platform.rights import draft, offered, reaching, words
from clientela.platform.rights.role_views import role_of
from clientela.platform.settings.views import administrators
from clientela.records import display
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, with_event
from clientela.ui.render import page

BESIDES = (NONE, OWN, TEAM, TEAM_BELOW)
BUILDER = "condition"
NOTHING_SENT = json.dumps(NONE)


@dataclass(frozen=True)
class Choice:
    """A scope to choose. `value`: its JSON; "" opens the builder."""

    level: int
    label: str
    help: str
    value: str
    count: str
    is_current: bool


@require_safe
@administrators
def menu(request: HttpRequest, role_id: int, key: str, verb: str) -> HttpResponse:
    """The choices of a cell; `?value=` is the scope it has. Counts are of one person who has the role."""
    found = role_of(role_id)
    _require(key, verb)
    value = _value(key, verb, request.GET.get("value", ""))
    person = reaching.example(found)
    counted = {} if person is None else _counts(reaching.counts(person, key, verb, value))
    current = words.level_of(value)
    choices = [
        Choice(
            offered.LEVELS.index(level),
            str(words.SCOPE_WORDS[level]),
            str(words.SCOPE_HELP[level]),
            "" if level == offered.CONDITION else json.dumps(level),
            counted.get(level, ""),
            level == current,
        )
        for level in offered.levels_of(key, verb)
    ]
    context = {
        "choices": choices,
        "title": f"{words.VERB_WORDS[verb]}: {words.kind(key)}",
        "person": person if counted else None,
        "builder_url": _builder_url(role_id, key, verb, value),
    }
    return page(request, "rights/_scope_menu.html", context)


def _counts(found: Any) -> dict[str, str]:
    return {level: f"{number}+" if more else str(number) for level, number, more in found}


def _builder_url(role_id: int, key: str, verb: str, value: draft.Value) -> str:
    return reverse("rights_condition", args=[role_id, key, verb]) if key != ANY else ""


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def condition(request: HttpRequest, role_id: int, key: str, verb: str) -> HttpResponse:
    """The condition of a cell, in the builder of lists' filters; applied, it is handed to the grid."""
    role_of(role_id)
    spec = _require(key, verb)
    reader = display.reader_for(actor_from(request))
    given = request.POST if request.method == "POST" else request.GET
    value = _value(key, verb, given.get("value", ""))
    besides, trees = words.parts_of(value)
    if request.method != "POST":
        besides = besides if trees else NONE  # else the condition would take nothing away
        layout = filters.layout_of(spec, _one(trees), reader)
        if not layout.rows:
            filters.edit(layout, "add")
        return _builder(request, role_id, spec, verb, layout, reader, besides)
    besides = given.get("besides", NONE)
    layout = filters.layout_from(spec, request.POST, reader)
    if given.get("do") == "apply":
        tree = filters.condition_from(spec, layout, reader)
        if tree:
            return _chosen(key, verb, tree, besides)
    else:
        filters.edit(layout, given.get("do", ""))
    return _builder(request, role_id, spec, verb, layout, reader, besides)


def _one(trees: list[dict[str, Any]]) -> dict[str, Any]:
    return trees[0] if len(trees) == 1 else {"any": trees} if trees else {}


def _chosen(key: str, verb: str, tree: dict[str, Any], besides: str) -> HttpResponse:
    part = {"condition": tree}
    value = [besides, part] if besides in BESIDES[1:] else part
    chosen = {"name": f"scope-{key}-{verb}", "value": json.dumps(value, ensure_ascii=False)}
    response = with_event(HttpResponse(status=204), "clientela:scope", chosen)
    return with_event(response, "clientela:close")


def _builder(
    request: HttpRequest,
    role_id: int,
    spec: Spec,
    verb: str,
    layout: filters.Layout,
    reader: display.Reader,
    besides: str,
) -> HttpResponse:
    options = {
        row.place: list_words.value_options(row.ref, row.values, reader.actor)
        for row in layout.rows
        if row.ref is not None and row.operand == "choices"
    }
    context = {
        "spec": spec,
        "title": _("%(verb)s by condition: %(kind)s")
        % {"verb": words.VERB_WORDS[verb], "kind": spec.label_plural},
        "address": reverse("rights_condition", args=[role_id, spec.key, verb]),
        "besides": [(word, words.SCOPE_WORDS[word], word == besides) for word in BESIDES],
        "with_besides": bool(spec.access.owner),
        "layout": layout,
        "groups": list_words.field_groups(spec, reader.actor, lambda ref: bool(ref.kind.operators)),
        "options": options,
        "operators": list_words.OPERATORS,
        "periods": list_words.PERIODS,
        "only": "",
        "way": "",
        "state": {"query": str},
    }
    return page(
        request, "rights/condition.html", context, fragment="builder" if request.method == "POST" else None
    )


def _require(key: str, verb: str) -> Spec:
    """The kind, if a role may speak of it and the verb has a reach. Raises Http404."""
    spec = offered.find(key)
    if verb not in offered.SCOPED_VERBS or (spec is None and key != ANY):
        raise Http404
    return spec  # type: ignore[no-any-return]


def _value(key: str, verb: str, text: str) -> draft.Value:
    """A scope as sent, none where none is. Raises SuspiciousOperation for one that cannot be read."""
    try:
        read = rules.parse({"records": {key: {verb: rules.decoded(text or NOTHING_SENT)}}})
    except rules.RulesError as error:
        raise SuspiciousOperation(str(error)) from error
    return draft.value_of(read.named_scope(key, verb) or rules.NOTHING, key, verb)


urlpatterns = [
    path("settings/roles/<int:role_id>/scope/<str:key>/<str:verb>/", menu, name="rights_scope"),
    path("settings/roles/<int:role_id>/condition/<str:key>/<str:verb>/", condition, name="rights_condition"),
]
