"""Why somebody may or may not see a record, and who may: for administrators."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.rights import offered, who, why, words
from clientela.platform.settings.views import administrators, frame
from clientela.records import query, registry, save, urlnames
from clientela.records.errors import NotFound
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from
from clientela.ui.render import page

VERBS = ("see", "change", "delete", "export", "bulk")
PAGE = 25


@require_safe
@administrators
def index(request: HttpRequest) -> HttpResponse:
    """The question and, where person and record are known, its answer. `?record=` is key:id or an address."""
    actor = actor_from(request)
    spec, instance = _record(request, actor)
    person = _person(request.GET.get("person", ""))
    verb = request.GET.get("verb", "see")
    verb = verb if verb in VERBS else "see"
    context: dict[str, Any] = {
        "person": person,
        "verb": verb,
        "verbs": [(each, words.VERB_WORDS[each]) for each in VERBS],
        "kinds": sorted(offered.kinds(), key=lambda each: str(each.label)),
        "spec": spec,
        "instance": instance,
        "title": save.title_of(spec, instance) if instance is not None else "",
        "answer": None,
        "not_found": bool(request.GET.get("record") or request.GET.get("id")) and instance is None,
    }
    if instance is not None:
        context["facts"] = why.facts_of(spec, instance, actor)
        context |= _seers(spec, instance, "")
        if person is not None:
            context["answer"] = why.answer(person, verb, spec, instance, actor)
            context["teams"] = why.teams_of(person)
            context["role_names"] = [role.label for role in person.roles.all()]
    return page(request, "rights/why.html", frame(request, "why") | context)


def _record(request: HttpRequest, actor: Actor) -> tuple[Any, Any]:
    """The kind and the record that are asked about; None for what is not there."""
    kind, number = request.GET.get("kind", ""), request.GET.get("id", "")
    typed = request.GET.get("record", "").strip()
    if typed and not number:
        kind, number = _typed(typed)
    spec = offered.find(kind)
    if spec is None or not number:
        return spec, None
    try:
        return spec, query.get(spec, number, actor)
    except NotFound:
        return spec, None


def _typed(text: str) -> tuple[str, str]:
    """Key and id with a colon between, or the address of its page."""
    if ":" in text and "/" not in text:
        key, _colon, number = text.partition(":")
        return key.strip(), number.strip()
    parts = [part for part in urlsplit(text).path.split("/") if part]
    found = registry.by_plural(parts[0]) if len(parts) > 1 else None
    return (found.key, parts[1]) if found is not None else ("", "")


def _person(text: str) -> User | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return User.objects.filter(pk=number).first()


@require_safe
@administrators
def seers(request: HttpRequest, plural: str, record_id: int) -> HttpResponse:
    """Everybody who may see a record, by pages."""
    spec = registry.by_plural(plural)
    if spec is None or spec not in offered.kinds():
        raise NotFound("")
    instance = query.get(spec, record_id, actor_from(request))
    if spec.visible is not None:
        address = reverse("rights_why")
        return HttpResponseRedirect(f"{address}?kind={spec.key}&id={instance.pk}")
    context = {
        "spec": spec,
        "instance": instance,
        "title": save.title_of(spec, instance),
        "list_url": urlnames.list_url(spec),
        "record_url": urlnames.record_url(spec, instance.pk),
        **_seers(spec, instance, request.GET.get("page", "")),
    }
    return page(request, "rights/seers.html", context)


def _seers(spec: Spec, instance: Any, number: str) -> dict[str, Any]:
    """One page of who sees the record; nothing for kinds that are seen through others."""
    if spec.visible is not None:
        return {"seers": None}
    found = who.who_sees(spec, instance)
    at = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    start = (at - 1) * PAGE
    rows = list(found.people.select_related("team").prefetch_related("roles")[start : start + PAGE + 1])
    return {
        "seers": rows[:PAGE],
        "seers_count": found.people.count(),
        "unsure": found.unsure,
        "previous": at - 1,
        "next": at + 1 if len(rows) > PAGE else 0,
    }


urlpatterns = [
    path("settings/why/", index, name="rights_why"),
    path("<slug:plural>/<int:record_id>/access/", seers, name="record_access"),
]
