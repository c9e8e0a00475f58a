"""The queue of pairs, merging side by side, and taking a merge apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.access.actor import Actor
from clientela.platform.duplicates import choices, grid, merging, queue, tasks, unmerging
from clientela.platform.duplicates.choices import BOTH
from clientela.platform.duplicates.models import Decision, Progress
from clientela.platform.lists.listing import State
from clientela.records import query, save, urlnames
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view, refusal, with_toast
from clientela.ui.render import page

PREFIX = "source-"


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The queue of the first kind of record that the person may merge."""
    kinds = queue.kinds_for(actor_from(request))
    if not kinds:
        return refusal(request, Refused(_("There are no records that you may merge.")))
    return redirect("duplicates_of", kinds[0].plural)


def _require(spec: Spec, actor: Actor) -> None:
    if not merging.may_merge(spec, actor):
        raise Refused(_("You may not merge these records."))


@require_safe
@record_view
def queue_page(request: HttpRequest, spec: Spec) -> HttpResponse:
    """Pairs at the left, the chosen one side by side; `?show=` what was decided, `?pair=` which one."""
    actor = actor_from(request)
    _require(spec, actor)
    show = request.GET.get("show", "")
    show = show if show in Decision.values else str(Decision.OPEN)
    waiting, count = queue.waiting(spec, actor, show)
    chosen = _chosen(request, waiting)
    context: dict[str, Any] = {
        "nav": spec.key,
        "spec": spec,
        "kinds": [(each, queue.rows(each, actor).count(), each is spec) for each in queue.kinds_for(actor)],
        "show": show,
        "shows": _shows(spec, show),
        "waiting": waiting,
        "count": count,
        "more": count - len(waiting),
        "chosen": chosen,
        "progress": Progress.objects.filter(record=spec.key).first(),
        "may_search": actor.is_admin,
        "recent": unmerging.recent(spec, actor),
    }
    if chosen is not None:
        ids = [chosen.pair.first_id, chosen.pair.second_id]
        context |= side_by_side(request, spec, _survivor_first(request, spec, ids, actor), actor)
    return page(request, "duplicates/queue.html", context)


def _shows(spec: Spec, show: str) -> list[dict[str, Any]]:
    base = reverse("duplicates_of", args=[spec.plural])
    return [
        {
            "label": label,
            "href": base if value == Decision.OPEN else f"{base}?show={value}",
            "current": value == show,
        }
        for value, label in Decision.choices
    ]


def _chosen(request: HttpRequest, waiting: Sequence[queue.Waiting]) -> queue.Waiting | None:
    wanted = request.GET.get("pair", "")
    named = next((each for each in waiting if str(each.pair.pk) == wanted), None)
    return named or (waiting[0] if waiting else None)


def _survivor_first(request: HttpRequest, spec: Spec, ids: Sequence[int], actor: Actor) -> list[Any]:
    """The records, the one that stays first: that of `?survivor=`, else the fullest. Raises NotFound."""
    names = [each.name for each in spec.lines]
    rows = query.visible(spec, actor).filter(pk__in=ids).prefetch_related(*names)
    found = choices.fullest(spec, rows)
    if len(found) < len(set(ids)):
        raise NotFound(_("There is no such record, or you may not see it."))
    wanted = request.GET.get("survivor", "")
    return sorted(found, key=lambda each: str(each.pk) != wanted)


def side_by_side(request: HttpRequest, spec: Spec, instances: Sequence[Any], actor: Actor) -> dict[str, Any]:
    """Context of duplicates/_grid.html."""
    here = request.GET.copy()
    columns = []
    for instance in instances:
        here["survivor"] = str(instance.pk)
        title = save.title_of(spec, instance)
        url = urlnames.record_url(spec, instance.pk)
        columns.append((instance.pk, title, url, f"?{here.urlencode()}"))
    return {
        "columns": columns,
        "rows": grid.rows(spec, instances, actor),
        "followers": grid.followers(spec, instances, actor),
        "both": BOTH,
    }


@require_POST
@record_view
def decide(request: HttpRequest, spec: Spec, pair_id: int) -> HttpResponse:
    """POST `decision`: not the same, later, or to be decided again; then the next pair."""
    actor = actor_from(request)
    _require(spec, actor)
    decision = request.POST.get("decision", "")
    if decision not in Decision.values:
        return HttpResponse(
            _("There is no such decision."), status=422, content_type="text/plain; charset=utf-8"
        )
    pair = queue.find(spec, pair_id, actor)
    queue.decide(pair, decision, actor)
    said = {
        Decision.DIFFERENT: _("Kept as two: they will not be offered again."),
        Decision.LATER: _("Left for later."),
        Decision.OPEN: _("Back in the queue."),
    }
    messages.success(request, said[Decision(decision)])
    return redirect("duplicates_of", spec.plural)


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def merge_page(request: HttpRequest, spec: Spec) -> HttpResponse:
    """GET the records of `?ids=` side by side; POST makes one of them."""
    actor = actor_from(request)
    _require(spec, actor)
    if request.method == "POST":
        return _merge(request, spec)
    ids = _ids(request.GET.getlist("ids"))
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return _from_selection(spec, ids)
    if not 2 <= len(ids) <= merging.MOST:
        raise NotFound(_("Choose at least two records."))
    return _merge_form(request, spec, ids, actor, [])


def _from_selection(spec: Spec, ids: Sequence[int]) -> HttpResponse:
    """From the rows chosen in a list to the page, or a word where they are too few or too many."""
    if 2 <= len(ids) <= merging.MOST:
        return HttpResponse(status=204, headers={"HX-Redirect": merge_url(spec, ids)})
    text = _("Choose from 2 to %(n)s records.") % {"n": merging.MOST}
    return with_toast(HttpResponse(status=204), text, tone="danger")


def _merge_form(
    request: HttpRequest, spec: Spec, ids: Sequence[int], actor: Actor, problems: Sequence[str]
) -> HttpResponse:
    instances = _survivor_first(request, spec, ids, actor)
    context = side_by_side(request, spec, instances, actor)
    context |= {"nav": spec.key, "spec": spec, "problems": problems}
    return page(request, "duplicates/merge.html", context, status=422 if problems else 200)


def _ids(texts: Sequence[str]) -> list[int]:
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
    return list(dict.fromkeys(numbers))


def _merge(request: HttpRequest, spec: Spec) -> HttpResponse:
    actor = actor_from(request)
    ids = _ids(request.POST.getlist("ids"))
    survivor = _ids([str(request.POST.get("survivor", ""))])
    if len(ids) < 2 or not set(survivor) <= set(ids) or not survivor:
        raise NotFound(_("Choose at least two records."))
    sources = {
        name.removeprefix(PREFIX): BOTH if value == BOTH else next(iter(_ids([str(value)])), 0)
        for name, value in request.POST.items()
        if name.startswith(PREFIX)
    }
    operation = operation_from(request, _("Merged"))
    others = [pk for pk in ids if pk != survivor[0]]
    try:
        merging.merge(spec, survivor[0], others, operation=operation, sources=sources)
    except Invalid as error:
        return _merge_form(
            request, spec, ids, actor, [text for each in error.errors.values() for text in each]
        )
    n = len(others) + 1
    text = ngettext("%(n)s record merged", "%(n)s records merged into one", n) % {"n": n}
    messages.success(request, text, extra_tags=reverse("undo", args=[operation.id]))
    if request.POST.get("next") == "queue":
        return redirect("duplicates_of", spec.plural)
    return redirect(urlnames.record_url(spec, survivor[0]))


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def unmerge_page(request: HttpRequest, spec: Spec, merge_id: int) -> HttpResponse:
    """GET what came after a merge, with where each shall go; POST takes the merge apart."""
    actor = actor_from(request)
    merge = unmerging.find(spec, merge_id, actor)
    later = unmerging.came_later(merge, actor)
    if request.method == "POST":
        return _unmerge(request, spec, merge, later)
    places = [(merge.survivor_id, merge.title)]
    places += [(each.record_id, each.title) for each in merge.absorbed.order_by("record_id")]
    context = {"nav": spec.key, "spec": spec, "merge": merge, "later": later, "places": places}
    return page(request, "duplicates/unmerge.html", context)


def _unmerge(request: HttpRequest, spec: Spec, merge: Any, later: Sequence[unmerging.Later]) -> HttpResponse:
    """`to-<kind>:<id>` for each, `rest` for those without."""
    named = [(each.name, request.POST.get(f"to-{each.name}", "")) for each in later]
    chosen = unmerging.subjects((name, target) for name, target in named if target)
    rest = next(iter(_ids([request.POST.get("rest", "")])), None)
    operation = operation_from(request, _("Merged"))
    result = unmerging.unmerge(merge, operation=operation, later=chosen, rest=rest)
    n = len(result.ids)
    text = ngettext("%(n)s record is there again", "%(n)s records are there again", n) % {"n": n}
    if result.kept:
        text += ". " + _("Written meanwhile, so kept: %(fields)s") % {"fields": ", ".join(result.kept)}
    messages.success(request, text)
    back = result.ids[0] if result.ids else merge.survivor_id
    return redirect(urlnames.record_url(spec, back))


@require_POST
@record_view
def search_again(request: HttpRequest, spec: Spec) -> HttpResponse:
    """Have the whole kind searched anew by the worker."""
    actor = actor_from(request)
    if not actor.is_admin:
        raise Refused(_("Only administrators may search everything anew."))
    started = tasks.ask(spec.key, whole=True)
    text = _("The search has begun.") if started else _("It is being searched already.")
    messages.success(request, text)
    return redirect("duplicates_of", spec.plural)


def furniture(request: HttpRequest, state: State, actor: Actor) -> dict[str, Any]:
    """What a list offers: its queue, and merging the rows chosen."""
    if not merging.may_merge(state.spec, actor):
        return {}
    plural = state.spec.plural
    return {
        "duplicates_url": reverse("duplicates_of", args=[plural]),
        "merge_url": reverse("duplicates_merge", args=[plural]),
    }


def merge_url(spec: Spec, ids: Sequence[int]) -> str:
    """The page on which these records are merged."""
    return reverse("duplicates_merge", args=[spec.plural]) + "?" + urlencode({"ids": list(ids)}, doseq=True)
