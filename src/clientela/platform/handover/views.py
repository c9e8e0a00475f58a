"""The pages of a hand-over: how it would be shared out, how far it is, what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.audit import leaving
from clientela.platform.handover import choosing, planned, planning, running, shown, singly, work
from clientela.platform.handover.models import HandOver, Status
from clientela.platform.handover.planning import Plan, Wish
from clientela.platform.people import lifecycle
from clientela.platform.settings.views import administrators, frame
from clientela.records.errors import Invalid, NotFound, RecordError, Refused
from clientela.records.views.base import actor_from, operation_from, with_event, with_toast
from clientela.ui.render import page, part

P = ParamSpec("P")
RESULT = "handover/result.html"


def plan_of(wish: Wish, actor: Actor) -> Plan:
    """What would be done, with what those who receive have now."""
    return planning.with_loads(planning.make(wish, work.kinds(), actor), actor)


def _leaver(person_id: int) -> User:
    found = User.objects.select_related("team").filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def share_out(request: HttpRequest, person_id: int) -> HttpResponse:
    """GET how it would be; POST does it, if it still would be as the page showed it."""
    leaver, actor = _leaver(person_id), actor_from(request)
    data = request.POST if request.method == "POST" else request.GET
    plan = plan_of(choosing.wish_from(data, leaver), actor)
    problem = ""
    if request.method == "POST":
        if request.POST.get("seen") != plan.fingerprint():
            problem = _("Something changed meanwhile: look at it once more, and confirm again.")
        else:
            try:
                return _begun(request, plan)
            except (Invalid, Refused) as error:
                problem = error.message
    context = (
        frame(request, "people")
        | shown.plan(plan)
        | singly.listed(plan, data.get("open", ""), data.get("find", "")[:100])
        | {
            "leaver": leaver,
            "on": data.get("on", ""),
            "earliest": dt.date.today() + dt.timedelta(days=1),
            "waiting": planned.of_person(leaver),
            "query": data.urlencode(),
            "problem": problem,
            "deactivates": "deactivates" in data if "rule" in data else leaver.pk != actor.user_id,
            "own_self": leaver.pk == actor.user_id,
            "earlier": HandOver.objects.filter(leaver=leaver).select_related("by")[:5],
        }
    )
    return page(request, "handover/share_out.html", context, fragment="body", status=422 if problem else 200)


def _begun(request: HttpRequest, plan: Plan) -> HttpResponse:
    operation = operation_from(request, running.label_of(plan.wish.leaver))
    deactivates, base = "deactivates" in request.POST, request.build_absolute_uri("/")[:200]
    if request.POST.get("on"):
        job = planned.keep(
            plan, choosing.day_from(request.POST), operation=operation, deactivates=deactivates, base=base
        )
        messages.success(request, shown.due_words(job))
    else:
        job = running.begin(plan, operation=operation, deactivates=deactivates, base=base)
    url = reverse("handover_result", args=[job.pk])
    if job.status == Status.DONE:
        messages.success(request, shown.words_of(job))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _job_view(
    view: Callable[Concatenate[HttpRequest, HandOver, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    def found(request: HttpRequest, /, job_id: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        job = HandOver.objects.select_related("leaver", "by").filter(pk=job_id).first()
        if job is None:
            raise Http404
        return view(request, job, *args, **kwargs)

    return administrators(found)


@require_safe
@_job_view
def result(request: HttpRequest, job: HandOver) -> HttpResponse:
    """What came of one; for htmx its panel alone, which asks for itself until it is over."""
    context = frame(request, "people") | shown.result(job, actor_from(request))
    if request.headers.get("HX-Target") == "handover-progress":
        return HttpResponse(part(request, RESULT, "progress", context))
    return page(request, RESULT, context)


@require_POST
@_job_view
def undo(request: HttpRequest, job: HandOver) -> HttpResponse:
    """Take all of it back, or what `receiver` got."""
    actor, given = actor_from(request), request.POST.get("receiver", "")
    receiver = int(given) if choosing.is_id(given) else None
    try:
        if leaving.is_large(job.operation, running.changes_to(job, receiver)):
            running.enqueue_undo(job, actor, receiver)
            said = _("It is being undone.")
        else:
            done = running.take_back(job, actor=actor, receiver=receiver)
            said = ngettext("%(n)s change undone", "%(n)s changes undone", done.undone) % {"n": done.undone}
            if done.conflicts:
                said += ". " + ngettext(
                    "%(n)s record has something newer and stays.",
                    "%(n)s records have something newer and stay.",
                    len(done.conflicts),
                ) % {"n": len(done.conflicts)}
    except (NotFound, RecordError) as error:
        return HttpResponse(error.message, status=409, content_type="text/plain; charset=utf-8")
    job.refresh_from_db()
    context = frame(request, "people") | shown.result(job, actor)
    return with_toast(HttpResponse(part(request, RESULT, "progress", context)), said)


@require_POST
@_job_view
def go_on(request: HttpRequest, job: HandOver) -> HttpResponse:
    """Go on with one that was broken off, or that stopped."""
    if job.status == Status.FAILED or job.is_stale:
        running.enqueue(job)
        job.refresh_from_db()
    context = frame(request, "people") | shown.result(job, actor_from(request))
    return HttpResponse(part(request, RESULT, "progress", context))


@require_POST
@_job_view
def cancel(request: HttpRequest, job: HandOver) -> HttpResponse:
    """One that is planned will not be done. 409 where it has begun meanwhile."""
    actor = actor_from(request)
    try:
        planned.cancel(job, actor=actor)
    except Refused as error:
        return HttpResponse(error.message, status=409, content_type="text/plain; charset=utf-8")
    context = frame(request, "people") | shown.result(job, actor)
    return with_toast(HttpResponse(part(request, RESULT, "progress", context)), _("It will not be done."))


@require_POST
@_job_view
def deactivate(request: HttpRequest, job: HandOver) -> HttpResponse:
    """Now that nothing open is left: the leaver may no longer sign in."""
    operation = operation_from(request, _("%(name)s left") % {"name": job.leaver.name})
    lifecycle.deactivate(job.leaver, operation=operation)
    context = frame(request, "people") | shown.result(job, actor_from(request))
    response = HttpResponse(part(request, RESULT, "progress", context))
    text = _("%(name)s may no longer sign in") % {"name": job.leaver.name}
    return with_event(
        with_toast(response, text, undo_url=reverse("undo", args=[operation.id])), "clientela:refresh"
    )
