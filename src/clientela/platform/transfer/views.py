"""The import wizard: file, columns with a rehearsal, import with its progress, result; and all imports."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.platform.transfer import services, uploads, wizard
from clientela.platform.transfer.models import ImportJob, SavedMapping, Status, Twins
from clientela.records import registry
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, record_view, refusal
from clientela.ui.render import page

SHOWN = 50
JobView = Callable[[HttpRequest, ImportJob], HttpResponse]


def job_view(view: JobView) -> Callable[[HttpRequest, int], HttpResponse]:
    """Sign-in, the import of the address if it is the person's, and refusals as pages."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, job_id: int) -> HttpResponse:
        try:
            job = services.job_for(job_id, actor_from(request))
            services.require(registry.get(job.record), actor_from(request))
            return view(request, job)
        except (NotFound, KeyError) as error:
            raise Http404 from error
        except Refused as error:
            return refusal(request, error)

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@record_view
def upload(request: HttpRequest, spec: Spec) -> HttpResponse:
    """First step: the file."""
    actor = actor_from(request)
    services.require(spec, actor)
    errors: list[str] = []
    if request.method == "POST":
        given = request.FILES.get("file")
        try:
            address = request.META.get("REMOTE_ADDR", "") or ""
            job = uploads.open_upload(spec, given, actor=actor, address=address)
        except Invalid as error:
            errors = error.errors.get("file", [error.message])
        else:
            return HttpResponseRedirect(reverse("transfer_job", args=[job.pk]))
    earlier = ImportJob.objects.filter(record=spec.key, user_id=actor.user_id or 0)[:5]
    context = {
        "nav": spec.key,
        "spec": spec,
        "errors": errors,
        "earlier": earlier,
        "limit": uploads.MAX_BYTES >> 20,
        "steps": wizard.steps(0, [_("CSV, XLSX, ODS or XLS"), "", ""]),
    }
    return page(request, "transfer/upload.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@job_view
def job_page(request: HttpRequest, job: ImportJob) -> HttpResponse:
    """An import where it stands: its columns, its progress or its result."""
    if job.status == Status.MAPPING:
        return _mapping_page(request, job)
    if request.method == "POST":
        return HttpResponseRedirect(request.path)
    template = "transfer/running.html" if job.is_moving else "transfer/result.html"
    return page(request, template, _context(job, 2))


def _mapping_page(request: HttpRequest, job: ImportJob) -> HttpResponse:
    errors: list[str] = []
    if request.method == "POST":
        try:
            _decide(request, job)
            return HttpResponseRedirect(request.path)
        except Invalid as error:
            errors = [text for texts in error.errors.values() for text in texts]
    actor = actor_from(request)
    spec = registry.get(job.record)
    maps = services.maps_of(job)
    own_words, others_words = wizard.words_to_make(spec, actor)
    context = _context(job, 1) | {
        "own_words": own_words,
        "others_words": others_words,
        "errors": errors,
        "maps": maps,
        "choices": wizard.choices(spec, actor),
        "readings": wizard.readings,
        "recognised": sum(bool(each.target) for each in maps),
        "twins": Twins.choices,
        "by_name": bool(spec.duplicates.name),
        "saved": SavedMapping.objects.filter(record=job.record, user_id=actor.user_id or 0),
        "rehearsed": bool(job.report.get("dry_run")),
    }
    return page(request, "transfer/mapping.html", context, status=422 if errors else 200)


def _decide(request: HttpRequest, job: ImportJob) -> None:
    """The button that was pressed: detect, rows (where the file begins), check (rehearse) or run; any other
    one only keeps the choices."""
    actor = actor_from(request)
    what = request.POST.get("do", "")
    if what == "detect":
        wizard.recognise_again(job, request.POST.get("saved", ""), actor)
        return
    if what == "rows" or wizard.begins_elsewhere(job, request.POST):
        wizard.begin_at(job, request.POST, actor)
        return
    wizard.take(job, request.POST, actor)
    if what in ("check", "run"):
        services.enqueue(job, dry_run=what == "check")


def _context(job: ImportJob, step: int) -> dict[str, Any]:
    spec = registry.get(job.record)
    rows = ngettext("%(count)s row", "%(count)s rows", job.rows_total) % {"count": job.rows_total}
    maps = services.maps_of(job)
    columns = sum(bool(each.target) for each in maps)
    unclear = sum(each.ambiguous for each in maps)
    note = ngettext("%(count)s to confirm", "%(count)s to confirm", unclear) % {"count": unclear}
    used = _("%(count)s of %(all)s used") % {"count": columns, "all": len(maps)}
    return {
        "nav": spec.key,
        "spec": spec,
        "job": job,
        "steps": wizard.steps(
            step, [rows, note if unclear else used, str(job.get_status_display()) if step == 2 else ""]
        ),
        "shares": wizard.shares(job),
        "records_url": wizard.records_url(job),
        "stale": job.is_stale,
        "problems": sorted(job.report.get("reasons", []))[:SHOWN],
        "warnings": job.report.get("warnings", {}),
        "left": job.report.get("left", []),
        "unlike": job.report.get("unlike", []),
        "near": job.report.get("near", {}),
    }


@require_safe
@job_view
def progress(request: HttpRequest, job: ImportJob) -> HttpResponse:
    """The moving part of the page; once it is over, the page itself."""
    if not job.is_moving:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("transfer_job", args=[job.pk])})
    return page(request, "transfer/_progress.html", _context(job, 2))


@require_POST
@job_view
def undo(request: HttpRequest, job: ImportJob) -> HttpResponse:
    """Leave the undoing to the worker."""
    if job.is_over:
        job.address = (request.META.get("REMOTE_ADDR", "") or "")[:45]
        services.enqueue_undo(job, actor_from(request))
    return HttpResponseRedirect(reverse("transfer_job", args=[job.pk]))


@require_POST
@job_view
def go_on(request: HttpRequest, job: ImportJob) -> HttpResponse:
    """Go on with an import that was broken off."""
    if job.status == Status.FAILED or job.is_stale:
        services.enqueue(job)
    return HttpResponseRedirect(reverse("transfer_job", args=[job.pk]))


@require_safe
@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """All imports of the person; everybody's for an administrator."""
    actor = actor_from(request)
    found = ImportJob.objects.select_related("user").defer("mapping", "report")
    if not actor.is_admin:
        found = found.filter(user_id=actor.user_id or 0)
    specs = {spec.key: spec for spec in registry.every()}
    jobs = [(job, specs.get(job.record)) for job in found[:100]]
    return page(request, "transfer/imports.html", {"nav": "imports", "jobs": jobs})
