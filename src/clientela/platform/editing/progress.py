"""How far a change to very many records is, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clientela.platform.editing import jobs
from clientela.platform.editing.models import BulkJob, BulkStatus
from clientela.records import registry
from clientela.records.errors import NotFound, Refused
from clientela.records.views.base import actor_from, with_event, with_toast
from clientela.ui.render import page, part

TEMPLATE = "editing/bulk_job.html"


def _job(request: HttpRequest, job_id: int) -> BulkJob:
    try:
        return jobs.job_for(job_id, actor_from(request))
    except NotFound as error:
        raise Http404(error.message) from error


def context_of(job: BulkJob) -> dict[str, Any]:
    """What the page of a bulk change shows."""
    return {
        "job": job,
        "spec": registry.get(job.record),
        "stale": job.is_stale,
        "words": words_of(job),
        "conflicts": job.report.get("conflicts", []),
    }


def words_of(job: BulkJob) -> str:
    """What came of it, in words."""
    if job.status == BulkStatus.UNDONE:
        return ngettext("%(n)s change undone", "%(n)s changes undone", job.undone) % {"n": job.undone}
    said = ngettext("%(n)s changed", "%(n)s changed", job.done) % {"n": job.done}
    if job.left:
        said += ", " + ngettext("%(n)s left as it is", "%(n)s left as they are", job.left) % {"n": job.left}
    return said


@require_safe
@login_required
def bulk_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """The page of one; for htmx its panel alone, which asks for itself until it is over."""
    job = _job(request, job_id)
    if request.headers.get("HX-Target") != "bulk-progress":
        return page(request, TEMPLATE, context_of(job) | {"nav": job.record})
    response = HttpResponse(part(request, TEMPLATE, "progress", context_of(job)))
    if job.is_moving:
        return response
    undo_url = reverse("bulk_undo", args=[job.pk]) if job.status == BulkStatus.DONE else ""
    tone = "danger" if job.status == BulkStatus.FAILED else ""
    response = with_toast(response, job.error or words_of(job), undo_url=undo_url, tone=tone)
    return with_event(response, "clientela:refresh")


@require_POST
@login_required
def undo(request: HttpRequest, job_id: int) -> HttpResponse:
    """Leave to the worker to take it back."""
    job = _job(request, job_id)
    try:
        jobs.enqueue_undo(job, actor_from(request))
    except Refused as error:
        return HttpResponse(error.message, status=409, content_type="text/plain; charset=utf-8")
    if request.headers.get("HX-Target") == "bulk-progress":
        job.refresh_from_db()
        return HttpResponse(part(request, TEMPLATE, "progress", context_of(job)))
    return with_toast(HttpResponse(status=204), _("It is being undone. The list shows it when it is ready."))


@require_POST
@login_required
def go_on(request: HttpRequest, job_id: int) -> HttpResponse:
    """Go on with one that was broken off, or that stopped."""
    job = _job(request, job_id)
    if job.status == BulkStatus.FAILED or job.is_stale:
        jobs.enqueue(job)
        job.refresh_from_db()
    return HttpResponse(part(request, TEMPLATE, "progress", context_of(job)))
